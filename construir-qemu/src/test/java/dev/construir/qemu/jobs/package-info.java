/** Whole jobs on real machines: what the core and the QEMU backend promise together. */
@org.jspecify.annotations.NullMarked
package dev.construir.qemu.jobs;
