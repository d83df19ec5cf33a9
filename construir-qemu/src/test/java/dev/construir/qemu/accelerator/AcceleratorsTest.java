package dev.construir.qemu.accelerator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.construir.backend.HardwareTrial.Outcome;
import dev.construir.backend.HardwareTrial.Result;
import dev.construir.backend.HardwareVerdict;
import dev.construir.backend.HardwareVerdicts;
import dev.construir.backend.ProbeCache;
import dev.construir.machine.Architecture;
import dev.construir.machine.HypervisorException;
import dev.construir.machine.Preference;
import dev.construir.qemu.program.Accelerator;
import dev.construir.qemu.program.Capabilities;
import dev.construir.qemu.program.QemuProgram;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AcceleratorsTest {
    private static final QemuProgram PROGRAM =
            new QemuProgram(Path.of("/qemu"), "print", new Capabilities(Architecture.X86_64, "7.2.0", true, false));

    @TempDir
    Path directory;

    private final Queue<Outcome> outcomes = new ArrayDeque<>();
    private final List<String> tried = new ArrayList<>();
    private Path device;

    @BeforeEach
    void createDevice() throws IOException {
        device = Files.createFile(directory.resolve("kvm"));
    }

    @Test
    void unwantedHardwareIsNotEvenTried() throws Exception {
        assertThat(accelerators(true).choose(PROGRAM, Preference.NEVER).accelerator())
                .isEqualTo(Accelerator.TCG);
        assertThat(tried).isEmpty();
    }

    @Test
    void hardwareThatPassesIsUsed() throws Exception {
        AcceleratorChoice choice = accelerators(true).choose(PROGRAM, Preference.PREFER);
        assertThat(choice.accelerator()).isEqualTo(Accelerator.KVM);
        assertThat(choice.reason()).isEqualTo("its self-test passed in 90 ms (by emulation: 200 ms)");
        assertThat(tried).containsExactly("TCG within 30000 ms", "KVM within 1000 ms");
    }

    @Test
    void hardwareThatFailsIsNotUsedAndTheReasonIsTold() throws Exception {
        AcceleratorChoice choice = accelerators(false).choose(PROGRAM, Preference.PREFER);
        assertThat(choice.accelerator()).isEqualTo(Accelerator.TCG);
        assertThat(choice.reason())
                .isEqualTo("kvm does not work: its self-test failed, though emulation passes it in 200 ms: it hung");
    }

    @Test
    void requiredHardwareThatFailsIsAnError() {
        assertThatThrownBy(() -> accelerators(false).choose(PROGRAM, Preference.REQUIRE))
                .isInstanceOf(HypervisorException.class)
                .hasMessageContaining("kvm does not work: its self-test failed")
                .hasMessageContaining("use a host whose hardware virtualisation works");
    }

    @Test
    void aTrialIsRememberedByThisProcessAndTheNext() throws Exception {
        Accelerators first = accelerators(true);
        first.choose(PROGRAM, Preference.PREFER);
        first.choose(PROGRAM, Preference.PREFER);
        assertThat(tried).hasSize(2);
        AcceleratorChoice choice = accelerators(false).choose(PROGRAM, Preference.PREFER);
        assertThat(choice.accelerator()).isEqualTo(Accelerator.KVM);
        assertThat(tried).hasSize(2);
    }

    @Test
    void aChangedQemuOrDeviceIsTriedAnew() throws Exception {
        accelerators(true).choose(PROGRAM, Preference.PREFER);
        QemuProgram newer = new QemuProgram(PROGRAM.binary(), "another print", PROGRAM.capabilities());
        assertThat(accelerators(false).choose(newer, Preference.PREFER).accelerator())
                .isEqualTo(Accelerator.TCG);
        Files.setPosixFilePermissions(device, PosixFilePermissions.fromString("rw------x"));
        accelerators(true).choose(newer, Preference.PREFER);
        assertThat(tried).hasSize(6);
    }

    @Test
    void aMissingDeviceIsTold() throws Exception {
        Files.delete(device);
        HardwareVerdict verdict = accelerators(true).verdict(PROGRAM);
        assertThat(verdict.works()).isFalse();
        assertThat(verdict.reason()).isEqualTo(device + " does not exist");
        assertThat(verdict.remedy()).contains("modprobe");
        assertThat(tried).isEmpty();
    }

    @Test
    void aGuestOfAnotherArchitectureIsTranslated() throws Exception {
        QemuProgram arm = new QemuProgram(
                Path.of("/qemu"), "print", new Capabilities(Architecture.AARCH64, "7.2.0", true, false));
        AcceleratorChoice choice = accelerators(true).choose(arm, Preference.PREFER);
        assertThat(choice.accelerator()).isEqualTo(Accelerator.TCG);
        assertThat(choice.reason()).contains("a guest for aarch64 cannot use this host's hardware, which is x86_64");
    }

    @Test
    void aTrialThatTakesTooLongIsRepeated() throws Exception {
        outcomes.addAll(List.of(Outcome.TIMED_OUT, Outcome.PASSED));
        assertThat(accelerators(true).choose(PROGRAM, Preference.PREFER).accelerator())
                .isEqualTo(Accelerator.KVM);
        assertThat(tried).containsExactly("TCG within 30000 ms", "KVM within 1000 ms", "KVM within 1000 ms");
    }

    @Test
    void aTrialThatTakesTooLongAgainIsBelievedByThisProcessOnly() throws Exception {
        outcomes.addAll(List.of(Outcome.TIMED_OUT, Outcome.TIMED_OUT));
        Accelerators first = accelerators(true);
        assertThat(first.choose(PROGRAM, Preference.PREFER).accelerator()).isEqualTo(Accelerator.TCG);
        assertThat(first.choose(PROGRAM, Preference.PREFER).accelerator()).isEqualTo(Accelerator.TCG);
        assertThat(tried).hasSize(3);
        assertThat(accelerators(true).choose(PROGRAM, Preference.PREFER).accelerator())
                .isEqualTo(Accelerator.KVM);
    }

    @Test
    void whatIsForgottenIsTriedAnew() throws Exception {
        Accelerators accelerators = accelerators(true);
        accelerators.choose(PROGRAM, Preference.PREFER);
        accelerators.forget(PROGRAM);
        outcomes.add(Outcome.FAILED);
        assertThat(accelerators.choose(PROGRAM, Preference.PREFER).accelerator())
                .isEqualTo(Accelerator.TCG);
        assertThat(tried).hasSize(4);
    }

    private Accelerators accelerators(boolean passes) {
        Outcome usual = passes ? Outcome.PASSED : Outcome.FAILED;
        AcceleratorTrial trial = (program, accelerator, limit) -> {
            tried.add(accelerator + " within " + limit.toMillis() + " ms");
            return accelerator == Accelerator.TCG
                    ? new Result(Outcome.PASSED, Duration.ofMillis(200), "")
                    : new Result(outcomes.isEmpty() ? usual : outcomes.remove(), Duration.ofMillis(90), "it hung");
        };
        Hardware hardware = new Hardware(Accelerator.KVM, Optional.of(Architecture.X86_64), Optional.of(device));
        return new Accelerators(hardware, trial, new HardwareVerdicts(new ProbeCache(directory.resolve("facts"))));
    }
}
