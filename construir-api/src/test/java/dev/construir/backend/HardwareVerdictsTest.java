package dev.construir.backend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.construir.backend.HardwareTrial.Execution;
import dev.construir.backend.HardwareTrial.Outcome;
import dev.construir.backend.HardwareTrial.Result;
import dev.construir.machine.HypervisorException;
import dev.construir.machine.Preference;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is made of trials; the backends' own tests show how they are run. */
class HardwareVerdictsTest {
    @TempDir
    Path directory;

    private final Queue<Outcome> outcomes = new ArrayDeque<>();
    private final List<String> tried = new ArrayList<>();

    private HardwareVerdicts verdicts() {
        return new HardwareVerdicts(new ProbeCache(directory));
    }

    private HardwareVerdict find(HardwareVerdicts verdicts) throws InterruptedException {
        return verdicts.of("kvm", "key", this::run);
    }

    private Result run(Execution execution, Duration limit) {
        tried.add(execution + " " + limit.toMillis());
        return execution == Execution.EMULATION
                ? new Result(Outcome.PASSED, Duration.ofMillis(200), "")
                : new Result(outcomes.remove(), Duration.ofMillis(90), "it hung");
    }

    @Test
    void of_hardwareThatPasses_worksForThisProcessAndTheNext() throws Exception {
        outcomes.add(Outcome.PASSED);
        HardwareVerdicts verdicts = verdicts();
        HardwareVerdict verdict = find(verdicts);
        assertThat(verdict)
                .isEqualTo(new HardwareVerdict(true, "its self-test passed in 90 ms (by emulation: 200 ms)", ""))
                .isEqualTo(find(verdicts))
                .isEqualTo(find(verdicts()));
        assertThat(tried).containsExactly("EMULATION 30000", "HARDWARE 1000");
        assertThat(verdict.decide(Preference.REQUIRE, "kvm")).isEqualTo(new HardwareDecision(true, verdict.reason()));
    }

    @Test
    void of_hardwareThatFails_doesNotWork() throws Exception {
        outcomes.add(Outcome.FAILED);
        HardwareVerdict verdict = find(verdicts());
        assertThat(verdict.works()).isFalse();
        assertThat(find(verdicts())).isEqualTo(verdict);
        assertThat(verdict.decide(Preference.PREFER, "kvm"))
                .isEqualTo(new HardwareDecision(
                        false,
                        "kvm does not work: its self-test failed, though emulation passes it in 200 ms: it hung"));
        assertThatThrownBy(() -> verdict.decide(Preference.REQUIRE, "kvm"))
                .isInstanceOf(HypervisorException.class)
                .hasMessage("hardware virtualisation is required, and kvm does not work: " + verdict.reason() + "; "
                        + verdict.remedy());
    }

    @Test
    void of_hardwareThatTakesTooLongTwice_isTriedAgainByTheNextProcess() throws Exception {
        outcomes.addAll(List.of(Outcome.TIMED_OUT, Outcome.TIMED_OUT, Outcome.TIMED_OUT, Outcome.PASSED));
        HardwareVerdicts verdicts = verdicts();
        assertThat(find(verdicts).works()).isFalse();
        assertThat(find(verdicts).works()).isFalse();
        assertThat(tried).hasSize(3);
        assertThat(find(verdicts()).works()).isTrue();
        assertThat(tried).hasSize(6);
    }

    @Test
    void of_anotherKeyOrAForgottenVerdict_isTriedAgain() throws Exception {
        outcomes.addAll(List.of(Outcome.PASSED, Outcome.FAILED, Outcome.PASSED));
        HardwareVerdicts verdicts = verdicts();
        assertThat(find(verdicts).works()).isTrue();
        assertThat(verdicts.of("kvm", "another key", this::run).works()).isFalse();
        verdicts.forget("kvm");
        assertThat(verdicts.of("kvm", "another key", this::run).works()).isTrue();
    }

    @Test
    void of_aTrialThatCannotBeRun_isNotRemembered() throws Exception {
        HardwareTrial failing = (execution, limit) -> {
            throw new IOException("no room");
        };
        assertThat(verdicts().of("kvm", "key", failing))
                .isEqualTo(HardwareVerdict.against("its self-test could not be run: no room", ""));
        HardwareTrial broken = (execution, limit) -> new Result(Outcome.FAILED, limit, "no QEMU");
        assertThat(verdicts().of("kvm", "key", broken))
                .isEqualTo(HardwareVerdict.against("its self-test does not even pass without it: no QEMU", ""));
        assertThat(directory).isEmptyDirectory();
    }

    @Test
    void of_anInterruptedTrial_isNoVerdict() {
        HardwareTrial interrupted = (execution, limit) -> {
            throw new InterruptedException("enough");
        };
        assertThatThrownBy(() -> verdicts().of("kvm", "key", interrupted)).isInstanceOf(InterruptedException.class);
        assertThat(directory).isEmptyDirectory();
    }

    @Test
    void afterFailure_saysWhatFailed() {
        assertThat(HardwareDecision.afterFailure("kvm", new HypervisorException("failed to set MSR")))
                .isEqualTo(new HardwareDecision(
                        false, "kvm passed its self-test, and then failed this machine: failed to set MSR"));
    }
}
