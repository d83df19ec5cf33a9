package dev.construir.command.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import dev.construir.DataSize;
import dev.construir.run.Outcome;
import dev.construir.sandbox.ExecutionEnd;
import java.time.Duration;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class KeeperEndTest {
    static Stream<ExecutionEnd> ends() {
        return Stream.concat(
                Stream.of(
                        new ExecutionEnd.Exited(0),
                        new ExecutionEnd.Exited(255),
                        new ExecutionEnd.Signalled(13),
                        new ExecutionEnd.TimedOut(Duration.ofMillis(1500)),
                        new ExecutionEnd.TooMuchOutput(DataSize.ofGibibytes(4)),
                        new ExecutionEnd.NotStarted(11, "no process is left"),
                        new ExecutionEnd.Lost("closed", false, Optional.empty()),
                        new ExecutionEnd.Lost("the machine ended: two words\n", true, Optional.empty()),
                        lostBy(new Outcome.TooMuchOutput(DataSize.ofGibibytes(1)))),
                Stream.of(Outcome.Limit.values())
                        .map(limit -> lostBy(new Outcome.TimedOut(limit, Duration.ofHours(2)))));
    }

    private static ExecutionEnd lostBy(Outcome outcome) {
        return new ExecutionEnd.Lost("its machine ended: " + outcome.describe(), true, Optional.of(outcome));
    }

    @ParameterizedTest
    @MethodSource("ends")
    void anEnd_isTheSameAtTheOtherSide(ExecutionEnd end) {
        assertThat(KeeperEnd.decode(KeeperEnd.of(end).encode()).toExecutionEnd())
                .isEqualTo(end);
    }

    @Test
    void aMachineThatEnded_isSaidOnce() {
        ExecutionEnd end = lostBy(new Outcome.Cancelled());
        ExecutionEnd there = KeeperEnd.decode(KeeperEnd.of(end).encode()).toExecutionEnd();
        assertThat(there.describe()).isEqualTo(end.describe());
        assertThat(there.exitCode()).isEqualTo(125);
    }

    @Test
    void aRequestThatFailed_hasStartedNothing() {
        KeeperEnd failed = KeeperEnd.decode(KeeperEnd.failed("no such thing").encode());
        assertThat(failed.isFailure()).isTrue();
        assertThat(failed.toExecutionEnd()).isEqualTo(new ExecutionEnd.NotStarted(0, "no such thing"));
    }
}
