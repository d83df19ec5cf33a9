package dev.construir.libvirt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.construir.DataSize;
import dev.construir.ImageFormat;
import dev.construir.backend.ProbeGuest;
import dev.construir.machine.Architecture;
import dev.construir.machine.Boot;
import dev.construir.machine.CacheMode;
import dev.construir.machine.Diagnosis;
import dev.construir.machine.Diagnosis.Finding;
import dev.construir.machine.Diagnosis.Verdict;
import dev.construir.machine.Disk;
import dev.construir.machine.HypervisorException;
import dev.construir.machine.Machine;
import dev.construir.machine.MachineSpec;
import dev.construir.machine.Network;
import dev.construir.machine.Preference;
import dev.construir.testing.LibvirtDaemon;
import dev.construir.testkit.RecordingListener;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The hardware of this host is used exactly where it was seen to run a guest. */
@Timeout(120)
class HardwareIT {
    @TempDir
    Path place;

    @TempDir
    Path scratch;

    @Test
    void whatTheDiagnosisSaysIsWhatMachinesGet() throws Exception {
        try (LibvirtDaemon daemon = LibvirtDaemon.start(place);
                LibvirtHypervisor hypervisor = LibvirtHypervisor.builder()
                        .uri(daemon.uri())
                        .scratch(scratch.resolve("l"))
                        .build()) {
            Diagnosis diagnosis = hypervisor.diagnose();
            assertThat(diagnosis.isUsable()).as(diagnosis.toString()).isTrue();
            Finding kvm = diagnosis.findings().stream()
                    .filter(finding -> finding.what().equals("domain type kvm"))
                    .findAny()
                    .orElseThrow();
            Path disk = scratch.resolve("probe.img");
            ProbeGuest.write(Architecture.X86_64, disk);
            boolean works = kvm.verdict() == Verdict.WORKS;
            if (works) {
                assertRunsOn("kvm", hypervisor, spec(disk, Preference.REQUIRE));
            } else {
                assertThatThrownBy(() -> hypervisor.start(spec(disk, Preference.REQUIRE), new RecordingListener()))
                        .isInstanceOf(HypervisorException.class)
                        .hasMessageContaining(kvm.detail());
            }
            assertRunsOn(works ? "kvm" : "tcg", hypervisor, spec(disk, Preference.PREFER));
            assertRunsOn("tcg", hypervisor, spec(disk, Preference.NEVER));
        }
        try (var left = Files.list(scratch.resolve("l"))) {
            assertThat(left).allMatch(file -> file.toString().endsWith(".properties")); // what is remembered
        }
    }

    private static void assertRunsOn(String accelerator, LibvirtHypervisor hypervisor, MachineSpec spec)
            throws Exception {
        RecordingListener listener = new RecordingListener();
        try (Machine machine = hypervisor.start(spec, listener)) {
            assertThat(machine.info().accelerator()).isEqualTo(accelerator);
            Awaitility.await()
                    .atMost(60, TimeUnit.SECONDS)
                    .until(() -> listener.console().contains(ProbeGuest.WORD));
        }
    }

    private static MachineSpec spec(Path disk, Preference hardware) {
        return new MachineSpec(
                "hardware",
                Architecture.X86_64,
                1,
                DataSize.ofMebibytes(64),
                new Boot.Firmware(),
                List.of(Disk.copyOnWrite(disk, ImageFormat.RAW)),
                Network.NONE,
                hardware,
                Preference.NEVER,
                CacheMode.WRITEBACK);
    }
}
