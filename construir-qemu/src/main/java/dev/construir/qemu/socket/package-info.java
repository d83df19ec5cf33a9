/**
 * The Unix sockets that a machine connects to, and the threads that read and write them.
 */
@org.jspecify.annotations.NullMarked
package dev.construir.qemu.socket;
