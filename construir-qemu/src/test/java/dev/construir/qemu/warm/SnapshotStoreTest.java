package dev.construir.qemu.warm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.construir.DataSize;
import dev.construir.machine.HypervisorException;
import dev.construir.machine.Preparation;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(60)
class SnapshotStoreTest {
    private static final int SIZE = 1000;

    @TempDir
    Path directory;

    private final AtomicInteger made = new AtomicInteger();
    private final AtomicInteger now = new AtomicInteger();
    private final List<SnapshotStore> opened = new ArrayList<>();

    @AfterEach
    void nothingButImagesAndLocksIsLeft() throws Exception {
        opened.forEach(SnapshotStore::close);
        assertThat(names()).allMatch(name -> name.matches("[0-9a-f]{32}((\\.maker)?\\.lock)?"));
    }

    @Test
    void isMadeOnceForAllWhoAskAtOnce() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(10);
        List<SnapshotStore> three = List.of(open(), open(), open());
        List<Future<SnapshotStore.Lease>> leases = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            SnapshotStore images = three.get(i % 3);
            leases.add(threads.submit(() -> images.lease(key(1), this::make, work -> {})));
        }
        for (Future<SnapshotStore.Lease> lease : leases) {
            assertThat(Files.readString(lease.get().image().state())).isEqualTo("image 1");
        }
        for (Future<SnapshotStore.Lease> lease : leases) {
            lease.get().close();
        }
        threads.shutdown();
        assertThat(made).hasValue(1);
    }

    @Test
    void whoWantedToMakeItTooDoesNotWaitForThoseWhoUseIt() throws Exception {
        SnapshotStore images = open();
        images.lease(key(2), this::make, work -> {}).close();
        SnapshotLock.Hold held = SnapshotLock.shared(directory.resolve("images").resolve(key(1).name() + ".lock"));
        List<SnapshotStore.Lease> leases = new CopyOnWriteArrayList<>();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            Thread thread = new Thread(() -> {
                try {
                    leases.add(images.lease(key(1), this::make, work -> {}));
                } catch (Exception e) {
                    throw new AssertionError(e);
                }
            });
            thread.start();
            threads.add(thread);
        }
        await().until(() -> threads.stream().allMatch(thread -> thread.getState() == Thread.State.WAITING));
        held.close(); // all have seen that there is none
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(leases).hasSize(20);
        leases.forEach(SnapshotStore.Lease::close);
        assertThat(made).hasValue(2);
    }

    @Test
    void whoWaitsForAnotherThreadHearsIt() throws Exception {
        SnapshotStore images = open();
        CountDownLatch making = new CountDownLatch(1);
        CountDownLatch heard = new CountDownLatch(1);
        SnapshotStore.Maker slow = image -> {
            making.countDown();
            heard.await();
            make(image);
        };
        List<Preparation> ofMaker = new CopyOnWriteArrayList<>();
        List<Preparation> ofOther = new CopyOnWriteArrayList<>();
        ExecutorService thread = Executors.newSingleThreadExecutor();
        Future<SnapshotStore.Lease> first = thread.submit(() -> images.lease(key(1), slow, ofMaker::add));
        making.await();
        images.lease(key(1), this::make, work -> {
                    ofOther.add(work);
                    heard.countDown();
                })
                .close();
        first.get().close();
        thread.shutdown();
        assertThat(ofMaker).isEmpty();
        assertThat(ofOther)
                .allMatch(work -> work.stage() == Preparation.Stage.WAITING)
                .isNotEmpty();
        assertThat(made).hasValue(1);
    }

    @Test
    void belongsToItsUser() throws Exception {
        try (SnapshotStore.Lease lease = open().lease(key(1), this::make, work -> {})) {
            Path image = lease.image().directory();
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(image)))
                    .isEqualTo("rwx------");
            assertThat(PosixFilePermissions.toString(
                            Files.getPosixFilePermissions(lease.image().state())))
                    .isEqualTo("rw-------");
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(directory.resolve("images"))))
                    .isEqualTo("rwx------");
        }
    }

    private enum Damage {
        FLIPPED_BIT {
            @Override
            void to(MemorySnapshot image) throws IOException {
                FileTime before = Files.getLastModifiedTime(image.state());
                try (FileChannel file = FileChannel.open(image.state(), StandardOpenOption.WRITE)) {
                    file.write(ByteBuffer.wrap(new byte[] {'I'}), 0);
                }
                Files.setLastModifiedTime(image.state(), before); // as if nothing had been
            }
        },
        CUT_OFF {
            @Override
            void to(MemorySnapshot image) throws IOException {
                try (FileChannel file = FileChannel.open(image.state(), StandardOpenOption.WRITE)) {
                    file.truncate(3);
                }
            }
        },
        MISSING {
            @Override
            void to(MemorySnapshot image) throws IOException {
                Files.delete(image.state());
            }
        },
        REPLACED {
            @Override
            void to(MemorySnapshot image) throws IOException {
                Path other = image.directory().resolve("other");
                Files.writeString(other, "image 1");
                Files.setLastModifiedTime(other, Files.getLastModifiedTime(image.state()));
                Files.move(other, image.state(), java.nio.file.StandardCopyOption.REPLACE_EXISTING);
            }
        },
        MANIFEST_MISSING {
            @Override
            void to(MemorySnapshot image) throws IOException {
                Files.delete(image.directory().resolve("manifest.json"));
            }
        },
        MANIFEST_TORN {
            @Override
            void to(MemorySnapshot image) throws IOException {
                Path manifest = image.directory().resolve("manifest.json");
                String text = Files.readString(manifest);
                Files.writeString(manifest, text.substring(0, text.length() / 2));
            }
        },
        HOST_STARTED_ANEW {
            @Override
            void to(MemorySnapshot image) throws IOException {
                Path manifest = image.directory().resolve("manifest.json");
                Files.writeString(
                        manifest,
                        Files.readString(manifest).replaceFirst("\"boot\":\"[^\"]*\"", "\"boot\":\"before\""));
            }
        };

        abstract void to(MemorySnapshot image) throws IOException;
    }

    @ParameterizedTest
    @EnumSource
    void aDamagedOneIsMadeAnew(Damage damage) throws Exception {
        SnapshotStore images = open();
        try (SnapshotStore.Lease lease = images.lease(key(1), this::make, work -> {})) {
            damage.to(lease.image());
        }
        try (SnapshotStore.Lease lease = images.lease(key(1), this::make, work -> {})) {
            assertThat(Files.readString(lease.image().state())).isEqualTo("image 1");
        }
        assertThat(made).hasValue(2);
        try (SnapshotStore.Lease lease = images.lease(key(1), this::make, work -> {})) {
            assertThat(lease.image().directory()).isDirectory();
        }
        assertThat(made).hasValue(2);
    }

    @Test
    void thoseUsedLongestAgoGoButNoneInUse() throws Exception {
        SnapshotStore images = open(3 * SIZE);
        SnapshotStore.Lease inUse = images.lease(key(1), this::make, work -> {});
        images.lease(key(2), this::make, work -> {}).close();
        images.lease(key(3), this::make, work -> {}).close();
        images.lease(key(2), this::make, work -> {}).close(); // used again
        images.lease(key(4), this::make, work -> {}).close();
        assertThat(images()).containsExactlyInAnyOrder(key(1).name(), key(2).name(), key(4).name());
        inUse.close();
        images.lease(key(5), this::make, work -> {}).close();
        assertThat(images()).containsExactlyInAnyOrder(key(2).name(), key(4).name(), key(5).name());
        // in use by another hypervisor
        SnapshotStore.Lease elsewhere = open(SIZE).lease(key(2), this::make, work -> {});
        images.lease(key(6), this::make, work -> {}).close();
        images.lease(key(7), this::make, work -> {}).close();
        assertThat(images()).contains(key(2).name(), key(7).name()).hasSize(3);
        elsewhere.close();
    }

    @Test
    void theLastOneStaysHoweverLarge() throws Exception {
        SnapshotStore images = open(1);
        images.lease(key(1), this::make, work -> {}).close();
        images.lease(key(2), this::make, work -> {}).close();
        assertThat(images()).containsExactly(key(2).name());
    }

    @Test
    void whatFailsLeavesNothingAndIsTriedAgain() throws Exception {
        SnapshotStore images = open();
        SnapshotStore.Maker failing = image -> {
            Files.writeString(image.state(), "half");
            throw new HypervisorException("out of order");
        };
        assertThatThrownBy(() -> images.lease(key(1), failing, work -> {})).hasMessage("out of order");
        assertThat(images()).isEmpty();
        images.lease(key(1), this::make, work -> {}).close();
        assertThat(made).hasValue(1);
    }

    @Test
    void aDiscardedOneIsMadeAnewUnlessOthersUseIt() throws Exception {
        SnapshotStore images = open();
        SnapshotStore.Lease used = images.lease(key(1), this::make, work -> {});
        images.lease(key(1), this::make, work -> {}).discard();
        assertThat(images()).containsExactly(key(1).name());
        used.discard();
        assertThat(images()).isEmpty();
    }

    @Test
    void whatAKilledProcessWasMakingIsSwept() throws Exception {
        Path left = Files.createDirectories(directory.resolve("images/999999-1-dead/image-1"));
        Files.writeString(left.resolve("memory"), "half");
        Files.setPosixFilePermissions(directory.resolve("images"), PosixFilePermissions.fromString("rwx------"));
        open().lease(key(1), this::make, work -> {}).close();
        assertThat(names()).doesNotContain("999999-1-dead");
    }

    @Test
    void isMadeOnceByManyProcessesAndAgainWhenTheOneThatMakesItIsKilled() throws Exception {
        Path log = directory.resolve("log");
        List<Preparation.Stage> heard = new CopyOnWriteArrayList<>();
        ExecutorService thread = Executors.newSingleThreadExecutor();
        List<Process> processes = new ArrayList<>();
        try {
            Process killed = process("hang", log);
            await().until(() -> Files.exists(log) && Files.readString(log).contains("hang\n"));
            for (int i = 0; i < 3; i++) {
                processes.add(process("make", log));
            }
            Future<?> here = thread.submit(() -> {
                open().lease(key(1), maker("make", log), work -> heard.add(work.stage()))
                        .close();
                return null;
            });
            await().until(() -> heard.contains(Preparation.Stage.WAITING));
            killed.destroyForcibly().waitFor();
            here.get();
            for (Process process : processes) {
                assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
                assertThat(process.exitValue()).isZero();
            }
        } finally {
            thread.shutdownNow();
            processes.forEach(Process::destroyForcibly);
        }
        assertThat(Files.readString(log)).isEqualTo("hang\nmake\n");
        try (SnapshotStore.Lease lease = open().lease(key(1), this::make, work -> {})) {
            assertThat(Files.readString(lease.image().state())).isEqualTo("make");
        }
        assertThat(made).hasValue(0);
    }

    private Process process(String how, Path log) throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Other.class.getName(),
                        directory.resolve("images").toString(),
                        how,
                        log.toString())
                .inheritIO()
                .start();
    }

    private static SnapshotStore.Maker maker(String how, Path log) {
        return image -> {
            Files.writeString(image.state(), how);
            Files.writeString(log, how + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
            if (how.equals("hang")) {
                Thread.sleep(Long.MAX_VALUE);
            }
        };
    }

    /** Another process that wants the image. */
    static final class Other {
        private Other() {}

        public static void main(String[] arguments) throws Exception {
            Path log = Path.of(arguments[2]);
            SnapshotStore images = new SnapshotStore(Path.of(arguments[0]), DataSize.ofMebibytes(1), Clock.systemUTC());
            SnapshotStore.Lease lease = images.lease(key(1), maker(arguments[1], log), work -> {});
            boolean right = Files.readString(lease.image().state()).equals("make");
            lease.close();
            images.close();
            System.exit(right ? 0 : 1);
        }
    }

    @Test
    void afterClosingThereAreNoMore() throws Exception {
        SnapshotStore images = open();
        images.lease(key(1), this::make, work -> {}).close();
        images.close();
        assertThatThrownBy(() -> images.lease(key(1), this::make, work -> {})).hasMessageContaining("closed");
    }

    private SnapshotStore open() {
        return open(100 * SIZE);
    }

    private SnapshotStore open(long limit) {
        Clock ticking = new Clock() {
            @Override
            public Instant instant() {
                return Instant.ofEpochSecond(now.incrementAndGet());
            }

            @Override
            public ZoneOffset getZone() {
                return ZoneOffset.UTC;
            }

            @Override
            public Clock withZone(java.time.ZoneId zone) {
                return this;
            }
        };
        SnapshotStore images = new SnapshotStore(directory.resolve("images"), DataSize.ofBytes(limit), ticking);
        opened.add(images);
        return images;
    }

    private static SnapshotKey key(int number) {
        return new SnapshotKey(String.format("%032x", number), List.of("a test", "image " + number));
    }

    private void make(MemorySnapshot image) throws IOException {
        made.incrementAndGet();
        Files.writeString(image.state(), "image 1");
        Files.write(image.directory().resolve("memory"), new byte[SIZE - "image 1".length()]);
    }

    private List<String> images() throws IOException {
        return names().stream().filter(name -> name.matches("[0-9a-f]{32}")).toList();
    }

    private List<String> names() throws IOException {
        try (Stream<Path> entries = Files.list(directory.resolve("images"))) {
            return entries.map(entry -> entry.getFileName().toString()).toList();
        }
    }
}
