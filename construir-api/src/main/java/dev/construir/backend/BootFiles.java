package dev.construir.backend;

import dev.construir.machine.Boot;
import dev.construir.machine.HypervisorException;
import dev.construir.machine.MachineSpec;
import java.io.IOException;

/** The files that a machine boots from, besides its disks. */
public final class BootFiles {
    private BootFiles() {}

    /**
     * Refuses files that nothing would boot from, before anything is made: what hypervisors say of them tells nobody what is wrong.
     *
     * @param spec the machine; nothing is looked at if it boots by its firmware
     * @throws HypervisorException if one of them cannot be used; the message says which, why, and what to do
     * @throws IOException if one of them cannot be read
     */
    public static void check(MachineSpec spec) throws HypervisorException, IOException {
        if (spec.boot() instanceof Boot.Kernel boot) {
            new KernelFile(boot.kernel(), "the kernel").checkKernel(spec.architecture());
            new KernelFile(boot.initrd(), "the initrd").check();
        }
    }
}
