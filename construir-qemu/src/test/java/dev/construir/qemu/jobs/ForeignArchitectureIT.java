package dev.construir.qemu.jobs;

import static dev.construir.qemu.jobs.RealMachines.script;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.construir.image.RootImage;
import dev.construir.machine.Architecture;
import dev.construir.machine.Diagnosis;
import dev.construir.machine.Hypervisor;
import dev.construir.machine.HypervisorException;
import dev.construir.machine.Preference;
import dev.construir.run.JobResult;
import dev.construir.run.Outcome;
import dev.construir.run.Runner;
import dev.construir.testing.TestImages;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Jobs on 64-bit Arm, which hosts of the tests emulate. */
@Timeout(300)
class ForeignArchitectureIT {
    @TempDir
    static Path scratch;

    @SuppressWarnings("NullAway.Init")
    private static RootImage arm;

    @BeforeAll
    static void find() throws Exception {
        arm = RootImage.in(TestImages.find("tiny-arm64"));
        assertThat(arm.architecture()).isEqualTo(Architecture.AARCH64).isNotEqualTo(Architecture.host());
    }

    @Test
    void aBootedMachineHasTheImagesProcessorAndNeverTheHostsHardware() throws Exception {
        try (Runner runner = RealMachines.builder(arm, scratch)
                        .hardwareAcceleration(Preference.PREFER)
                        .build();
                JobResult result = runner.run(script("uname -m; echo made >made; kill -9 $$"))) {
            assertThat(result.outcome()).as(result.console().text()).isEqualTo(new Outcome.Signalled(9));
            assertThat(result.output().text()).isEqualTo("aarch64\n");
            assertThat(result.files().find("/made").orElseThrow().size()).isEqualTo(5);
            assertThat(result.machine().orElseThrow().accelerator()).isEqualTo("tcg");
            assertThat(result.machine().orElseThrow().acceleratorReason())
                    .contains("a guest for aarch64 cannot use this host's hardware");
        }
        try (Runner runner = RealMachines.builder(arm, scratch)
                .hardwareAcceleration(Preference.REQUIRE)
                .build()) {
            assertThatThrownBy(() -> runner.run(script("true")))
                    .isInstanceOf(HypervisorException.class)
                    .hasMessageContaining("a guest for aarch64 cannot use this host's hardware");
        }
    }

    @Test
    void isToldByTheDiagnosis() throws Exception {
        try (Hypervisor hypervisor = RealMachines.hypervisor(scratch)) {
            assertThat(hypervisor.diagnose().findings())
                    .filteredOn(finding -> finding.what().equals("emulation of aarch64"))
                    .singleElement()
                    .satisfies(
                            finding -> assertThat(finding.verdict()).isEqualTo(Diagnosis.Verdict.WORKS),
                            finding -> assertThat(finding.detail()).contains("qemu-system-aarch64"));
        }
    }

    @Test
    void resumedMachinesHaveTheirOwnRandomnessAndTheRightTime() throws Exception {
        try (Runner runner =
                RealMachines.builder(arm, scratch).warmStart(Preference.REQUIRE).build()) {
            List<String> first = resumed(runner);
            Instant saved = saved();
            await().until(() -> Instant.now().isAfter(saved.plusSeconds(3))); // the image has to age a little
            Instant before = Instant.now();
            List<String> second = resumed(runner);
            Instant after = Instant.now();
            assertThat(saved()).isEqualTo(saved);
            assertThat(second).hasSize(4).startsWith("aarch64").doesNotContainAnyElementsOf(first.subList(1, 3));
            assertThat(Instant.ofEpochSecond(Long.parseLong(second.get(3))))
                    .isBetween(before.minus(Duration.ofSeconds(2)), after.plus(Duration.ofSeconds(1)));
        }
        assertThat(RealMachines.machines()).isEmpty();
    }

    private static List<String> resumed(Runner runner) throws Exception {
        String shell = "uname -m; head -c 32 /dev/urandom | od -An -v -tx1 | tr -d ' \\n'; echo;"
                + " cat /proc/sys/kernel/random/boot_id; date +%s";
        try (JobResult result = runner.run(script(shell))) {
            assertThat(result.outcome()).as(result.console().text()).isEqualTo(new Outcome.Exited(0));
            assertThat(result.machine().orElseThrow().warm()).isTrue();
            return result.output().text().lines().toList();
        }
    }

    private static Instant saved() throws Exception {
        try (Stream<Path> images = Files.list(scratch.resolve("qemu/memory-snapshots"))) {
            List<Path> states = images.map(image -> image.resolve("state"))
                    .filter(Files::exists)
                    .toList();
            assertThat(states).hasSize(1);
            FileTime time = Files.getLastModifiedTime(states.get(0));
            return time.toInstant();
        }
    }
}
