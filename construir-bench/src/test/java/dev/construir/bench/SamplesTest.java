package dev.construir.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class SamplesTest {
    @Test
    void knowsMediansAndQuantiles() {
        Samples samples = Samples.of(List.of(5.0, 1.0, 4.0, 2.0, 3.0, 6.0, 7.0, 8.0, 9.0, 10.0));
        assertThat(samples.median()).isEqualTo(5.5);
        assertThat(samples.quantile(0.9)).isEqualTo(9);
        assertThat(samples.quantile(0)).isEqualTo(1);
        assertThat(samples.quantile(1)).isEqualTo(10);
        assertThat(Samples.of(List.of(3.0, 1.0, 2.0)).median()).isEqualTo(2);
        assertThat(Samples.of(List.of()).median()).isNaN();
    }
}
