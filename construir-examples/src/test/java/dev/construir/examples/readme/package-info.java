/** The README's samples, compiled. */
@org.jspecify.annotations.NullMarked
package dev.construir.examples.readme;
