/** Patterns of paths with {@code *}, {@code **}, {@code ?} and braces, matched in linear time. */
@org.jspecify.annotations.NullMarked
package dev.construir.glob;
