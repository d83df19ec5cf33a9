package dev.construir.qemu.commandline;

import com.google.gson.JsonObject;
import dev.construir.machine.Architecture;
import dev.construir.machine.Boot;
import dev.construir.machine.MachineSpec;
import dev.construir.machine.Network;
import dev.construir.network.FreeSubnet;
import dev.construir.qemu.program.Accelerator;
import dev.construir.qemu.program.QemuProgram;
import java.nio.file.Path;
import java.util.List;

/**
 * The command that starts QEMU to run a machine. Values that others choose reach it as JSON or as an argument each, so
 * that none of their characters means anything to QEMU.
 */
public final class MachineCommandLine {
    private MachineCommandLine() {}

    /**
     * Returns the command.
     *
     * @param spec the machine
     * @param program QEMU
     * @param accelerator what executes the guest
     * @param name the process's name: the name of the directory in which it runs
     * @param origin where the machine begins
     * @return the command
     */
    public static List<String> of(
            MachineSpec spec, QemuProgram program, Accelerator accelerator, String name, BootSource origin) {
        QemuArguments arguments = begin(spec, program, accelerator, name);
        addMemory(arguments, spec, origin);
        arguments.add("-S"); // until QMP is ready and the overlays' names are removed
        arguments.add("-action", "panic=shutdown,shutdown=pause"); // until it was asked what the guest used
        if (!(origin
                instanceof
                BootSource.Saved)) { // a machine that is up has no use for its kernel, which takes memory and time
            addBoot(arguments, spec.boot());
        }
        socket(arguments, "qmp", MachineFiles.QMP);
        arguments.add("-mon", "chardev=qmp,mode=control");
        DiskArguments.add(arguments, spec, origin);
        socket(arguments, "console", MachineFiles.CONSOLE);
        addSerialPort(arguments, spec.architecture());
        socket(arguments, "output", MachineFiles.OUTPUT);
        device(arguments, JsonArgument.object("driver", "virtio-serial-pci", "id", "serial"));
        addPort(arguments, "output", MachineSpec.OUTPUT_PORT);
        socket(arguments, "sandbox", MachineFiles.SANDBOX);
        addPort(arguments, "sandbox", MachineSpec.SANDBOX_PORT);
        addRest(arguments, spec);
        if (origin instanceof BootSource.Saved) {
            arguments.add("-incoming", "defer");
        }
        return arguments.toList();
    }

    /**
     * Returns the command that starts such a machine by hand: it needs no file but those of the specification, its
     * console is standard input and output, where Ctrl-A x ends it, and it has no output port, so that a guest prints
     * its job's output on the console.
     *
     * @param spec the machine; relative paths start from the directory QEMU is run in
     * @param program QEMU
     * @param accelerator what executes the guest
     * @return the command
     */
    public static List<String> byHand(MachineSpec spec, QemuProgram program, Accelerator accelerator) {
        QemuArguments arguments = begin(spec, program, accelerator, spec.name());
        arguments.add("-action", "panic=shutdown");
        addBoot(arguments, spec.boot());
        DiskArguments.addByHand(arguments, spec);
        arguments.add("-chardev", "stdio,id=console,mux=on,signal=off"); // Ctrl-C is the guest's
        addSerialPort(arguments, spec.architecture());
        device(
                arguments,
                JsonArgument.object(
                        "driver", "virtio-serial-pci", "id", "serial")); // for the other devices to stay in place
        addRest(arguments, spec);
        return arguments.toList();
    }

    private static QemuArguments begin(MachineSpec spec, QemuProgram program, Accelerator accelerator, String name) {
        return new QemuArguments(program, accelerator)
                .add("-name", name)
                .add("-smp", Integer.toString(spec.cpus()))
                .add("-m", spec.memory().bytes() + "B");
    }

    // Written to by one machine and read by many, as copies: a file's name is not part of what QEMU saves, the object's
    // is.
    private static void addMemory(QemuArguments arguments, MachineSpec spec, BootSource origin) {
        if (origin instanceof BootSource.BootToSave toSave) {
            addMemory(arguments, spec, toSave.memory(), true);
        } else if (origin instanceof BootSource.Saved saved) {
            addMemory(arguments, spec, saved.memory(), saved.sharing() == BootSource.Sharing.SHARED);
        }
    }

    private static void addMemory(QemuArguments arguments, MachineSpec spec, Path file, boolean shared) {
        arguments.add(
                "-object",
                JsonArgument.object(
                                "qom-type",
                                "memory-backend-file",
                                "id",
                                "memory",
                                "size",
                                spec.memory().bytes(),
                                "mem-path",
                                file.toAbsolutePath(),
                                "share",
                                shared)
                        .toString());
        arguments.add("-machine", "memory-backend=memory");
    }

    private static void addBoot(QemuArguments arguments, Boot boot) {
        if (boot instanceof Boot.Kernel kernel) {
            arguments.add("-kernel", kernel.kernel().toAbsolutePath().toString());
            arguments.add("-initrd", kernel.initrd().toAbsolutePath().toString());
            arguments.add("-append", kernel.commandLine());
        }
    }

    private static void addSerialPort(QemuArguments arguments, Architecture architecture) {
        switch (architecture) {
            case X86_64 -> device(arguments, JsonArgument.object("driver", "isa-serial", "chardev", "console"));
            case AARCH64 -> arguments.add("-serial", "chardev:console"); // the board has its port built in
        }
    }

    private static void addPort(QemuArguments arguments, String chardev, String name) {
        device(
                arguments,
                JsonArgument.object("driver", "virtserialport", "bus", "serial.0", "chardev", chardev, "name", name));
    }

    private static void addRest(QemuArguments arguments, MachineSpec spec) {
        arguments.add(
                "-object",
                JsonArgument.object("qom-type", "rng-builtin", "id", "rng").toString());
        device(arguments, JsonArgument.object("driver", "virtio-rng-pci", "rng", "rng"));
        device(arguments, JsonArgument.object("driver", "pvpanic-pci"));
        if (spec.architecture() == Architecture.X86_64) {
            device(
                    arguments,
                    JsonArgument.object("driver", "pvpanic")); // at a fixed port, for guests that know nothing of PCI
        }
        addNetwork(arguments, spec.network());
    }

    private static void addNetwork(QemuArguments arguments, Network network) {
        if (!network.outbound()) {
            arguments.add("-nic", "none");
            return;
        }
        // The guest reaches the host's loopback at the network's second address, and the host's network. QEMU 7.2 has
        // no switch against that
        // alone: restrict=on would take all of the network away.
        arguments.add(
                "-netdev",
                "user,id=net,ipv6=off,restrict=off,net=" + network.subnet().orElse(FreeSubnet.USUAL));
        // No option ROM: it is for booting from the network, and in a separate package.
        device(arguments, JsonArgument.object("driver", "virtio-net-pci", "netdev", "net", "romfile", ""));
    }

    private static void socket(QemuArguments arguments, String id, String path) {
        arguments.add("-chardev", "socket,id=" + id + ",path=" + path);
    }

    private static void device(QemuArguments arguments, JsonObject device) {
        arguments.add("-device", device.toString());
    }
}
