package dev.construir.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.construir.machine.Disk;
import dev.construir.machine.Hypervisor;
import dev.construir.machine.HypervisorException;
import dev.construir.machine.Machine;
import dev.construir.machine.MachineExit;
import dev.construir.machine.MachineSpec;
import dev.construir.machine.Preference;
import dev.construir.machine.WarmMachine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;

/** Tests how machines start: what a start refuses and reports, and what is left of one that is broken off. */
abstract class StartContract extends EndContract {
    private static final int[] MOMENTS_OF_A_START = {0, 5, 20, 50, 100, 200, 400};

    @Test
    void reportsWhatRunsTheMachine() throws Exception {
        try (Machine machine = hypervisor.start(spec(GuestBehaviour.POWER_OFF), new RecordingListener())) {
            assertThat(machine.info().hypervisor()).isEqualTo(hypervisor.name());
            assertThat(machine.info().version()).isNotBlank();
            assertThat(machine.info().accelerator()).isNotBlank();
            assertThat(machine.info().acceleratorReason()).isNotBlank();
            assertThat(machine.info().warm()).isFalse();
        }
    }

    @Test
    void namesTheDiskThatIsMissing() throws Exception {
        MachineSpec spec = spec(GuestBehaviour.HANG);
        Path base = spec.disks().get(0).file();
        Files.delete(base);
        assertThatThrownBy(() -> hypervisor.start(spec, new RecordingListener()))
                .isInstanceOf(HypervisorException.class)
                .hasMessageContaining(base.toString());
    }

