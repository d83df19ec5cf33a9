package dev.construir.libvirt;

import dev.construir.backend.HardwareTrial;
import dev.construir.backend.HardwareVerdict;
import dev.construir.backend.MachineScratch;
import dev.construir.libvirt.connection.Connection;
import dev.construir.libvirt.connection.LibvirtCallException;
import dev.construir.libvirt.connection.ReconnectingConnection;
import dev.construir.libvirt.domain.DomainType;
import dev.construir.libvirt.domain.FileOwner;
import dev.construir.machine.Architecture;
import dev.construir.machine.Diagnosis;
import dev.construir.machine.Diagnosis.Finding;
import dev.construir.machine.Diagnosis.Verdict;
import dev.construir.machine.HypervisorException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Finds out which parts of the libvirt backend work. */
record LibvirtDiagnosis(ReconnectingConnection daemon, MachineScratch scratch, DomainTypes types) {
    private static final Duration EMULATION_LIMIT = Duration.ofSeconds(30);

    Diagnosis diagnose() {
        List<Finding> findings = new ArrayList<>();
        try {
            findings.add(works("library", "libvirt " + Connection.libraryVersion()));
            look(findings);
        } catch (LibvirtCallException e) {
            findings.add(missing(
                    findings.isEmpty() ? "library" : "daemon",
                    daemon.uri() + ": " + ConnectFailure.cause(e),
                    ConnectFailure.remedy(daemon.uri(), e)));
        } catch (HypervisorException e) {
            findings.add(missing(
                    "scratch directory", String.valueOf(e.getMessage()), "use another directory, or repair this one"));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            findings.add(missing("diagnosis", "it was interrupted", "try again"));
        } catch (IOException | RuntimeException e) {
            findings.add(missing("diagnosis", "it failed: " + e, "use the backend qemu"));
        }
        return new Diagnosis(LibvirtHypervisor.NAME, findings);
    }

    private void look(List<Finding> findings)
            throws LibvirtCallException, HypervisorException, IOException, InterruptedException {
        Connection connection = daemon.connection();
        LibvirtHost host = LibvirtHost.of(connection);
        findings.add(works("daemon", daemon.uri() + ", libvirt " + host.version()));
        DomainTypeTrial trial = new DomainTypeTrial(daemon, connection, host, scratch.open());
        Architecture guest = architecture();
        // A machine that runs shows that QEMU is there, may reach the files, and can connect to this process.
        HardwareTrial.Result emulated = trial.run(guest, DomainType.QEMU, EMULATION_LIMIT);
        if (!emulated.passed()) {
            findings.add(missing("domain type qemu", emulated.detail(), "as libvirt says; or use the backend qemu"));
            return;
        }
        findings.add(works(
                "scratch directory", scratch.root() + ": a machine has read its disk there, and found its sockets"));
        findings.add(userOfQemu(host));
        HardwareVerdict hardware = types.verdict(guest, trial);
        findings.add(new Finding(
                "domain type kvm",
                hardware.works() ? Verdict.WORKS : Verdict.LIMITED,
                hardware.reason(),
                Optional.of(hardware.remedy()).filter(remedy -> !remedy.isEmpty())));
        findings.add(
                works("domain type qemu", "a guest ran for " + emulated.time().toMillis() + " ms"));
        findings.add(
                connection.reportsGuestEnds()
                        ? works("events", "a reset and a power-off are distinguished")
                        : new Finding(
                                "events",
                                Verdict.LIMITED,
                                "a reset looks like a power-off: libvirt does not pass QEMU's events on",
                                Optional.of("install libvirt0 with libvirt-qemu.so")));
    }

    // The rights to the scratch directory say nothing about the directories of images.
    private Finding userOfQemu(LibvirtHost host) throws IOException {
        if (host.capabilities().labelsFiles()
                || (daemon.isLocal() && "/session".equals(daemon.uri().getPath()))) {
            FileOwner user = FileOwner.of(scratch.root());
            return works(
                    "rights",
                    "QEMU runs as this user (" + user.user() + ":" + user.group()
                            + "), and may read images and job disks wherever this user may");
        }
        return new Finding(
                "rights",
                Verdict.LIMITED,
                "libvirt chooses the user that QEMU runs as (security driver without dac)",
                Optional.of("let that user pass every directory above images and job disks (namei -l FILE shows them;"
                        + " chmod o+x), and read them; or use qemu:///session"));
    }

    private static Finding missing(String what, String detail, String remedy) {
        return new Finding(what, Verdict.MISSING, detail, Optional.of(remedy).filter(text -> !text.isEmpty()));
    }

    private static Architecture architecture() {
        try {
            return Architecture.host();
        } catch (IllegalArgumentException e) {
            return Architecture.X86_64;
        }
    }

    private static Finding works(String what, String detail) {
        return new Finding(what, Verdict.WORKS, detail, Optional.empty());
    }
}
