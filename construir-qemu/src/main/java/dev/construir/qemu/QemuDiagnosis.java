package dev.construir.qemu;

import dev.construir.backend.HardwareVerdict;
import dev.construir.backend.MachineScratch;
import dev.construir.machine.Architecture;
import dev.construir.machine.Diagnosis;
import dev.construir.machine.Diagnosis.Finding;
import dev.construir.machine.Diagnosis.Verdict;
import dev.construir.machine.HypervisorException;
import dev.construir.qemu.accelerator.Accelerators;
import dev.construir.qemu.process.Launcher;
import dev.construir.qemu.process.OrphanProtection;
import dev.construir.qemu.program.Accelerator;
import dev.construir.qemu.program.ProgramFinder;
import dev.construir.qemu.program.Programs;
import dev.construir.qemu.program.QemuProgram;
import dev.construir.scratch.Scratch;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Finds out which parts of the QEMU backend work on this host. */
record QemuDiagnosis(
        MachineScratch scratch,
        Programs programs,
        Accelerators accelerators,
        OrphanProtectionProbe protectionProbe,
        Launcher launcher) {

    Diagnosis diagnose() {
        List<Finding> findings = new ArrayList<>();
        Scratch directories;
        try {
            directories = scratch.open();
        } catch (HypervisorException e) {
            findings.add(new Finding(
                    "scratch directory",
                    Verdict.MISSING,
                    String.valueOf(e.getMessage()),
                    Optional.of("use another directory, or repair this one")));
            return new Diagnosis("qemu", findings);
        }
        findings.add(works("scratch directory", scratch.root().toString()));
        try {
            look(directories, findings);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            findings.add(new Finding("diagnosis", Verdict.MISSING, "it was interrupted", Optional.empty()));
        } catch (RuntimeException e) {
            findings.add(new Finding("diagnosis", Verdict.MISSING, "it failed: " + e, Optional.empty()));
        }
        return new Diagnosis("qemu", findings);
    }

    private void look(Scratch directories, List<Finding> findings) throws InterruptedException {
        QemuProgram program;
        try {
            program = programs.find(architecture(), launcher, directories);
        } catch (HypervisorException e) {
            findings.add(new Finding(
                    "program",
                    Verdict.MISSING,
                    String.valueOf(e.getMessage()),
                    Optional.of(ProgramFinder.installLine(architecture()))));
            return;
        }
        findings.add(works(
                "program", program.binary() + ", QEMU " + program.capabilities().version()));
        findings.add(
                program.capabilities().sandbox()
                        ? works("sandbox", "QEMU blocks the system calls that no machine needs (seccomp)")
                        : new Finding(
                                "sandbox",
                                Verdict.LIMITED,
                                "this QEMU was built without seccomp",
                                Optional.of("use a build with seccomp, for example Debian's")));
        OrphanProtection protection = protectionProbe.of(program.capabilities(), directories);
        findings.add(works("protection from orphans", protection.kind().description()));
        findings.add(hardware(accelerators.accelerator(), accelerators.verdict(program)));
        findings.add(works("accelerator tcg", "always there"));
        if (programs.areFound()) {
            for (Architecture other : EnumSet.complementOf(EnumSet.of(architecture()))) {
                findings.add(emulation(other, directories));
            }
        }
    }

    // Few hosts need it, so that it is not reported as missing.
    private Finding emulation(Architecture guest, Scratch directories) throws InterruptedException {
        String what = "emulation of " + guest.name().toLowerCase(Locale.ROOT);
        try {
            QemuProgram program = programs.find(guest, launcher, directories);
            return works(
                    what, program.binary() + ", QEMU " + program.capabilities().version());
        } catch (HypervisorException e) {
            return new Finding(
                    what,
                    Verdict.LIMITED,
                    String.valueOf(e.getMessage()),
                    Optional.of(ProgramFinder.installLine(guest)));
        }
    }

    private static Finding hardware(Accelerator accelerator, HardwareVerdict verdict) {
        return new Finding(
                "accelerator " + accelerator.qemuName(),
                verdict.works() ? Verdict.WORKS : Verdict.LIMITED,
                verdict.reason(),
                Optional.of(verdict.remedy()).filter(remedy -> !remedy.isEmpty()));
    }

    private static Finding works(String what, String detail) {
        return new Finding(what, Verdict.WORKS, detail, Optional.empty());
    }

    private static Architecture architecture() {
        try {
            return Architecture.host();
        } catch (IllegalArgumentException e) {
            return Architecture.X86_64;
        }
    }
}
