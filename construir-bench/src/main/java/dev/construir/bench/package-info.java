/** The benchmarks: the library beside the bare hypervisor and the native tools, on the same work. Not published. */
@org.jspecify.annotations.NullMarked
package dev.construir.bench;
