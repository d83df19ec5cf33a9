package dev.construir.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(20)
class BacklogTest {
    @TempDir
    Path directory;

    private static byte[] drain(Backlog backlog) throws IOException, InterruptedException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] bytes = backlog.take(); bytes != null; bytes = backlog.take()) {
            all.writeBytes(bytes);
        }
        return all.toByteArray();
    }

    @Test
    void keepsTheOrderAcrossMemoryAndFile() throws Exception {
        Random random = new Random(17);
        ByteArrayOutputStream expected = new ByteArrayOutputStream();
        ByteArrayOutputStream taken = new ByteArrayOutputStream();
        try (Backlog backlog = new Backlog(directory, 100)) {
            for (int i = 0; i < 2000; i++) {
                byte[] bytes = new byte[1 + random.nextInt(60)];
                random.nextBytes(bytes);
                expected.writeBytes(bytes);
                backlog.put(bytes);
                if (i > 10 && random.nextInt(3) == 0) {
                    taken.writeBytes(backlog.take());
                }
            }
            backlog.end();
            taken.writeBytes(drain(backlog));
        }
        assertThat(taken.toByteArray()).isEqualTo(expected.toByteArray());
    }

    @Test
    void itsFileHasNoName() throws Exception {
        try (Backlog backlog = new Backlog(directory, 1)) {
            backlog.put(new byte[100]);
            try (var files = Files.list(directory)) {
                assertThat(files).isEmpty();
            }
            backlog.end();
            assertThat(drain(backlog)).hasSize(100);
        }
    }

    @Test
    void whatFitsIntoMemoryNeedsNoDirectory() throws Exception {
        try (Backlog backlog = new Backlog(directory.resolve("missing"), 100)) {
            backlog.put(new byte[100]);
            assertThat(directory.resolve("missing")).doesNotExist();
        }
    }

    @Test
    void tinyPiecesAreTakenTogether() throws Exception {
        try (Backlog backlog = new Backlog(directory.resolve("missing"), 100_000)) {
            for (int i = 0; i < 100_000; i++) {
                backlog.put(new byte[] {(byte) i});
            }
            backlog.end();
            assertThat(backlog.take()).hasSize(1 << 16);
            assertThat(backlog.take()).hasSize(100_000 - (1 << 16)).startsWith((byte) (1 << 16), (byte)
                    ((1 << 16) + 1));
            assertThat(backlog.take()).isNull();
        }
    }

    @Test
    void aReaderWaitsForTheWriter() throws Exception {
        try (Backlog backlog = new Backlog(directory, 100)) {
            CompletableFuture<byte[]> all = CompletableFuture.supplyAsync(() -> {
                try {
                    return drain(backlog);
                } catch (IOException | InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            });
            backlog.put(new byte[3]);
            backlog.put(new byte[4]);
            backlog.end();
            assertThat(all.join()).hasSize(7);
        }
    }
}
