package dev.construir.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SpellingTest {
    private static final List<String> COMMANDS = List.of("run", "watch", "pack", "ls", "cat", "extract", "doctor");

    @ParameterizedTest
    @CsvSource({
        "wtach,watch",
        "watsh,watch",
        "pakc,pack",
        "rum,run",
        "extrat,extract",
        "docotr,doctor",
        "sl,ls",
        "frobnicate,",
        "x,"
    })
    void theNearestIsFound(String typed, String meant) {
        assertThat(Spelling.nearest(typed, COMMANDS).orElse(null)).isEqualTo(meant);
    }

    @ParameterizedTest
    @CsvSource({"a,a,0", "'',abc,3", "ab,ba,1", "abc,ac,1", "kitten,sitting,3"})
    void distancesCountLetters(String one, String other, int distance) {
        assertThat(Spelling.distance(one, other)).isEqualTo(distance);
        assertThat(Spelling.distance(other, one)).isEqualTo(distance);
    }
}
