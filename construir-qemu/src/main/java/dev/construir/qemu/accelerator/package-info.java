/**
 * What executes a guest's instructions: the host's hardware where a self-test proved it, else QEMU's own translator.
 */
@org.jspecify.annotations.NullMarked
package dev.construir.qemu.accelerator;
