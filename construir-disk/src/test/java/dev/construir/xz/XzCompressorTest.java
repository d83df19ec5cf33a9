package dev.construir.xz;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.construir.block.BlockSource;
import dev.construir.block.BytesSource;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tukaani.xz.XZInputStream;

@Timeout(60)
class XzCompressorTest {
    private static final int BLOCK = 4096;
    private static final byte[] DISK = XzFiles.disk(50 * BLOCK + 77);

    @AfterEach
    void noThreadIsLeft() {
        assertThat(Thread.getAllStackTraces().keySet())
                .extracting(Thread::getName)
                .noneMatch(name -> name.startsWith("construir-xz"));
    }

    private static XzCompressor by(int threads) {
        return new XzCompressor(1, BLOCK, threads);
    }

    /** Damages or watches how a disk is read. */
    private interface Reading {
        void before(long offset) throws IOException;
    }

    private static BlockSource disk(Reading reading) {
        BlockSource disk = new BytesSource(DISK);
        return new BlockSource() {
            @Override
            public long size() {
                return disk.size();
            }

            @Override
            public void read(long offset, byte[] into, int at, int length) throws IOException {
                reading.before(offset);
                disk.read(offset, into, at, length);
            }

            @Override
            public void close() {
                throw new AssertionError("it belongs to the caller");
            }
        };
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 8, 200})
    void manyThreadsWriteWhatOneDoes(int threads) throws Exception {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        ByteArrayOutputStream plain = new ByteArrayOutputStream();
        by(threads).compress(new BytesSource(DISK), plain, packed);

        assertThat(Arrays.equals(plain.toByteArray(), DISK)).isTrue();
        try (XZInputStream in = new XZInputStream(new ByteArrayInputStream(packed.toByteArray()))) {
            assertThat(Arrays.equals(in.readAllBytes(), DISK)).isTrue();
        }
        ByteArrayOutputStream other = new ByteArrayOutputStream();
        by(1).compress(new BytesSource(DISK), OutputStream.nullOutputStream(), other);
        assertThat(Arrays.equals(packed.toByteArray(), other.toByteArray())).isTrue();
    }

    /** The first block comes last: as many as may wait for it do, and no more are read. */
    @Test
    void aSlowBlockStopsTheOthersSoon() throws Exception {
        AtomicInteger read = new AtomicInteger();
        CountDownLatch others = new CountDownLatch(1);
        BlockSource slow = disk(offset -> {
            if (offset == 0) {
                awaitUnlessInterrupted(others);
            } else if (read.incrementAndGet() == 5) { // of six in all on their way
                others.countDown();
            }
        });
        ByteArrayOutputStream plain = new ByteArrayOutputStream() {
            @Override
            public synchronized void write(byte[] bytes, int at, int length) {
                if (size() == 0) {
                    assertThat(read.get()).isEqualTo(5);
                }
                super.write(bytes, at, length);
            }
        };
        by(3).compress(slow, plain, OutputStream.nullOutputStream());
        assertThat(Arrays.equals(plain.toByteArray(), DISK)).isTrue();
    }

    private static void awaitUnlessInterrupted(CountDownLatch latch) throws IOException {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IOException("nobody wants it any more", e);
        }
    }

    @Test
    void whatIsKnownToBeZerosIsNotRead() throws Exception {
        byte[] content = DISK.clone();
        Arrays.fill(content, 0, 3 * BLOCK, (byte) 0);
        Arrays.fill(content, 20 * BLOCK, 49 * BLOCK, (byte) 0);
        for (int block = 4; block < 8; block++) { // which begin alike
            System.arraycopy(content, 3 * BLOCK, content, block * BLOCK, BLOCK);
            Arrays.fill(content, block * BLOCK + 100, (block + 1) * BLOCK, (byte) 0);
        }
        BlockSource disk = new BlockSource() {
            @Override
            public long size() {
                return content.length;
            }

            @Override
            public boolean isZero(long offset, int length) {
                return Arrays.equals(content, (int) offset, (int) offset + length, new byte[length], 0, length);
            }

            @Override
            public int dataLength(long offset, int length) {
                int data = length;
                while (data > 0 && content[(int) offset + data - 1] == 0) {
                    data--;
                }
                return data;
            }

            @Override
            public void read(long offset, byte[] into, int at, int length) {
                assertThat(content[(int) offset + length - 1]).isNotZero();
                System.arraycopy(content, (int) offset, into, at, length);
            }

            @Override
            public void close() {}
        };
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        ByteArrayOutputStream plain = new ByteArrayOutputStream();
        by(2).compress(disk, plain, packed);

        assertThat(Arrays.equals(plain.toByteArray(), content)).isTrue();
        ByteArrayOutputStream read = new ByteArrayOutputStream();
        by(2).compress(new BytesSource(content), OutputStream.nullOutputStream(), read);
        assertThat(Arrays.equals(packed.toByteArray(), read.toByteArray())).isTrue();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 7, 50})
    void anUnreadableBlockEndsIt(int block) {
        IOException failure = new IOException("bad sector");
        BlockSource damaged = disk(offset -> {
            if (offset == (long) block * BLOCK) {
                throw failure;
            }
        });
        assertThatThrownBy(
                        () -> by(3).compress(damaged, OutputStream.nullOutputStream(), OutputStream.nullOutputStream()))
                .isSameAs(failure);
    }

    @Test
    void anErrorComesOutAsItIs() {
        BlockSource damaged = disk(offset -> {
            throw new OutOfMemoryError("as if");
        });
        assertThatThrownBy(
                        () -> by(3).compress(damaged, OutputStream.nullOutputStream(), OutputStream.nullOutputStream()))
                .isInstanceOf(OutOfMemoryError.class)
                .hasMessage("as if");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 100, 30_000})
    void aFullTargetEndsIt(int room) {
        OutputStream full = new ByteArrayOutputStream() {
            @Override
            public void writeBytes(byte[] bytes) {
                throw new AssertionError("not by this");
            }

            @Override
            public void write(byte[] bytes) throws IOException {
                if (size() + bytes.length > room) {
                    throw new IOException("no space left");
                }
                super.write(bytes);
            }
        };
        assertThatThrownBy(() -> by(3).compress(new BytesSource(DISK), OutputStream.nullOutputStream(), full))
                .isInstanceOf(IOException.class)
                .hasMessage("no space left");
    }

    /** The interrupt comes while the caller waits for a block that never comes otherwise. */
    @Test
    void anInterruptEndsItAtOnce() {
        Thread caller = Thread.currentThread();
        CountDownLatch never = new CountDownLatch(1);
        BlockSource stuck = disk(offset -> {
            if (offset == 3 * BLOCK) {
                caller.interrupt();
                awaitUnlessInterrupted(never);
            }
        });
        assertThatThrownBy(
                        () -> by(2).compress(stuck, OutputStream.nullOutputStream(), OutputStream.nullOutputStream()))
                .isInstanceOf(InterruptedException.class);
        assertThat(Thread.interrupted()).isFalse();
    }

    @Test
    void whoIsInterruptedBeforeDoesNotBegin() {
        BlockSource untouched = disk(offset -> {
            throw new AssertionError("read");
        });
        Thread.currentThread().interrupt();
        assertThatThrownBy(() ->
                        by(2).compress(untouched, OutputStream.nullOutputStream(), OutputStream.nullOutputStream()))
                .isInstanceOf(InterruptedException.class);
    }

    @Test
    void anEncoderHeedsAnInterruptInTheMiddleOfABlock() {
        byte[] content = XzFiles.disk(1 << 20);
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> new BlockEncoder(6, 1 << 20).encode(content, content.length, content.length))
                .isInstanceOf(InterruptedException.class);
    }
}
