package dev.construir.command;

import dev.construir.ConstruirException;
import dev.construir.DataSize;
import dev.construir.job.Resources;
import dev.construir.machine.Network;
import dev.construir.machine.Preference;
import dev.construir.machine.Subnet;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options of every command that runs a machine. */
final class MachineOptions {
    @Option(
            names = "--hypervisor",
            paramLabel = "NAME[:URI]",
            description = "What runs the machine: qemu, qemu:PROGRAM, libvirt or libvirt:URI, for example "
                    + "libvirt:qemu:///system; see "
                    + "construir doctor. Default: ${DEFAULT-VALUE}.")
    private String hypervisor = Backends.DEFAULT;

    @Mixin
    private final PluginOption plugins = new PluginOption();

    @Option(
            names = "--accelerator",
            paramLabel = "never|prefer|require",
            description = "Whether hardware virtualisation is used. Default: prefer.")
    private Preference accelerator = Preference.PREFER;

    @Option(names = "--cpus", paramLabel = "N", description = "Virtual processors. Default: ${DEFAULT-VALUE}.")
    private int cpus = Resources.DEFAULT.cpus();

    @Option(
            names = {"-m", "--memory"},
            paramLabel = "SIZE",
            description = "The machine's memory. Default: ${DEFAULT-VALUE}.")
    private DataSize memory = Resources.DEFAULT.memory();

    @Option(
            names = "--network",
            negatable = true,
            fallbackValue = "true",
            description =
                    "Gives the machine outgoing connections, to whatever this host reaches and to services on its "
                            + "loopback "
                            + "(the guest's gateway): only for what is trusted with that. Default: no network at all.")
    private boolean network;

    @Option(
            names = "--network-subnet",
            paramLabel = "NETWORK",
            description = "The same with these addresses for the guest, for example 10.0.2.0/24, which hide whatever "
                    + "else has them. "
                    + "Default: 10.0.2.0/24, or another network if this host has a route into that.")
    private @Nullable Subnet subnet;

    String hypervisor() {
        return hypervisor;
    }

    List<Path> plugins() {
        return plugins.plugins();
    }

    Preference accelerator() {
        return accelerator;
    }

    /** Returns these processors and this memory, with a disk of the default size. */
    Resources resources() throws ConstruirException {
        Resources some = OptionRange.check("--cpus", () -> Resources.DEFAULT.withCpus(cpus));
        return OptionRange.check("--memory", () -> some.withMemory(memory));
    }

    DataSize memory() {
        return memory;
    }

    Network network() {
        if (subnet != null) {
            return Network.outbound(subnet);
        }
        return network ? Network.OUTBOUND : Network.NONE;
    }
}
