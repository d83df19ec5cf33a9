package dev.construir.qemu.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.construir.DataSize;
import dev.construir.image.RootImage;
import dev.construir.machine.HypervisorException;
import dev.construir.run.Runner;
import dev.construir.sandbox.Checkpoint;
import dev.construir.sandbox.CheckpointStore;
import dev.construir.sandbox.Execution;
import dev.construir.sandbox.Sandbox;
import dev.construir.sandbox.SandboxException;
import dev.construir.sandbox.SandboxLostException;
import dev.construir.sandbox.SandboxOptions;
import dev.construir.scratch.Scratch;
import dev.construir.testing.TestImages;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Sandboxes that were saved as they ran, and what goes on from there. */
@Timeout(180)
class CheckpointIT {
    private static final SandboxOptions OPTIONS =
            SandboxOptions.DEFAULT.withName("origin").withResources(RealMachines.SMALL);

    @TempDir
    static Path scratch;

    private static Runner runner;

    @BeforeAll
    static void open() throws Exception {
        runner = RealMachines.warm(RootImage.in(TestImages.find("tiny")), scratch);
    }

    @AfterAll
    static void close() throws Exception {
        runner.close();
        assertThat(RealMachines.machines()).isEmpty();
        Path checkpoints = Scratch.defaultRoot().resolve("checkpoints");
        try (Stream<Path> left = Files.walk(checkpoints)) { // those of this process; there may be others
            assertThat(left.filter(path -> path.toString()
                            .contains("/" + ProcessHandle.current().pid() + "-")))
                    .isEmpty();
        }
    }

    private static String say(Sandbox vm, String script) throws Exception {
        return vm.sh(script).run().orThrow().stdout().text().strip();
    }

    @Test
    void forks_areIndependentOfEachOtherAndOfTheirOrigin() throws Exception {
        try (Sandbox origin = Sandbox.open(runner, OPTIONS)) {
            say(origin, "echo origin > /etc/marker; echo origin > /job/marker; mkdir /tmp/mine");
            List<Sandbox> forks = new ArrayList<>();
            try (Checkpoint checkpoint = origin.checkpoint()) {
                say(origin, "echo later > /etc/marker; echo later > /job/marker");
                for (String name : List.of("first", "second", "third")) {
                    forks.add(checkpoint.open(OPTIONS.withName(name)));
                }
            }
            Set<String> random = new HashSet<>();
            for (Sandbox fork : forks) { // the checkpoint is closed
                assertThat(say(fork, "cat /etc/marker /job/marker")).isEqualTo("origin\norigin");
                assertThat(say(fork, "ls /tmp/mine")).isEmpty();
                say(fork, "hostname > /tmp/mine/name; hostname > /etc/marker; hostname > /job/marker");
                random.add(say(fork, "head -c 16 /dev/urandom | od -An -tx1"));
                long guest = Long.parseLong(say(fork, "date +%s"));
                assertThat(Math.abs(guest - Instant.now().getEpochSecond())).isLessThanOrEqualTo(2);
            }
            random.add(say(origin, "head -c 16 /dev/urandom | od -An -tx1"));
            assertThat(random).hasSize(4);
            assertThat(forks)
                    .extracting(fork -> say(fork, "cat /tmp/mine/name /etc/marker /job/marker"))
                    .containsExactly("first\nfirst\nfirst", "second\nsecond\nsecond", "third\nthird\nthird");
            assertThat(say(origin, "cat /etc/marker /job/marker; ls /tmp/mine")).isEqualTo("later\nlater");
            forks.forEach(Sandbox::close);
        }
    }

    @Test
    void whatRan_goesOnInTheOriginAndInEachFork() throws Exception {
        try (Sandbox origin = Sandbox.open(runner, OPTIONS);
                Execution counter = origin.sh("i=0; while sleep 0.1; do i=$((i+1)); echo $i; done")
                        .start();
                Execution daemon = origin.sh(
                                "i=0; while sleep 0.1; do i=$((i+1)); echo $i > /tmp/n.new; mv /tmp/n.new /tmp/n; done")
                        .start()) {
            assertThat(counter.stdout().read()).isEqualTo('1');
            assertThat(daemon.process().get()).isPositive();
            say(origin, "until test -e /tmp/n; do sleep 0.1; done");
            CompletableFuture<String> meanwhile = CompletableFuture.supplyAsync(() -> {
                try {
                    return say(origin, "sleep 0.3; echo whole"); // under way while the machine is saved
                } catch (Exception e) {
                    return e.toString();
                }
            });
            try (Checkpoint checkpoint = origin.checkpoint();
                    Sandbox fork = checkpoint.open()) {
                int before = Integer.parseInt(say(fork, "cat /tmp/n"));
                assertThat(Integer.parseInt(say(fork, "sleep 2; cat /tmp/n"))).isGreaterThan(before);
            }
            assertThat(meanwhile.get()).isEqualTo("whole");
            int before = Integer.parseInt(say(origin, "cat /tmp/n"));
            assertThat(Integer.parseInt(say(origin, "sleep 2; cat /tmp/n"))).isGreaterThan(before);
            byte[] further = counter.stdout().readNBytes(20);
            assertThat(new String(further, StandardCharsets.US_ASCII)).startsWith("\n2\n3\n4\n5\n");
        }
    }

