package dev.construir.qemu;

import dev.construir.backend.ListeningSocket;
import dev.construir.backend.StreamReader;
import dev.construir.qemu.qmp.QmpException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Takes the state of a machine's devices from a QEMU whose sandbox lets it write to no file of that kind, by a socket.
 */
final class MigrationFile {
    /** The most bytes of a state without memory, which usually has some hundred kilobytes. */
    static final long WITHOUT_MEMORY = 64 << 20;

    private static final String SOCKET = "state.sock";

    private final FileChannel file;
    private final long largest;
    private long size;
    private @Nullable IOException failure;

    private MigrationFile(FileChannel file, long largest) {
        this.file = file;
        this.largest = largest;
    }

    /** Has QEMU write its state. */
    @FunctionalInterface
    interface Writer {
        void write(String uri) throws QmpException, InterruptedException;
    }

    /**
     * Receives the state.
     *
     * @param file where it goes; must not exist
     * @param directory where QEMU runs
     * @param threadName the name of the thread that reads
     * @param largest the most bytes that are taken
     * @param limit how long QEMU has to end the stream once it says that all is written
     * @param writer has QEMU write to the URI that it receives
     */
    static void receive(Path file, Path directory, String threadName, long largest, Duration limit, Writer writer)
            throws IOException, InterruptedException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW)) {
            MigrationFile state = new MigrationFile(channel, largest);
            ListeningSocket socket = ListeningSocket.bind(directory, SOCKET);
            StreamReader reader = null;
            boolean complete = false;
            try {
                reader = StreamReader.start(socket, threadName, state::take, StreamReader.Receipts.NONE);
                writer.write("unix:" + SOCKET);
                complete = reader.awaitEnd(limit);
            } finally {
                socket.close();
                if (reader != null && !complete) {
                    reader.abandon();
                }
            }
            state.check(complete);
        }
    }

    private synchronized void take(ByteBuffer bytes) {
        try {
            size += bytes.remaining();
            while (size <= largest && bytes.hasRemaining()) {
                file.write(bytes);
            }
        } catch (IOException e) {
            failure = e;
            throw new UncheckedIOException(e);
        }
    }

    private synchronized void check(boolean complete) throws IOException {
        if (failure != null) {
            throw failure;
        }
        if (!complete || size == 0 || size > largest) {
            throw new QmpException(
                    "QEMU wrote " + size + " bytes of its state, which is incomplete or more than " + largest);
        }
    }
}
