package dev.construir.terminal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.nio.channels.ClosedByInterruptException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class CancelOnSignalTest {
    private final Terminal terminal = Terminal.files();
    private final Screen screen = new Screen(terminal.streams());

    static Stream<Exception> interrupts() {
        return Stream.of(
                new InterruptedException("for the test"),
                new ClosedByInterruptException(),
                new InterruptedIOException("for the test"));
    }

    private static int fail(Exception failure) throws IOException, InterruptedException {
        Thread.currentThread().interrupt(); // as streams and channels leave it
        if (failure instanceof InterruptedException e) {
            throw e;
        }
        throw (IOException) failure;
    }

    @ParameterizedTest
    @MethodSource("interrupts")
    void anInterrupt_howeverItIsReported_isACancellation(Exception failure) throws Exception {
        assertThat(CancelOnSignal.ends(() -> fail(failure), screen)).isEqualTo(130);
        assertThat(terminal.err()).isEqualTo("construir: cancelled\n");
        assertThat(Thread.interrupted()).isFalse();
    }

    @Test
    void aTimeOfASocketThatIsOver_isAFailure() {
        assertThatThrownBy(() -> CancelOnSignal.ends(
                        () -> {
                            throw new SocketTimeoutException("for the test");
                        },
                        screen))
                .isInstanceOf(SocketTimeoutException.class);
        assertThat(terminal.err()).isEmpty();
    }
}
