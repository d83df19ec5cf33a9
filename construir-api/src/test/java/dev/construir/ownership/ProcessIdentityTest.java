package dev.construir.ownership;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProcessIdentityTest {
    @Test
    void knowsThisProcess() {
        ProcessIdentity self = ProcessIdentity.current();
        assertThat(self.pid()).isEqualTo(ProcessHandle.current().pid());
        assertThat(self.isAlive()).isTrue();
        assertThat(ProcessIdentity.parse(self.toString())).contains(self);
    }

    @Test
    void anotherProcessOfTheSameNumberIsNotThisOne() {
        ProcessIdentity self = ProcessIdentity.current();
        assertThat(new ProcessIdentity(self.pid(), self.start() + 1).isAlive()).isFalse();
    }

    @Test
    void knowsWhenAProcessIsGone() throws Exception {
        Process process = new ProcessBuilder("cat").start();
        ProcessIdentity identity = ProcessIdentity.of(process.pid()).orElseThrow();
        assertThat(identity.isAlive()).isTrue();
        process.destroyForcibly().waitFor();
        assertThat(identity.isAlive()).isFalse();
    }

    @Test
    void readsAwkwardNames() {
        String tail = " S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 4711 20";
        assertThat(ProcessIdentity.fromStat(42, "42 (a) b (c)" + tail)).contains(new ProcessIdentity(42, 4711));
        assertThat(ProcessIdentity.fromStat(42, "42 (a)" + tail.replace(" S ", " Z ")))
                .isEmpty();
        assertThat(ProcessIdentity.fromStat(42, "42 (a) S 1")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "1", "1-", "-1", "1-2-3", "a-b", "1-99999999999999999999"})
    void refusesWhatIsNoIdentity(String text) {
        assertThat(ProcessIdentity.parse(text)).isEmpty();
    }
}
