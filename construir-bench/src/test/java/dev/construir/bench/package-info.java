/** Tests of the benchmarks with next to nothing to measure. */
@org.jspecify.annotations.NullMarked
package dev.construir.bench;
