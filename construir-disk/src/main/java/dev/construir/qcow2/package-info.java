/**
 * Reading QEMU's image format qcow2, versions 2 and 3, as {@code docs/interop/qcow2} in QEMU's sources describes it.
 *
 * <p>An image may be hostile: every field is checked, every offset stands inside the file, memory is bounded, and no
 * other file is ever opened, whatever the image names.
 */
@org.jspecify.annotations.NullMarked
package dev.construir.qcow2;
