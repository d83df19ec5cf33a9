/** What Linux reports about memory in {@code /proc} (proc(5)). Exported to this project's modules only. */
@org.jspecify.annotations.NullMarked
package dev.construir.procfs;
