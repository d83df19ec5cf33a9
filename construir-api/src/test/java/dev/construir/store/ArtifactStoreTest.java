package dev.construir.store;

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
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(60)
class ArtifactStoreTest {
    private static final int SIZE = 1000;

    @TempDir
    Path directory;

    private final AtomicInteger made = new AtomicInteger();
    private final AtomicInteger now = new AtomicInteger();
    private final List<ArtifactStore> opened = new ArrayList<>();

    @AfterEach
    void nothingButImagesAndLocksIsLeft() throws Exception {
        opened.forEach(ArtifactStore::close);
        assertThat(names()).allMatch(name -> name.matches("([0-9a-f]{32}|kept)((\\.maker)?\\.lock)?"));
    }

    @Test
    void isMadeOnceForAllWhoAskAtOnce() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(10);
        List<ArtifactStore> three = List.of(open(), open(), open());
        List<Future<ArtifactStore.Lease>> leases = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            ArtifactStore images = three.get(i % 3);
            leases.add(threads.submit(() -> lease(images, key(1), this::make, work -> {})));
        }
        for (Future<ArtifactStore.Lease> lease : leases) {
            assertThat(Files.readString(lease.get().directory().resolve("state")))
                    .isEqualTo("image 1");
        }
        for (Future<ArtifactStore.Lease> lease : leases) {
            lease.get().close();
        }
        threads.shutdown();
        assertThat(made).hasValue(1);
    }

    @Test
    void whoWantedToMakeItTooDoesNotWaitForThoseWhoUseIt() throws Exception {
        ArtifactStore images = open();
        lease(images, key(2), this::make, work -> {}).close();
        StoreLock.Hold held = StoreLock.shared(directory.resolve("images").resolve(key(1) + ".lock"));
        List<ArtifactStore.Lease> leases = new CopyOnWriteArrayList<>();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            Thread thread = new Thread(() -> {
                try {
                    leases.add(lease(images, key(1), this::make, work -> {}));
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
        leases.forEach(ArtifactStore.Lease::close);
        assertThat(made).hasValue(2);
    }

    @Test
    void whoWaitsForAnotherThreadHearsIt() throws Exception {
        ArtifactStore images = open();
        CountDownLatch making = new CountDownLatch(1);
        CountDownLatch heard = new CountDownLatch(1);
        ArtifactStore.Maker<IOException> slow = image -> {
            making.countDown();
            heard.await();
            make(image);
        };
        List<Preparation> ofMaker = new CopyOnWriteArrayList<>();
        List<Preparation> ofOther = new CopyOnWriteArrayList<>();
        ExecutorService thread = Executors.newSingleThreadExecutor();
        Future<ArtifactStore.Lease> first = thread.submit(() -> lease(images, key(1), slow, ofMaker::add));
        making.await();
        lease(images, key(1), this::make, work -> {
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
        try (ArtifactStore.Lease lease = lease(open(), key(1), this::make, work -> {})) {
            Path image = lease.directory();
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(image)))
                    .isEqualTo("rwx------");
            assertThat(PosixFilePermissions.toString(
                            Files.getPosixFilePermissions(lease.directory().resolve("state"))))
                    .isEqualTo("rw-------");
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(directory.resolve("images"))))
                    .isEqualTo("rwx------");
        }
    }

    private enum Damage {
        FLIPPED_BIT {
            @Override
            void to(Path image) throws IOException {
                FileTime before = Files.getLastModifiedTime(image.resolve("state"));
                try (FileChannel file = FileChannel.open(image.resolve("state"), StandardOpenOption.WRITE)) {
                    file.write(ByteBuffer.wrap(new byte[] {'I'}), 0);
                }
                Files.setLastModifiedTime(image.resolve("state"), before); // as if nothing had been
            }
        },
        CUT_OFF {
            @Override
            void to(Path image) throws IOException {
                try (FileChannel file = FileChannel.open(image.resolve("state"), StandardOpenOption.WRITE)) {
                    file.truncate(3);
                }
            }
        },
        MISSING {
            @Override
            void to(Path image) throws IOException {
                Files.delete(image.resolve("state"));
            }
        },
        REPLACED {
            @Override
            void to(Path image) throws IOException {
                Path other = image.resolve("other");
                Files.writeString(other, "image 1");
                Files.setLastModifiedTime(other, Files.getLastModifiedTime(image.resolve("state")));
                Files.move(other, image.resolve("state"), java.nio.file.StandardCopyOption.REPLACE_EXISTING);
            }
        },
        MANIFEST_MISSING {
            @Override
            void to(Path image) throws IOException {
                Files.delete(image.resolve("manifest.properties"));
            }
        },
        MANIFEST_TORN {
            @Override
            void to(Path image) throws IOException {
                Path manifest = image.resolve("manifest.properties");
                String text = Files.readString(manifest);
                Files.writeString(manifest, text.substring(0, text.length() / 2));
            }
        },
        HOST_STARTED_ANEW {
            @Override
            void to(Path image) throws IOException {
                Path manifest = image.resolve("manifest.properties");
                Files.writeString(manifest, Files.readString(manifest).replaceFirst("boot=.*", "boot=before"));
            }
        };

        abstract void to(Path image) throws IOException;
    }

    @ParameterizedTest
    @EnumSource
    void aDamagedOneIsMadeAnew(Damage damage) throws Exception {
        ArtifactStore images = open();
        try (ArtifactStore.Lease lease = lease(images, key(1), this::make, work -> {})) {
            damage.to(lease.directory());
        }
        try (ArtifactStore.Lease lease = lease(images, key(1), this::make, work -> {})) {
            assertThat(Files.readString(lease.directory().resolve("state"))).isEqualTo("image 1");
        }
        assertThat(made).hasValue(2);
        try (ArtifactStore.Lease lease = lease(images, key(1), this::make, work -> {})) {
            assertThat(lease.directory()).isDirectory();
        }
        assertThat(made).hasValue(2);
    }

    @Test
    void aDurableOne_outlivesAStartOfTheHostAndACopy() throws Exception {
        ArtifactStore images = durable();
        images.replace("kept", List.of("a test"), this::make);
        Path kept = directory.resolve("images/kept");
        Path manifest = kept.resolve("manifest.properties");
        Files.writeString(manifest, Files.readString(manifest).replaceFirst("boot=.*", "boot=before"));
        Path copy = kept.resolve("copy");
        Files.copy(kept.resolve("state"), copy);
        Files.move(copy, kept.resolve("state"), java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        List<String> heard = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            try (ArtifactStore.Lease lease =
                    images.find("kept", work -> heard.add(work.describe())).orElseThrow()) {
                assertThat(lease.directory()).isEqualTo(kept);
            }
        }
        assertThat(heard).hasSize(2).allMatch(line -> line.startsWith("reading ")); // once each, not again
        assertThat(images.list())
                .extracting(ArtifactStore.Entry::name, ArtifactStore.Entry::of)
                .containsExactly(org.assertj.core.groups.Tuple.tuple("kept", List.of("a test")));
    }

    @ParameterizedTest
    @EnumSource(
            mode = EnumSource.Mode.EXCLUDE,
            names = {"REPLACED", "HOST_STARTED_ANEW"})
    void aDamagedDurableOne_isNotFound(Damage damage) throws Exception {
        ArtifactStore images = durable();
        images.replace("kept", List.of("a test"), this::make);
        damage.to(directory.resolve("images/kept"));
        if (damage == Damage.MANIFEST_MISSING) {
            assertThat(images.find("kept", work -> {})).isEmpty();
        } else {
            assertThatThrownBy(() -> images.find("kept", work -> {}))
                    .isInstanceOf(IOException.class)
                    .hasMessageMatching("(?s).*(is damaged|missing|is none|is cut off|there is no).*");
        }
        images.lease("kept", List.of("a test"), this::make, work -> {}).close();
        assertThat(made).hasValue(2);
        images.find("kept", work -> {}).orElseThrow().close();
    }

    @Test
    void oneInUse_isNeitherReplacedNorRemoved() throws Exception {
        ArtifactStore images = durable();
        images.replace("kept", List.of(), this::make);
        try (ArtifactStore.Lease lease = images.find("kept", work -> {}).orElseThrow()) {
            assertThatThrownBy(() -> images.replace("kept", List.of(), this::make))
                    .hasMessageContaining("is in use");
            assertThatThrownBy(() -> images.remove("kept")).hasMessageContaining("is in use");
            assertThat(lease.directory().resolve("state")).exists();
        }
        images.replace("kept", List.of(), this::make);
        assertThat(images.remove("kept")).isTrue();
        assertThat(images.remove("kept")).isFalse();
        assertThat(images.find("kept", work -> {})).isEmpty();
        assertThat(images.list()).isEmpty();
    }

    @Test
    void thoseUsedLongestAgoGoButNoneInUse() throws Exception {
        ArtifactStore images = open(3 * SIZE);
        ArtifactStore.Lease inUse = lease(images, key(1), this::make, work -> {});
        lease(images, key(2), this::make, work -> {}).close();
        lease(images, key(3), this::make, work -> {}).close();
        lease(images, key(2), this::make, work -> {}).close(); // used again
        lease(images, key(4), this::make, work -> {}).close();
        assertThat(images()).containsExactlyInAnyOrder(key(1), key(2), key(4));
        inUse.close();
        lease(images, key(5), this::make, work -> {}).close();
        assertThat(images()).containsExactlyInAnyOrder(key(2), key(4), key(5));
        // in use by another hypervisor
        ArtifactStore.Lease elsewhere = lease(open(SIZE), key(2), this::make, work -> {});
        lease(images, key(6), this::make, work -> {}).close();
        lease(images, key(7), this::make, work -> {}).close();
        assertThat(images()).contains(key(2), key(7)).hasSize(3);
        elsewhere.close();
    }

    @Test
    void theLastOneStaysHoweverLarge() throws Exception {
        ArtifactStore images = open(1);
        lease(images, key(1), this::make, work -> {}).close();
        lease(images, key(2), this::make, work -> {}).close();
        assertThat(images()).containsExactly(key(2));
    }

    @Test
    void whatFailsLeavesNothingAndIsTriedAgain() throws Exception {
        ArtifactStore images = open();
        ArtifactStore.Maker<HypervisorException> failing = image -> {
            Files.writeString(image.resolve("state"), "half");
            throw new HypervisorException("out of order");
        };
        assertThatThrownBy(() -> lease(images, key(1), failing, work -> {})).hasMessage("out of order");
        assertThat(images()).isEmpty();
        lease(images, key(1), this::make, work -> {}).close();
        assertThat(made).hasValue(1);
    }

    @Test
    void aDiscardedOneIsMadeAnewUnlessOthersUseIt() throws Exception {
        ArtifactStore images = open();
        ArtifactStore.Lease used = lease(images, key(1), this::make, work -> {});
        lease(images, key(1), this::make, work -> {}).discard();
        assertThat(images()).containsExactly(key(1));
        used.discard();
        assertThat(images()).isEmpty();
    }

    @Test
    void whatAKilledProcessWasMakingIsSwept() throws Exception {
        Path left = Files.createDirectories(directory.resolve("images/999999-1-dead/image-1"));
        Files.writeString(left.resolve("memory"), "half");
        Files.setPosixFilePermissions(directory.resolve("images"), PosixFilePermissions.fromString("rwx------"));
        lease(open(), key(1), this::make, work -> {}).close();
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
                lease(open(), key(1), maker("make", log), work -> heard.add(work.stage()))
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
        try (ArtifactStore.Lease lease = lease(open(), key(1), this::make, work -> {})) {
            assertThat(Files.readString(lease.directory().resolve("state"))).isEqualTo("make");
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

    private static ArtifactStore.Maker<IOException> maker(String how, Path log) {
        return image -> {
            Files.writeString(image.resolve("state"), how);
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
            ArtifactStore images =
                    store(Path.of(arguments[0]), Durability.UNTIL_REBOOT, DataSize.ofMebibytes(1), Clock.systemUTC());
            ArtifactStore.Lease lease = lease(images, key(1), maker(arguments[1], log), work -> {});
            boolean right = Files.readString(lease.directory().resolve("state")).equals("make");
            lease.close();
            images.close();
            System.exit(right ? 0 : 1);
        }
    }

    @Test
    void afterClosingThereAreNoMore() throws Exception {
        ArtifactStore images = open();
        lease(images, key(1), this::make, work -> {}).close();
        images.close();
        assertThatThrownBy(() -> lease(images, key(1), this::make, work -> {})).hasMessageContaining("closed");
    }

    private static ArtifactStore store(Path root, Durability durability, DataSize limit, Clock clock) {
        return new ArtifactStore(root, "memory snapshot", durability, limit, clock);
    }

    private static <E extends Exception> ArtifactStore.Lease lease(
            ArtifactStore images, String key, ArtifactStore.Maker<E> maker, Consumer<? super Preparation> progress)
            throws E, IOException, InterruptedException {
        return images.lease(key, List.of("a test", key), maker, progress);
    }

    private ArtifactStore durable() {
        ArtifactStore images =
                store(directory.resolve("images"), Durability.DURABLE, DataSize.ofBytes(100 * SIZE), Clock.systemUTC());
        opened.add(images);
        return images;
    }

    private ArtifactStore open() {
        return open(100 * SIZE);
    }

    private ArtifactStore open(long limit) {
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
        ArtifactStore images =
                store(directory.resolve("images"), Durability.UNTIL_REBOOT, DataSize.ofBytes(limit), ticking);
        opened.add(images);
        return images;
    }

    private static String key(int number) {
        return String.format("%032x", number);
    }

    private void make(Path image) throws IOException {
        made.incrementAndGet();
        Files.writeString(image.resolve("state"), "image 1");
        Files.write(image.resolve("memory"), new byte[SIZE - "image 1".length()]);
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
