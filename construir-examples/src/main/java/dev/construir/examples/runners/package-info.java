/** Runners as callers write them, each a short file on the library's public interfaces. */
@org.jspecify.annotations.NullMarked
package dev.construir.examples.runners;
