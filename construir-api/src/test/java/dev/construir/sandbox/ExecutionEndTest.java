package dev.construir.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import dev.construir.DataSize;
import java.time.Duration;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ExecutionEndTest {
    static Stream<Arguments> ends() {
        return Stream.of(
                Arguments.of(new ExecutionEnd.Exited(0), 0, "exited with status 0"),
                Arguments.of(new ExecutionEnd.Exited(255), 255, "exited with status 255"),
                Arguments.of(new ExecutionEnd.Signalled(9), 137, "was killed by signal 9"),
                Arguments.of(new ExecutionEnd.TimedOut(Duration.ofSeconds(90)), 124, "took longer than 1m30s"),
                Arguments.of(new ExecutionEnd.TooMuchOutput(DataSize.ofMebibytes(1)), 124, "printed more than 1M"),
                Arguments.of(new ExecutionEnd.NotStarted(12, "no memory"), 125, "could not be started: no memory"),
                Arguments.of(
                        new ExecutionEnd.Lost("its machine ended", true, Optional.empty()),
                        125,
                        "was lost: its machine ended"));
    }

    @ParameterizedTest
    @MethodSource("ends")
    void describe_anEnd_saysWhat(ExecutionEnd end, int exitCode, String text) {
        assertThat(end.exitCode()).isEqualTo(exitCode);
        assertThat(end.describe()).startsWith(text);
        assertThat(end.isSuccess()).isEqualTo(exitCode == 0);
    }
}
