/** Tests of streams, signals and terminals. */
@org.jspecify.annotations.NullMarked
package dev.construir.terminal;
