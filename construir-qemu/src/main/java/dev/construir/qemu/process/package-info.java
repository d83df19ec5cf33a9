/**
 * QEMU's processes: how they are started, watched, ended, and kept from outliving this process. Nothing here knows what
 * they run.
 */
@org.jspecify.annotations.NullMarked
package dev.construir.qemu.process;
