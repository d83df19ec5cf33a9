package dev.construir.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.construir.job.Limits;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class JobOutputTest {
    @TempDir
    Path directory;

    private final Terminal terminal = Terminal.files();

    @Test
    void aSlowReaderGetsEverything() throws Exception {
        CountDownLatch reading = new CountDownLatch(1);
        Screen screen =
                new Screen(new Streams(gated(reading), terminal.streams().err(), false, false));
        try (JobOutput output = JobOutput.start(screen, directory)) {
            for (int i = 0; i < 400; i++) {
                output.add(ByteBuffer.wrap(new byte[1 << 16]));
            }
            reading.countDown();
            assertThat(output.finish(0, Limits.UNLIMITED)).isTrue();
        }
        assertThat(terminal.out.size()).isEqualTo(400 << 16);
        assertThat(terminal.err()).isEmpty();
    }

    @Test
    void withoutRoomForWhatWaitsStdoutEndsEarlyAndThatIsSaid() throws Exception {
        CountDownLatch reading = new CountDownLatch(1);
        Screen screen =
                new Screen(new Streams(gated(reading), terminal.streams().err(), false, false));
        Path noDirectory = Files.createFile(directory.resolve("file"));
        int taken = 0;
        try (JobOutput output = JobOutput.start(screen, noDirectory)) {
            for (int i = 0; terminal.err().isEmpty(); i++) {
                byte[] line = ("line " + i + "\n").getBytes(StandardCharsets.UTF_8);
                output.add(ByteBuffer.wrap(line));
                taken += terminal.err().isEmpty() ? line.length : 0;
            }
            output.add(ByteBuffer.wrap(new byte[100])); // and nothing with a hole before it
            reading.countDown();
            assertThat(output.finish(0, Limits.UNLIMITED)).isFalse();
        }
        assertThat(terminal.err())
                .startsWith("construir: stdout is read too slowly, and " + noDirectory + " has no room")
                .hasLineCount(1);
        assertThat(terminal.out.size()).isEqualTo(taken).isGreaterThan(1_000_000);
    }

    @Test
    void aReaderThatDoesNotReadIsNotWaitedForAfterTheLimit() throws Exception {
        Screen screen = new Screen(
                new Streams(gated(new CountDownLatch(1)), terminal.streams().err(), false, false));
        try (JobOutput output = JobOutput.start(screen, directory)) {
            output.add(ByteBuffer.wrap(new byte[5]));
            assertThat(output.finish(0, Duration.ofMillis(10))).isFalse();
        }
        assertThat(terminal.err())
                .isEqualTo(
                        "construir: stdout is not read: the end of the output is in construir.log on the job disk\n");
    }

    @Test
    void whatNeverCameIsMissing() throws Exception {
        try (JobOutput output = JobOutput.start(new Screen(terminal.streams()), directory)) {
            output.add(ByteBuffer.wrap(new byte[5]));
            assertThat(output.finish(1, Limits.UNLIMITED)).isFalse();
        }
    }

    @Test
    void whatCannotBeWrittenIsSaidOnceAndTheRestThrownAway() throws Exception {
        OutputStream closed = new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                throw new IOException("Input/output error");
            }
        };
        PrintStream err = new PrintStream(terminal.err, true, StandardCharsets.UTF_8);
        try (JobOutput output = JobOutput.start(new Screen(new Streams(closed, err, false, false)), directory)) {
            for (int i = 0; i < 1000; i++) {
                output.add(ByteBuffer.wrap(new byte[1000]));
            }
            assertThat(output.finish(17, Limits.UNLIMITED))
                    .as("a reader that went away misses nothing")
                    .isTrue();
        }
        assertThat(terminal.err())
                .isEqualTo("construir: stdout cannot be written (Input/output error); the run goes on without it\n");
    }

    @Test
    void aReaderThatGoesAwayIsNotSaid() throws Exception {
        OutputStream closed = new WatchedOutput(new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                throw new IOException("Broken pipe");
            }
        });
        PrintStream err = new PrintStream(terminal.err, true, StandardCharsets.UTF_8);
        try (JobOutput output = JobOutput.start(new Screen(new Streams(closed, err, false, false)), directory)) {
            output.add(ByteBuffer.wrap(new byte[1000]));
            assertThat(output.finish(0, Limits.UNLIMITED)).isTrue();
        }
        assertThat(terminal.err()).isEmpty();
    }

    /** A stream that takes nothing before the gate opens. */
    private OutputStream gated(CountDownLatch gate) {
        return new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                write(new byte[] {(byte) b}, 0, 1);
            }

            @Override
            public void write(byte[] bytes, int from, int length) throws IOException {
                try {
                    gate.await();
                } catch (InterruptedException e) {
                    throw new IOException(e);
                }
                terminal.out.write(bytes, from, length);
            }
        };
    }
}
