package dev.construir.qemu.accelerator;

import dev.construir.qemu.program.Accelerator;

/**
 * Whether this host's hardware can run a guest.
 *
 * @param accelerator the accelerator that would use it
 * @param works whether it was seen to work
 * @param reason what was tried and what came back
 * @param remedy what to do about it; empty if it works or there is nothing to do
 */
public record HardwareVerdict(Accelerator accelerator, boolean works, String reason, String remedy) {}
