/**
 * Copy-on-write layers over base images, in the qcow2 format (docs/interop/qcow2 in QEMU's sources). Nothing here starts a process.
 */
@org.jspecify.annotations.NullMarked
package dev.construir.qemu.overlay;
