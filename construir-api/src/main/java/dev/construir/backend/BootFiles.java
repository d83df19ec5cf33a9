package dev.construir.backend;

import dev.construir.machine.Architecture;
import dev.construir.machine.Boot;
import dev.construir.machine.HypervisorException;
import dev.construir.machine.MachineSpec;
import dev.construir.text.Reason;
import java.io.IOException;

/**
 * The files that a machine boots from, without its disks.
 *
 * @since 0.1
 */
public final class BootFiles {
    private BootFiles() {}

    /**
     * Refuses files that cannot boot, before anything is made: the messages of hypervisors do not say what is wrong
     * with them.
     *
     * @param spec the machine; nothing is looked at if it boots by its firmware
     * @throws HypervisorException if one of them cannot be used, or there is no firmware to boot by; the message says
     *     why, and what to do
     * @throws InterruptedException if the thread was interrupted
     */
    public static void check(MachineSpec spec) throws HypervisorException, InterruptedException {
        if (spec.boot() instanceof Boot.Checkpoint) {
            throw new HypervisorException("the machine " + spec.name()
                    + " is to go on from a checkpoint, which this backend cannot; use qemu");
        }
        if (spec.boot() instanceof Boot.Firmware && spec.architecture() == Architecture.AARCH64) {
            throw new HypervisorException("the machine " + spec.name()
                    + " cannot boot by firmware: on aarch64 there is none; use an image with a kernel and an initrd");
        }
        try {
            if (spec.boot() instanceof Boot.Kernel boot) {
                new KernelFile(boot.kernel(), "the kernel").checkKernel(spec.architecture());
                new KernelFile(boot.initrd(), "the initrd").check();
            }
        } catch (IOException e) {
            InterruptDetection.check(e);
            throw new HypervisorException("the machine cannot boot: " + Reason.of(e), e);
        }
    }
}
