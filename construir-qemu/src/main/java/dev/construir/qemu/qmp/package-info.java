/**
 * QMP, the QEMU Machine Protocol (docs/interop/qmp-spec in QEMU's sources): commands, replies and events, one JSON text
 * a line.
 */
@org.jspecify.annotations.NullMarked
package dev.construir.qemu.qmp;
