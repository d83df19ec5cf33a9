/**
 * The QEMU backend: one QEMU process per machine, driven over QMP. Nothing here knows of jobs or of what is on a disk.
 */
@org.jspecify.annotations.NullMarked
package dev.construir.qemu;
