package dev.construir.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.construir.job.Limits;
import dev.construir.job.Resources;
import dev.construir.machine.Network;
import dev.construir.run.RunListener;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SandboxOptionsTest {
    @ParameterizedTest
    @ValueSource(strings = {"a", "7", "compile-1", "A-b"})
    void withName_aHostName_isTaken(String name) {
        assertThat(SandboxOptions.DEFAULT.withName(name).name()).isEqualTo(name);
        assertThat(SandboxOptions.DEFAULT.withName("x".repeat(63)).name()).hasSize(63);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "-a", "a b", "a.b", "a_b", "ü", "a\n", "a\0", "../x"})
    void withName_noHostName_isRefused(String name) {
        assertThatThrownBy(() -> SandboxOptions.DEFAULT.withName(name)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> SandboxOptions.DEFAULT.withName("x".repeat(64)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("63");
    }

    @Test
    void with_others_changesOnlyThose() {
        Resources resources = Resources.DEFAULT.withCpus(3);
        Limits limits = Limits.DEFAULT.withTotal(Duration.ofMinutes(1));
        RunListener listener = event -> {};
        SandboxOptions options = SandboxOptions.DEFAULT
                .withResources(resources)
                .withLimits(limits)
                .withNetwork(Network.NONE)
                .withListener(listener);
        assertThat(options).isEqualTo(new SandboxOptions("sandbox", resources, limits, Network.NONE, listener));
    }
}