    @Test
    void aFork_canBeSavedAgain() throws Exception {
        try (Sandbox origin = Sandbox.open(runner, OPTIONS)) {
            say(origin, "echo 1 > /etc/marker");
            try (Checkpoint one = origin.checkpoint();
                    Sandbox fork = one.open()) {
                say(fork, "echo 2 >> /etc/marker");
                try (Checkpoint two = fork.checkpoint();
                        Sandbox grandchild = two.open(OPTIONS.withName("grandchild"))) {
                    assertThat(say(grandchild, "cat /etc/marker; hostname")).isEqualTo("1\n2\ngrandchild");
                }
                assertThat(say(fork, "cat /etc/marker")).isEqualTo("1\n2");
            }
            assertThat(say(origin, "cat /etc/marker")).isEqualTo("1");
        }
    }

    @Test
    void aForkOfACheckpointThatHasGone_canBeSavedWhole() throws Exception {
        try (Sandbox origin = Sandbox.open(runner, OPTIONS)) {
            say(origin, "head -c 3000000 /dev/urandom > /etc/noise; sha256sum /etc/noise > /etc/sum; sync");
            Sandbox fork;
            try (Checkpoint one = origin.checkpoint()) {
                fork = one.open();
            }
            try (fork;
                    Checkpoint two = fork.checkpoint();
                    Sandbox grandchild = two.open(OPTIONS.withName("grandchild"))) {
                say(grandchild, "echo 3 > /proc/sys/vm/drop_caches; sha256sum -c /etc/sum");
            }
        }
    }

    @Test
    void checkpoints_atOnceAndAfterAnInterrupt_leaveTheSandboxUsable() throws Exception {
        try (Sandbox origin = Sandbox.open(runner, OPTIONS)) {
            Thread interrupted = new Thread(() -> {
                try {
                    origin.checkpoint().close();
                } catch (Exception e) {
                    assertThat(e).isInstanceOf(InterruptedException.class);
                }
            });
            interrupted.start();
            interrupted.interrupt();
            interrupted.join();
            List<CompletableFuture<Boolean>> two = Stream.of(1, 2)
                    .map(number -> CompletableFuture.supplyAsync(() -> {
                        try (Checkpoint checkpoint = origin.checkpoint();
                                Sandbox fork = checkpoint.open(OPTIONS.withName("fork" + number))) {
                            return !fork.ping().isNegative();
                        } catch (Exception e) {
                            throw new AssertionError(e);
                        }
                    }))
                    .toList();
            assertThat(origin.ping()).isPositive();
            for (CompletableFuture<Boolean> one : two) {
                assertThat(one.get()).isTrue();
            }
            assertThat(say(origin, "echo still there")).isEqualTo("still there");
        }
    }

    @Test
    void aMachineOfAnotherKind_isRefused() throws Exception {
        try (Sandbox origin = Sandbox.open(runner, OPTIONS);
                Checkpoint checkpoint = origin.checkpoint()) {
            SandboxOptions larger = OPTIONS.withResources(RealMachines.SMALL.withMemory(DataSize.ofMebibytes(300)));
            assertThatThrownBy(() -> checkpoint.open(larger))
                    .isInstanceOf(HypervisorException.class)
                    .hasMessageContaining("cannot go on from the checkpoint");
            assertThat(say(origin, "echo still there")).isEqualTo("still there");
        }
    }

    @Test
    void aMachineThatWasBooted_cannotBeSavedAndStaysUsable() throws Exception {
        try (Runner cold = RealMachines.tiny(scratch.resolve("cold"));
                Sandbox origin = Sandbox.open(cold, OPTIONS)) {
            assertThatThrownBy(origin::checkpoint)
                    .isInstanceOf(HypervisorException.class)
                    .hasMessageContaining("use a warm start");
            assertThat(say(origin, "echo still there")).isEqualTo("still there");
        }
    }

