package dev.construir.examples.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
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
        OutputStream slow = new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                write(new byte[] {(byte) b}, 0, 1);
            }

            @Override
            public void write(byte[] bytes, int from, int length) throws IOException {
                try {
                    reading.await();
                } catch (InterruptedException e) {
                    throw new IOException(e);
                }
                terminal.out.write(bytes, from, length);
            }
        };
        Screen screen = new Screen(new Streams(slow, terminal.streams().err(), false, false));
        try (JobOutput output = JobOutput.start(screen, directory)) {
            for (int i = 0; i < 400; i++) {
                output.add(ByteBuffer.wrap(new byte[1 << 16]));
            }
            reading.countDown();
            output.finish();
        }
        assertThat(terminal.out.size()).isEqualTo(400 << 16);
        assertThat(terminal.err()).isEmpty();
    }

    @Test
    void aReaderThatGoesAwayIsSaidOnceAndTheRestThrownAway() throws Exception {
        OutputStream closed = new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                throw new IOException("Broken pipe");
            }
        };
        PrintStream err = new PrintStream(terminal.err, true, StandardCharsets.UTF_8);
        try (JobOutput output = JobOutput.start(new Screen(new Streams(closed, err, false, false)), directory)) {
            for (int i = 0; i < 1000; i++) {
                output.add(ByteBuffer.wrap(new byte[1000]));
            }
            output.finish();
        }
        assertThat(terminal.err())
                .isEqualTo("construir: nobody reads stdout any more (Broken pipe); the run goes on without it\n");
    }
}
