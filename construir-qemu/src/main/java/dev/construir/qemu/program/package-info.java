/**
 * QEMU's programs on this host: where they are and what they can do.
 */
@org.jspecify.annotations.NullMarked
package dev.construir.qemu.program;
