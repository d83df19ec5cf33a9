package dev.construir.machine;

import java.util.List;
import java.util.Optional;

/**
 * What runs a machine.
 *
 * @param hypervisor the backend's name, for example {@code qemu}
 * @param version the version that the hypervisor reports
 * @param accelerator what executes the guest's instructions, for example {@code kvm} or {@code tcg}
 * @param acceleratorReason why that one was chosen, as a clause for messages
 * @param warm whether the machine was resumed from a memory snapshot
 * @param whyNotWarm why it was booted although a warm start was wanted; empty where it was not wanted or worked
 * @param commandLine the command line that started it; empty where there is none
 * @since 0.1
 */
public record MachineInfo(
        String hypervisor,
        String version,
        String accelerator,
        String acceleratorReason,
        boolean warm,
        Optional<String> whyNotWarm,
        List<String> commandLine) {
    /**
     * Copies the command line.
     *
     * @param hypervisor see {@link #hypervisor()}
     * @param version see {@link #version()}
     * @param accelerator see {@link #accelerator()}
     * @param acceleratorReason see {@link #acceleratorReason()}
     * @param warm see {@link #warm()}
     * @param whyNotWarm see {@link #whyNotWarm()}
     * @param commandLine see {@link #commandLine()}
     */
    public MachineInfo {
        commandLine = List.copyOf(commandLine);
    }
}
