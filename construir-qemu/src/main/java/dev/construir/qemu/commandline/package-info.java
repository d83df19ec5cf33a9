/**
 * The arguments that QEMU is started with, as pure functions of what is wanted.
 */
@org.jspecify.annotations.NullMarked
package dev.construir.qemu.commandline;
