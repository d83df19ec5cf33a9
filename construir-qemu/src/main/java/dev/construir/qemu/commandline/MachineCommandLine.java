package dev.construir.qemu.commandline;

import com.google.gson.JsonObject;
import dev.construir.backend.FreeSubnet;
import dev.construir.machine.Architecture;
import dev.construir.machine.Boot;
import dev.construir.machine.MachineSpec;
import dev.construir.machine.Network;
import dev.construir.qemu.program.Accelerator;
import dev.construir.qemu.program.QemuProgram;
import java.nio.file.Path;
import java.util.List;

/**
 * The words QEMU is started with to run a machine. Values that others choose reach it as JSON or as a word of their own, so that none
 * of their characters means anything to QEMU.
 */
public final class MachineCommandLine {
    private MachineCommandLine() {}

    /**
     * Returns the words.
     *
     * @param spec the machine
     * @param program QEMU
     * @param accelerator what executes the guest
     * @param name the process's name: the name of the directory in which it runs
     * @param origin where the machine begins
     * @return the words
     */
    public static List<String> of(
            MachineSpec spec, QemuProgram program, Accelerator accelerator, String name, Origin origin) {
        Words words = begin(spec, program, accelerator, name);
        addMemory(words, spec, origin);
        words.add("-S"); // until QMP is ready and the overlays' names are removed
        words.add("-action", "panic=shutdown,shutdown=pause"); // until it was asked what the guest used
        if (!(origin
                instanceof
                Origin.Saved)) { // a machine that is up has no use for its kernel, which takes memory and time
            addBoot(words, spec.boot());
        }
        socket(words, "qmp", MachineFiles.QMP);
        words.add("-mon", "chardev=qmp,mode=control");
        DiskWords.add(words, spec, origin);
        socket(words, "console", MachineFiles.CONSOLE);
        addSerialPort(words, spec.architecture());
        socket(words, "output", MachineFiles.OUTPUT);
        device(words, Json.object("driver", "virtio-serial-pci", "id", "serial"));
        addOutputPort(words);
        addRest(words, spec);
        if (origin instanceof Origin.Saved) {
            words.add("-incoming", "defer");
        }
        return words.toList();
    }

    /**
     * Returns the words that start such a machine by hand: it needs no file but those of the specification, its console is standard
     * input and output, where Ctrl-A x ends it, and it has no output port, so that a guest prints its job's output on the console.
     *
     * @param spec the machine; relative paths start from the directory QEMU is run in
     * @param program QEMU
     * @param accelerator what executes the guest
     * @return the words
     */
    public static List<String> byHand(MachineSpec spec, QemuProgram program, Accelerator accelerator) {
        Words words = begin(spec, program, accelerator, spec.name());
        words.add("-action", "panic=shutdown");
        addBoot(words, spec.boot());
        DiskWords.addByHand(words, spec);
        words.add("-chardev", "stdio,id=console,mux=on,signal=off"); // Ctrl-C is the guest's
        addSerialPort(words, spec.architecture());
        device(
                words,
                Json.object("driver", "virtio-serial-pci", "id", "serial")); // for the other devices to stay in place
        addRest(words, spec);
        return words.toList();
    }

    private static Words begin(MachineSpec spec, QemuProgram program, Accelerator accelerator, String name) {
        return new Words(program, accelerator)
                .add("-name", name)
                .add("-smp", Integer.toString(spec.cpus()))
                .add("-m", spec.memory().bytes() + "B");
    }

    // Written to by one machine and read by many, as copies: a file's name is not part of what QEMU saves, the object's
    // is.
    private static void addMemory(Words words, MachineSpec spec, Origin origin) {
        if (origin instanceof Origin.BootToSave toSave) {
            addMemory(words, spec, toSave.memory(), true);
        } else if (origin instanceof Origin.Saved saved) {
            addMemory(words, spec, saved.memory(), false);
        }
    }

    private static void addMemory(Words words, MachineSpec spec, Path file, boolean shared) {
        words.add(
                "-object",
                Json.object(
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
        words.add("-machine", "memory-backend=memory");
    }

    private static void addBoot(Words words, Boot boot) {
        if (boot instanceof Boot.Kernel kernel) {
            words.add("-kernel", kernel.kernel().toAbsolutePath().toString());
            words.add("-initrd", kernel.initrd().toAbsolutePath().toString());
            words.add("-append", kernel.commandLine());
        }
    }

    private static void addSerialPort(Words words, Architecture architecture) {
        switch (architecture) {
            case X86_64 -> device(words, Json.object("driver", "isa-serial", "chardev", "console"));
            case AARCH64 -> words.add("-serial", "chardev:console"); // the board has its port built in
        }
    }

    private static void addOutputPort(Words words) {
        device(
                words,
                Json.object(
                        "driver",
                        "virtserialport",
                        "bus",
                        "serial.0",
                        "chardev",
                        "output",
                        "name",
                        MachineSpec.OUTPUT_PORT));
    }

    private static void addRest(Words words, MachineSpec spec) {
        words.add("-object", Json.object("qom-type", "rng-builtin", "id", "rng").toString());
        device(words, Json.object("driver", "virtio-rng-pci", "rng", "rng"));
        device(words, Json.object("driver", "pvpanic-pci"));
        if (spec.architecture() == Architecture.X86_64) {
            device(words, Json.object("driver", "pvpanic")); // at a fixed port, for guests that know nothing of PCI
        }
        addNetwork(words, spec.network());
    }

    private static void addNetwork(Words words, Network network) {
        if (!network.outbound()) {
            words.add("-nic", "none");
            return;
        }
        // The guest reaches the host's loopback at the network's second address, and the host's network. QEMU 7.2 has
        // no switch against that
        // alone: restrict=on would take all of the network away.
        words.add(
                "-netdev",
                "user,id=net,ipv6=off,restrict=off,net=" + network.subnet().orElse(FreeSubnet.USUAL));
        // No option ROM: it is for booting from the network, and in a package of its own.
        device(words, Json.object("driver", "virtio-net-pci", "netdev", "net", "romfile", ""));
    }

    private static void socket(Words words, String id, String path) {
        words.add("-chardev", "socket,id=" + id + ",path=" + path);
    }

    private static void device(Words words, JsonObject device) {
        words.add("-device", device.toString());
    }
}
