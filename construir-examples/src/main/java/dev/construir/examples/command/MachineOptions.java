package dev.construir.examples.command;

import dev.construir.DataSize;
import dev.construir.job.Resources;
import dev.construir.machine.Network;
import dev.construir.machine.Policy;
import picocli.CommandLine.Option;

/** The options of every command that runs a machine. */
final class MachineOptions {
    @Option(
            names = "--hypervisor",
            paramLabel = "NAME[:URI]",
            description =
                    "What runs the machine: qemu, qemu:PROGRAM, libvirt or libvirt:URI, for example libvirt:qemu:///system; see "
                            + "construir doctor. Default: ${DEFAULT-VALUE}.")
    private String hypervisor = Backends.DEFAULT;

    @Option(
            names = "--accelerator",
            paramLabel = "never|prefer|require",
            description = "Whether hardware virtualisation is used. Default: prefer.")
    private Policy accelerator = Policy.PREFER;

    @Option(names = "--cpus", paramLabel = "N", description = "Virtual processors. Default: ${DEFAULT-VALUE}.")
    private int cpus = Resources.DEFAULT.cpus();

    @Option(names = "--memory", paramLabel = "SIZE", description = "The machine's memory. Default: ${DEFAULT-VALUE}.")
    private DataSize memory = Resources.DEFAULT.memory();

    @Option(
            names = "--network",
            description =
                    "Gives the machine outgoing connections, to whatever this host reaches and to services on its loopback "
                            + "(10.0.2.2): only for what is trusted with that. Default: no network at all.")
    private boolean network;

    String hypervisor() {
        return hypervisor;
    }

    Policy accelerator() {
        return accelerator;
    }

    int cpus() {
        return cpus;
    }

    DataSize memory() {
        return memory;
    }

    Network network() {
        return network ? Network.OUTBOUND : Network.NONE;
    }
}
