/** The runners, compiled and run. */
@org.jspecify.annotations.NullMarked
package dev.construir.examples.runners;