    @Test
    void anInterruptedThreadStartsNothing() throws Exception {
        MachineSpec spec = spec(GuestBehaviour.HANG);
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> hypervisor.start(spec, new RecordingListener()))
                .isInstanceOf(InterruptedException.class);
        assertThat(Thread.interrupted()).isFalse();
    }

    @Test
    void machinesOutliveTheThreadThatStartedThem() throws Exception {
        MachineSpec spec = spec(GuestBehaviour.HANG);
        RecordingListener listener = new RecordingListener();
        CompletableFuture<Machine> started = new CompletableFuture<>();
        Thread starter = new Thread(() -> {
            try {
                started.complete(hypervisor.start(spec, listener));
            } catch (HypervisorException | InterruptedException e) {
                started.completeExceptionally(e);
            }
        });
        starter.start();
        starter.join();
        try (Machine machine = started.join()) {
            awaitReady(listener);
            assertThat(machine.exit()).isNotDone();
            machine.kill("still there");
            assertThat(exit(machine)).isEqualTo(new MachineExit.Killed("still there"));
        }
    }

    @Test
    void runsManyMachinesOnOneReadOnlyBase() throws Exception {
        MachineSpec spec = spec(GuestBehaviour.PRINT);
        Path base = spec.disks().get(0).file();
        Files.setPosixFilePermissions(base, PosixFilePermissions.fromString("r--r--r--"));
        String before = sha256(base);
        try (Machine one = hypervisor.start(spec, new RecordingListener());
                Machine two = hypervisor.start(spec.withName("two"), new RecordingListener())) {
            assertThat(exit(one)).isEqualTo(exit(two));
            assertThat(exit(one)).isInstanceOfAny(MachineExit.PoweredOff.class, MachineExit.Ended.class);
        }
        assertThat(sha256(base)).isEqualTo(before);
    }

    @Test
    void aPreparedMachineGetsItsWritableDiskAtTheStart() throws Exception {
        MachineSpec cold = spec(GuestBehaviour.ECHO);
        Path late = directory.resolve("late.img");
        MachineSpec spec = new MachineSpec(
                cold.name(),
                cold.architecture(),
                cold.cpus(),
                cold.memory(),
                cold.boot(),
                List.of(cold.disks().get(0), Disk.writable(late, "late")),
                cold.network(),
                cold.hardware(),
                Preference.PREFER,
                cold.cacheMode());
        assertThat(hypervisor.prepare(cold)).isEmpty(); // its specification does not allow it
        Optional<WarmMachine> prepared = hypervisor.prepare(spec);
        assertThat(prepared.isPresent()).isEqualTo(preparesMachines());
        if (prepared.isEmpty()) {
            return;
        }
        RecordingListener listener = new RecordingListener();
        try (WarmMachine ready = prepared.get()) {
            Files.write(late, new byte[1 << 20]);
            try (Machine machine = ready.start(listener)) {
                assertThat(machine.info().warm()).isTrue();
                if (canType()) {
                    machine.writeConsole(ascii("late"));
                    await().atMost(PATIENCE_SECONDS, TimeUnit.SECONDS)
                            .until(() -> listener.console().endsWith("late"));
                }
                machine.kill("seen");
                assertThat(exit(machine)).isEqualTo(new MachineExit.Killed("seen"));
            }
        }
        try (WarmMachine unused = hypervisor.prepare(spec).orElseThrow()) {
            Files.delete(late);
            assertThatThrownBy(() -> unused.start(new RecordingListener()))
                    .isInstanceOf(HypervisorException.class)
                    .hasMessageContaining(late.toString());
        }
    }

    @Test
    @ResourceLock(Resources.GLOBAL) // it counts what the whole process has
    void anInterruptDuringAStartLeavesNothing() throws Exception {
        MachineSpec spec = spec(GuestBehaviour.HANG);
        hypervisor.start(spec, new RecordingListener()).close();
        long children = children();
        int started = 0;
        for (int millis : MOMENTS_OF_A_START) {
            Start start = Start.of(hypervisor, spec);
            Thread.sleep(millis);
            start.thread.interrupt();
            Object came = start.came.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            if (came instanceof Machine machine) { // it was too late
                started++;
                machine.close();
            } else {
                assertThat(came).isInstanceOf(InterruptedException.class);
            }
        }
        assertThat(started < MOMENTS_OF_A_START.length || startsAtOnce()).isTrue();
        await().atMost(10, TimeUnit.SECONDS).until(() -> children() <= children);
    }

    @Test
    void closingTheHypervisorDuringAStartWaitsForItsEnd() throws Exception {
        MachineSpec spec = spec(GuestBehaviour.HANG);
        int started = 0;
        for (int millis : MOMENTS_OF_A_START) {
            Path scratch = directory.resolve("closed-after-" + millis);
            Hypervisor closed = createHypervisor(scratch);
            Start start = Start.of(closed, spec);
            Thread.sleep(millis);
            closed.close();
            Object came = start.came.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            if (came instanceof Machine machine) { // it was too late
                started++;
                assertThat(machine.exit()).isDone();
                assertThat(exit(machine)).isInstanceOf(MachineExit.Killed.class);
                machine.close();
            } else {
                assertThat(came)
                        .isInstanceOfSatisfying(
                                HypervisorException.class,
                                failure -> assertThat(failure).hasMessageContaining("closed"));
            }
            assertThat(ownDirectories(scratch)).isEmpty();
        }
        assertThat(started < MOMENTS_OF_A_START.length || startsAtOnce()).isTrue();
    }

    /** A thread that starts a machine, and its result: the machine or the failure. */
    private record Start(Thread thread, CompletableFuture<Object> came) {
        static Start of(Hypervisor hypervisor, MachineSpec spec) {
            CompletableFuture<Object> came = new CompletableFuture<>();
            Thread thread = new Thread(() -> {
                try {
                    came.complete(hypervisor.start(spec, new RecordingListener()));
                } catch (Exception e) {
                    came.complete(e);
                }
            });
            thread.start();
            return new Start(thread, came);
        }
    }

    // A directory in the scratch directory has the number of the process that made it in its name.
    private static List<Path> ownDirectories(Path scratch) throws IOException {
        if (Files.notExists(scratch)) {
            return List.of();
        }
        String own = ProcessHandle.current().pid() + "-";
        try (Stream<Path> found = Files.list(scratch)) {
            return found.filter(path -> path.getFileName().toString().contains(own))
                    .toList();
        }
    }

    private static String sha256(Path file) throws IOException, NoSuchAlgorithmException {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file)));
    }
}
