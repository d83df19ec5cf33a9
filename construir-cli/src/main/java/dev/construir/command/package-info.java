/**
 * The {@code construir} command: runs jobs, packs and reads job disks, and diagnoses this host. A thin runner
 * on the library's public interfaces; only {@link dev.construir.command.Program} touches the process itself.
 */
@org.jspecify.annotations.NullMarked
package dev.construir.command;
