package dev.construir.qemu.commandline;

import dev.construir.machine.Architecture;
import dev.construir.qemu.program.Accelerator;
import dev.construir.qemu.program.QemuProgram;
import java.util.ArrayList;
import java.util.List;

/** The arguments that every QEMU here is started with, and a way to add to them. */
final class QemuArguments {
    private static final String SANDBOX = "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny";

    private final List<String> arguments = new ArrayList<>();

    QemuArguments(QemuProgram program, Accelerator accelerator) {
        add(program.binary().toString());
        add("-nodefaults").add("-no-user-config").add("-display", "none").add("-no-reboot");
        if (program.capabilities().sandbox()) {
            add("-sandbox", SANDBOX);
        }
        Architecture architecture = program.capabilities().architecture();
        add("-machine", architecture == Architecture.X86_64 ? "q35" : "virt");
        add("-accel", accelerator == Accelerator.TCG ? "tcg,thread=multi" : accelerator.qemuName());
        add("-cpu", cpu(architecture, accelerator));
    }

    QemuArguments add(String... more) {
        arguments.addAll(List.of(more));
        return this;
    }

    List<String> toList() {
        return List.copyOf(arguments);
    }

    // Translated, a processor of few features boots faster than "max": a Linux kernel by a seventh on x86 and by two
    // thirds on Arm.
    private static String cpu(Architecture architecture, Accelerator accelerator) {
        if (accelerator != Accelerator.TCG) {
            return "host";
        }
        return switch (architecture) {
            case X86_64 -> "Nehalem,+rdrand";
            case AARCH64 -> "cortex-a57";
        };
    }
}