    @Test
    void aClosedCheckpoint_opensNothing() throws Exception {
        try (Sandbox origin = Sandbox.open(runner, OPTIONS)) {
            Checkpoint checkpoint = origin.checkpoint();
            checkpoint.close();
            checkpoint.close();
            assertThatThrownBy(checkpoint::open).isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void checkpoint_ofALostSandbox_isRefused() throws Exception {
        Sandbox origin = Sandbox.open(runner, OPTIONS);
        origin.close();
        assertThatThrownBy(origin::checkpoint)
                .isInstanceOf(SandboxLostException.class)
                .hasMessageContaining("was closed");
    }

    @Test
    void aCheckpointWithAName_isFoundByAnotherRunner(@TempDir Path kept) throws Exception {
        CheckpointStore store = CheckpointStore.in(kept.resolve("store"));
        try (Sandbox origin = Sandbox.open(runner, OPTIONS)) {
            say(origin, "echo saved > /job/marker; echo saved > /etc/marker");
            origin.checkpoint(store, "marked");
            say(origin, "echo later > /job/marker");
        }
        assertThat(store.list()).singleElement().satisfies(entry -> {
            assertThat(entry.name()).isEqualTo("marked");
            assertThat(entry.size()).isGreaterThan(RealMachines.SMALL.memory());
        });
        try (Stream<Path> files = Files.walk(kept.resolve("store"))) {
            assertThat(files.map(CheckpointIT::permissions)).allMatch(text -> text.endsWith("------"));
        }
        try (Runner other = RealMachines.warm(RootImage.in(TestImages.find("tiny")), scratch);
                Checkpoint found = store.find("marked", other, OPTIONS).orElseThrow();
                Sandbox one = found.open(OPTIONS.withName("one"));
                Sandbox two = found.open(OPTIONS.withName("two"))) {
            say(one, "echo one > /job/marker");
            assertThat(say(two, "cat /job/marker /etc/marker; hostname")).isEqualTo("saved\nsaved\ntwo");
            assertThatThrownBy(() -> one.checkpoint(store, "marked")).hasMessageContaining("is in use");
            assertThat(say(one, "cat /job/marker")).isEqualTo("one");
        }
        assertThat(store.find("another", runner, OPTIONS)).isEmpty();
        assertThat(store.remove("marked")).isTrue();
        assertThat(store.list()).isEmpty();
    }

    @Test
    void open_preparesOnceForAKindOfMachine(@TempDir Path kept) throws Exception {
        CheckpointStore store = CheckpointStore.in(kept);
        AtomicInteger prepared = new AtomicInteger();
        Sandbox.User preparation = vm -> {
            prepared.incrementAndGet();
            vm.sh("echo prepared > /etc/marker").run().orThrow();
        };
        for (int i = 0; i < 3; i++) {
            try (Sandbox vm = store.open("base", runner, OPTIONS, preparation)) {
                assertThat(say(vm, "cat /etc/marker; echo spoilt > /etc/marker"))
                        .isEqualTo("prepared");
            }
        }
        assertThat(prepared).hasValue(1);
        SandboxOptions larger = OPTIONS.withResources(RealMachines.SMALL.withMemory(DataSize.ofMebibytes(300)));
        try (Sandbox vm = store.open("base", runner, larger, preparation)) {
            assertThat(say(vm, "cat /etc/marker")).isEqualTo("prepared");
        }
        assertThat(prepared).hasValue(2);
        Path memory = kept.resolve("base/memory");
        try (FileChannel file = FileChannel.open(memory, StandardOpenOption.WRITE)) {
            file.write(ByteBuffer.wrap(new byte[] {1, 2, 3}), 12345);
        }
        assertThatThrownBy(() -> store.find("base", runner, larger)).hasMessageContaining("is damaged: memory");
        store.open("base", runner, larger, preparation).close();
        assertThat(prepared).hasValue(3);
    }

    @Test
    void open_whosePreparationFails_keepsNothing(@TempDir Path kept) throws Exception {
        CheckpointStore store = CheckpointStore.in(kept);
        assertThatThrownBy(() -> store.open(
                        "base", runner, OPTIONS, vm -> vm.sh("exit 3").run().orThrow()))
                .isInstanceOf(SandboxException.class)
                .hasMessageContaining("3");
        assertThat(store.list()).isEmpty();
        assertThat(store.find("base", runner, OPTIONS)).isEmpty();
        for (String name : List.of("", "../base", "a/b", "1", ".hidden", "base.lock", "a".repeat(101))) {
            assertThatThrownBy(() -> store.find(name, runner, OPTIONS))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("a checkpoint's name is");
        }
    }

    private static String permissions(Path file) {
        try {
            return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
