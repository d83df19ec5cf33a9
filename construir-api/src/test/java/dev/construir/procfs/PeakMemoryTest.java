package dev.construir.procfs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.construir.DataSize;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PeakMemoryTest {
    @Test
    void neverShrinks() {
        Optional<DataSize> small = Optional.of(DataSize.ofMebibytes(1));
        Optional<DataSize> large = Optional.of(DataSize.ofMebibytes(2));
        assertThat(PeakMemory.larger(small, large)).isEqualTo(large);
        assertThat(PeakMemory.larger(large, small)).isEqualTo(large);
        assertThat(PeakMemory.larger(large, Optional.empty())).isEqualTo(large);
        assertThat(PeakMemory.larger(Optional.empty(), small)).isEqualTo(small);
    }

    @Test
    void isTheLineOfThePeak() {
        String status = "Name:\tVmHWM: 7 kB\nVmPeak:\t  999 kB\nVmHWM:\t  215040 kB\nVmRSS:\t  100 kB\n";
        assertThat(PeakMemory.fromStatus(status)).contains(DataSize.ofMebibytes(210));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "Name:\tcat\n", "VmHWM:\t-1 kB\n", "VmHWM:\t1 MB\n", "VmHWM:\t9999999999999999 kB\n"})
    void isUnknownWhereThereIsNone(String status) {
        assertThat(PeakMemory.fromStatus(status)).isEmpty();
    }

    @Test
    void ofAProcessThatIsGoneIsUnknown() {
        assertThat(PeakMemory.of(Integer.MAX_VALUE)).isEmpty();
    }
}
