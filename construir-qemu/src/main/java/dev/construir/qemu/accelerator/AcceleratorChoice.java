package dev.construir.qemu.accelerator;

import dev.construir.qemu.program.Accelerator;

/**
 * The accelerator a machine gets.
 *
 * @param accelerator the accelerator
 * @param reason why that one, as text
 */
public record AcceleratorChoice(Accelerator accelerator, String reason) {}
