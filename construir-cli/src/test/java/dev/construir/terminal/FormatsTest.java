package dev.construir.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FormatsTest {
    @ParameterizedTest
    @CsvSource({"0,0 ms", "999,999 ms", "1000,1.0 s", "59999,59.9 s", "125000,2 min 5 s", "7260000,2 h 1 min"})
    void writesTimeSpans(long millis, String text) {
        assertThat(Formats.span(Duration.ofMillis(millis))).isEqualTo(text);
    }

    @ParameterizedTest
    @CsvSource({"7,0:07", "62,1:02", "3723,1:02:03"})
    void writesRunningTimes(long seconds, String text) {
        assertThat(Formats.clock(seconds)).isEqualTo(text);
    }

    @ParameterizedTest
    @CsvSource({"0,0 bytes", "1,1 byte", "1023,1023 bytes", "1536,1.5 KiB", "1073741824,1.0 GiB"})
    void writesAmounts(long bytes, String text) {
        assertThat(Formats.bytes(bytes)).isEqualTo(text);
    }

    @Test
    void findsTheCacheAsTheImageBuilderDoes() {
        assertThat(cache(Map.of("CONSTRUIR_CACHE", "/c", "XDG_CACHE_HOME", "/x", "HOME", "/h")))
                .isEqualTo("/c");
        assertThat(cache(Map.of("CONSTRUIR_CACHE", "", "XDG_CACHE_HOME", "/x", "HOME", "/h")))
                .isEqualTo("/x/construir");
        assertThat(cache(Map.of("HOME", "/h"))).isEqualTo("/h/.cache/construir");
    }

    private static String cache(Map<String, String> environment) {
        return Environment.of(environment, Optional.empty()).cache().toString();
    }
}
