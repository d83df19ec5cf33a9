package dev.construir.qemu.program;

import java.nio.file.Path;

/**
 * A QEMU program of this host.
 *
 * @param binary its absolute path
 * @param fingerprint changes when the program does
 * @param capabilities what it can do
 */
public record QemuProgram(Path binary, String fingerprint, Capabilities capabilities) {}
