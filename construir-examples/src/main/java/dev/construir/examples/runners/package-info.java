/** Runners as people write them: each a file of at most 30 lines on the library's public interfaces. */
@org.jspecify.annotations.NullMarked
package dev.construir.examples.runners;
