package dev.construir.qemu.program;

import java.util.Locale;

/** What executes a guest's instructions. */
public enum Accelerator {
    /** QEMU's translator: works everywhere, and slowly. */
    TCG,
    /** Linux's kernel-based virtual machine. */
    KVM,
    /** macOS's hypervisor framework. */
    HVF;

    /**
     * Returns the name QEMU gives it.
     *
     * @return the name in lower case
     */
    public String qemuName() {
        return name().toLowerCase(Locale.ROOT);
    }
}
