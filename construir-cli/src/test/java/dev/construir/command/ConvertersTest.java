package dev.construir.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.construir.job.Limits;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.TypeConversionException;

class ConvertersTest {
    @ParameterizedTest
    @CsvSource({"2h,7200000", "90s,90000", "1h30m,5400000", "500ms,500", "1d,86400000", "5M30S,330000", "1s1ms,1001"})
    void readsDurations(String text, long millis) {
        assertThat(Converters.duration(text)).isEqualTo(Duration.ofMillis(millis));
    }

    @Test
    void readsNoLimit() {
        assertThat(Converters.duration("none")).isEqualTo(Limits.UNLIMITED);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "2", "h", "-1s", "30m1h", "1.5h", "99999999999s", "2 h"})
    void refusesEverythingElse(String text) {
        assertThatThrownBy(() -> Converters.duration(text))
                .isInstanceOf(TypeConversionException.class)
                .hasMessageContaining("\"" + text + "\"")
                .hasMessageContaining("1h30m");
    }
}
