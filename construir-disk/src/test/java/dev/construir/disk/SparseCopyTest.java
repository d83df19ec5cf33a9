package dev.construir.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.construir.block.FileInput;
import dev.construir.disk.write.Images;
import dev.construir.host.AtomicNewFile;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SparseCopyTest {
    @TempDir
    Path dir;

    private Path source = Path.of("");
    private Path target = Path.of("");

    @BeforeEach
    void names() {
        source = dir.resolve("source");
        target = dir.resolve("target");
    }

    @Test
    void copiesDataWhereverItStands() throws Exception {
        long size = (1L << 20) + 5;
        try (RandomAccessFile file = new RandomAccessFile(source.toFile(), "rw")) {
            for (long at : new long[] {0, 4095, 4096, 9000, 262_143, 262_144, 500_000, size - 1}) {
                file.seek(at);
                file.write(at == 500_000 ? Images.bytes(1, 100_000) : new byte[] {1});
            }
        }
        SparseCopy.copy(source, target);

        assertThat(Files.mismatch(source, target)).isEqualTo(-1);
    }

    /** As the size says nothing, or no more, of how much is left. */
    @Test
    void devicesAndFilesThatGrowAreReadByMoreThanAByte() throws Exception {
        try (FileInput device = FileInput.open(Path.of("/dev/zero"))) {
            assertThat(device.data()).isGreaterThan(100_000);
        }
        Files.write(source, new byte[] {1, 2, 3});
        try (FileInput grows = FileInput.open(source)) {
            Files.write(source, Images.bytes(1, 200_000));
            assertThat(grows.readNBytes(3)).hasSize(3);
            assertThat(grows.hole()).isZero();
            assertThat(grows.data()).isGreaterThan(100_000);
        }
    }

    @Test
    void zerosTakeNoRoom() throws Exception {
        Files.write(source, new byte[3_000_001]);
        SparseCopy.copy(source, target);

        assertThat(Files.mismatch(source, target)).isEqualTo(-1);
        Process du = new ProcessBuilder("du", "-k", target.toString()).start();
        assertThat(new String(du.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8))
                .startsWith("0\t");
    }

    @Test
    void anInterruptEndsACopyUnlessIgnored() throws Exception {
        Files.write(source, Images.bytes(1, 1_000_000));
        Thread.currentThread().interrupt();
        try {
            assertThatThrownBy(() -> SparseCopy.copy(source, target)).isInstanceOf(ClosedByInterruptException.class);
            assertThat(target).doesNotExist();
            assertThat(Thread.currentThread().isInterrupted()).isTrue();

            SparseCopy.copyUninterruptibly(source, target);
            assertThat(Thread.currentThread().isInterrupted()).isTrue();
        } finally {
            Thread.interrupted();
        }
        assertThat(Files.mismatch(source, target)).isEqualTo(-1);
    }

    @Test
    void anInterruptEndsACopyThatIsUnderWay() {
        InputStream endless = new InputStream() {
            private long given;

            @Override
            public int read() {
                return read(new byte[1], 0, 1);
            }

            @Override
            public int read(byte[] into, int at, int length) {
                given += length;
                if (given > 1_000_000) {
                    Thread.currentThread().interrupt();
                }
                return given < 100_000_000 ? length : -1;
            }
        };
        try {
            assertThatThrownBy(() -> SparseCopy.write(endless, target)).isInstanceOf(ClosedByInterruptException.class);
        } finally {
            assertThat(Thread.interrupted()).isTrue();
        }
        assertThat(target).doesNotExist();
    }

    @Test
    void whatIsNotWholeIsRemoved() {
        InputStream broken = new InputStream() {
            @Override
            public int read() {
                throw new UncheckedIOException(new IOException("broken"));
            }

            @Override
            public int read(byte[] into, int at, int length) {
                return read();
            }
        };
        assertThatThrownBy(() -> SparseCopy.write(broken, target)).isInstanceOf(UncheckedIOException.class);
        assertThat(target).doesNotExist();
    }

    @Test
    void aFileThatFailsToCloseIsRemoved() {
        assertThatThrownBy(() -> AtomicNewFile.create(target, () -> {
                    try (AutoCloseableFile file = new AutoCloseableFile()) {
                        file.write(target);
                    }
                }))
                .isInstanceOf(IOException.class)
                .hasMessage("cannot close");
        assertThat(target).doesNotExist();
    }

    private static final class AutoCloseableFile implements java.io.Closeable {
        void write(Path path) throws IOException {
            Files.writeString(path, "all of it");
        }

        @Override
        public void close() throws IOException {
            throw new IOException("cannot close");
        }
    }

    @Test
    void aFileThatIsThereStays() throws Exception {
        Files.writeString(target, "here");
        assertThatThrownBy(() -> SparseCopy.write(new ByteArrayInputStream(new byte[1]), target))
                .isInstanceOf(FileAlreadyExistsException.class);
        assertThat(target).hasContent("here");
    }
}
