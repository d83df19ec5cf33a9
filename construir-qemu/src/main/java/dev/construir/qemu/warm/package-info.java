/**
 * Memory snapshots: machines that were saved once they were up, from which others are resumed. What an image is of,
 * where images are kept, and who may use or replace one when. Nothing here starts a machine.
 */
@org.jspecify.annotations.NullMarked
package dev.construir.qemu.warm;
