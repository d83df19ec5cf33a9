package dev.construir.qemu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import dev.construir.machine.Architecture;
import dev.construir.machine.Diagnosis;
import dev.construir.machine.Disk;
import dev.construir.machine.HypervisorException;
import dev.construir.machine.Machine;
import dev.construir.machine.MachineExit;
import dev.construir.machine.MachineListener;
import dev.construir.machine.MachineSpec;
import dev.construir.machine.Preference;
import dev.construir.qemu.FakeQemu.Behaviour;
import dev.construir.qemu.accelerator.AcceleratorChoice;
import dev.construir.qemu.accelerator.Hardware;
import dev.construir.qemu.process.KillEscalation;
import dev.construir.qemu.process.Launcher;
import dev.construir.qemu.process.OrphanProtection;
import dev.construir.qemu.program.Accelerator;
import dev.construir.qemu.program.Capabilities;
import dev.construir.qemu.program.QemuProgram;
import dev.construir.scratch.Scratch;
import dev.construir.testkit.BootSector;
import dev.construir.testkit.RecordingListener;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A QEMU that misbehaves is told about, is ended, and leaves nothing behind. */
@Timeout(60)
class FakeQemuTest {
    private static final Duration LONG = Duration.ofSeconds(30);
    private static final Duration ENOUGH_TO_CONNECT = Duration.ofSeconds(2); // unless the host is very busy
    private static final KillEscalation ESCALATION =
            new KillEscalation(Duration.ofMillis(100), Duration.ofMillis(100), Duration.ofSeconds(5));

    @TempDir
    Path directory;

    private final RecordingListener listener = new RecordingListener();

    @SuppressWarnings("NullAway.Init") // each test makes its own
    private QemuHypervisor hypervisor;

    @AfterEach
    void nothingIsLeft() throws Exception {
        hypervisor.close();
        try (Stream<Path> files = Files.list(directory.resolve("scratch"))) {
            assertThat(files.map(file -> file.getFileName().toString())).isSubsetOf("qemu-facts", "memory-snapshots");
        }
        await().atMost(5, TimeUnit.SECONDS)
                .until(() -> ProcessHandle.current().descendants().noneMatch(ProcessHandle::isAlive));
        await().atMost(5, TimeUnit.SECONDS)
                .until(() -> Thread.getAllStackTraces().keySet().stream()
                        .noneMatch(thread -> thread.getName().startsWith("construir-qemu-")));
    }

    @Test
    void obeys() throws Exception {
        try (Machine machine = start(Behaviour.OBEYS, LONG)) {
            assertThat(machine.info().version()).isEqualTo("7.2.0 (fake)");
            assertThat(machine.info().commandLine()).doesNotContain("-sandbox");
            machine.kill("enough");
            assertThat(exit(machine)).isEqualTo(new MachineExit.Killed("enough"));
        }
        assertThat(listener.timesRunning()).isEqualTo(1);
        assertThat(hypervisor.diagnose().findings())
                .anyMatch(f -> f.what().equals("sandbox") && f.verdict() == Diagnosis.Verdict.LIMITED);
    }

    @Test
    void diesAtOnce() throws Exception {
        assertFailure(Behaviour.DIES_AT_ONCE, "ended with status 7", "fake: this machine is out of order");
    }

    @Test
    void neverConnects() throws Exception {
        hypervisor = impatient(Behaviour.NEVER_CONNECTS, Duration.ofMillis(300));
        assertFailure("handshake failed: QEMU did not connect within 300 ms");
    }

    @Test
    void neverGreets() throws Exception {
        hypervisor = impatient(Behaviour.NEVER_GREETS, ENOUGH_TO_CONNECT);
        assertFailure("handshake failed: QEMU did not "); // how far it gets in that time is the host's affair
    }

    @Test
    void greetsWithGarbage() throws Exception {
        assertFailure(Behaviour.GREETS_WITH_GARBAGE, "no QMP: 220 fake ESMTP");
    }

    @Test
    void greetsWithoutEnd() throws Exception {
        assertFailure(Behaviour.GREETS_WITHOUT_END, "QMP handshake failed", "more than 1048576 bytes");
    }

    @Test
    void fallsSilentInMidLine() throws Exception {
        hypervisor = impatient(Behaviour.FALLS_SILENT_IN_MID_LINE, ENOUGH_TO_CONNECT);
        assertFailure("handshake failed: QEMU did not ");
    }

    @Test
    void answersWithGarbage() throws Exception {
        assertFailure(Behaviour.ANSWERS_WITH_GARBAGE, "QMP handshake failed", "no QMP: {\"return\": [}");
    }

    @Test
    void talksGarbageLater() throws Exception {
        try (Machine machine = start(Behaviour.TALKS_GARBAGE_LATER, LONG)) {
            assertThat(exit(machine))
                    .isInstanceOfSatisfying(
                            MachineExit.Lost.class,
                            lost -> assertThat(lost.why()).contains("no QMP"));
        }
    }

    /** Whoever cleans up /var/tmp may take it away; what the process has open it keeps. */
    @Test
    void aScratchDirectoryThatVanishesEndsNothing() throws Exception {
        try (Machine machine = start(Behaviour.OBEYS, LONG)) {
            removeTree(directory.resolve("scratch"));
            assertThat(machine.exit()).isNotDone();
            machine.kill("enough");
            assertThat(exit(machine)).isEqualTo(new MachineExit.Killed("enough"));
            MachineSpec next = spec();
            assertThatThrownBy(() -> hypervisor.start(next, listener))
                    .isInstanceOf(HypervisorException.class)
                    .hasMessageContainingAll("scratch", "there is no such file or directory")
                    .hasMessageNotContaining("Exception");
        }
        Files.createDirectories(directory.resolve("scratch/qemu-facts"));
    }

    private static void removeTree(Path root) throws IOException {
        try (Stream<Path> all = Files.walk(root)) {
            for (Path file : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    @Test
    void stopsInMidLine() throws Exception {
        assertFailure(Behaviour.STOPS_IN_MID_LINE, "closed in the middle of a line");
    }

    @Test
    void diesInTheHandshake() throws Exception {
        // Its sockets are closed a while before its end is known: it must not be killed in between.
        hypervisor = builder(Behaviour.DIES_IN_THE_HANDSHAKE, LONG)
                .escalation(new KillEscalation(LONG, ESCALATION.terminated(), ESCALATION.killed()))
                .build();
        assertFailure("ended with status 3", "fake: could not find my way");
    }

    @Test
    void refusesToRun() throws Exception {
        assertFailure(Behaviour.REFUSES_TO_RUN, "refused cont: not today");
    }

    @Test
    void diesOnHardwareThatIsPreferred() throws Exception {
        hypervisor = onHardware();
        MachineSpec preferred = Specs.with(spec(), Preference.PREFER, Preference.NEVER);
        try (Machine machine = hypervisor.start(preferred, listener)) {
            assertThat(machine.info().accelerator()).isEqualTo("tcg");
            assertThat(machine.info().acceleratorReason()).contains("kvm passed its self-test", "failed to set MSR");
        }
        assertThat(directory.resolve("scratch/qemu-facts/accelerator-kvm-x86_64.properties"))
                .doesNotExist();
    }

    @Test
    void diesOnHardwareThatIsRequired() throws Exception {
        hypervisor = onHardware();
        MachineSpec required = Specs.with(spec(), Preference.REQUIRE, Preference.NEVER);
        assertThatThrownBy(() -> hypervisor.start(required, listener))
                .isInstanceOf(HypervisorException.class)
                .hasMessageContaining("failed to set MSR");
    }

    @Test
    void floodsItsStandardError() throws Exception {
        try (Machine machine = start(Behaviour.FLOODS_ITS_STANDARD_ERROR, LONG)) {
            machine.kill("enough");
            assertThat(exit(machine)).isEqualTo(new MachineExit.Killed("enough"));
        }
    }

    @Test
    void ignoresQuitAndSigterm() throws Exception {
        try (Machine machine = start(Behaviour.IGNORES_QUIT_AND_SIGTERM, LONG)) {
            machine.kill("enough");
            assertThat(exit(machine)).isEqualTo(new MachineExit.Killed("enough"));
        }
    }

    @Test
    void stopsAnswering() throws Exception {
        try (Machine machine = start(Behaviour.STOPS_ANSWERING, LONG)) {
            assertThat(machine.usage().diskRead().bytes()).isZero(); // which waits for no answer for ever
            machine.kill("enough");
            assertThat(exit(machine)).isEqualTo(new MachineExit.Killed("enough"));
        }
    }

    @Test
    void sendsAnEndlessLine() throws Exception {
        try (Machine machine = start(Behaviour.SENDS_AN_ENDLESS_LINE, LONG)) {
            assertThat(exit(machine))
                    .isInstanceOfSatisfying(
                            MachineExit.Lost.class,
                            lost -> assertThat(lost.why()).contains("more than 1048576 bytes"));
        }
    }

    @Test
    void closesItsConsole() throws Exception {
        try (Machine machine = start(Behaviour.CLOSES_ITS_CONSOLE, LONG)) {
            ByteBuffer text = ByteBuffer.allocate(8 << 20); // more than a socket takes before it is closed
            assertThatThrownBy(() -> machine.writeConsole(text))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("took no more of what was typed");
            assertThat(machine.exit()).isNotDone();
        }
    }

    @Test
    void holdsOutputAtPowerOff() throws Exception {
        try (Machine machine = start(Behaviour.HOLDS_OUTPUT_AT_POWER_OFF, LONG)) {
            assertThat(exit(machine)).isEqualTo(new MachineExit.PoweredOff());
            assertThat(listener.outputBytes()).isEqualTo(FakeQemu.HELD);
        }
    }

    @Test
    void aKillDoesNotWaitForOutputThatNobodyTakes() throws Exception {
        hypervisor = hypervisor(Behaviour.HOLDS_OUTPUT_AT_POWER_OFF, LONG);
        CountDownLatch stuck = new CountDownLatch(1);
        CountDownLatch enough = new CountDownLatch(1);
        MachineListener busy = new MachineListener() {
            @Override
            public void console(ByteBuffer bytes) {}

            @Override
            public void output(ByteBuffer bytes) {
                stuck.countDown();
                try {
                    enough.await();
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            }

            @Override
            public void running() {}
        };
        Machine machine = hypervisor.start(spec(), busy);
        try {
            assertThat(stuck.await(30, TimeUnit.SECONDS)).isTrue();
            assertThat(ProcessHandle.current().descendants()).anyMatch(ProcessHandle::isAlive);
            machine.kill("enough");
            await().atMost(5, TimeUnit.SECONDS) // half of what a drain may take
                    .until(() -> ProcessHandle.current().descendants().noneMatch(ProcessHandle::isAlive));
        } finally {
            enough.countDown();
            machine.close();
        }
        assertThat(exit(machine)).isEqualTo(new MachineExit.PoweredOff());
    }

    @Test
    void neverReadsWhatIsTyped() throws Exception {
        Machine machine = start(Behaviour.OBEYS, LONG);
        CompletableFuture<Throwable> failure = new CompletableFuture<>();
        Thread typist = new Thread(
                () -> failure.complete(catchThrowable(() -> machine.writeConsole(ByteBuffer.allocate(8 << 20)))));
        typist.start();
        await().until(() -> typist.getState() == Thread.State.WAITING);
        machine.close();
        assertThat(failure.get(30, TimeUnit.SECONDS)).isInstanceOf(IOException.class);
    }

    @Test
    void closesQmpAndStays() throws Exception {
        try (Machine machine = start(Behaviour.CLOSES_QMP_AND_STAYS, LONG)) {
            assertThat(exit(machine))
                    .isInstanceOfSatisfying(
                            MachineExit.Lost.class,
                            lost -> assertThat(lost.why()).contains("closed its QMP connection"));
        }
    }

    @Test
    void anInterruptWhileQemuStartsLeavesNothing() throws Exception {
        hypervisor = hypervisor(Behaviour.NEVER_CONNECTS, LONG);
        MachineSpec spec = spec();
        Thread starter = new Thread(() -> {
            assertThatThrownBy(() -> hypervisor.start(spec, listener)).isInstanceOf(InterruptedException.class);
            Thread.currentThread().interrupt();
        });
        starter.start();
        await().until(() -> ProcessHandle.current().descendants().findAny().isPresent());
        starter.interrupt();
        starter.join();
        assertThat(starter.isAlive()).isFalse();
    }

    @Test
    void aThreadThatIsInterruptedBeforeItStartsAMachineStartsNone() throws Exception {
        start(Behaviour.OBEYS, LONG).close(); // from now on nothing is tried out, which would heed the interrupt
        MachineSpec spec = spec();
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> hypervisor.start(spec, listener)).isInstanceOf(InterruptedException.class);
        assertThat(Thread.interrupted()).isFalse();
    }

    @Test
    void anErrorInTheListenerLeavesNothing() throws Exception {
        hypervisor = hypervisor(Behaviour.OBEYS, LONG);
        MachineListener failing = new MachineListener() {
            @Override
            public void console(ByteBuffer bytes) {}

            @Override
            public void output(ByteBuffer bytes) {}

            @Override
            public void running() {
                throw new StackOverflowError("the listener's");
            }
        };
        assertThatThrownBy(() -> hypervisor.start(spec(), failing)).isInstanceOf(StackOverflowError.class);
        assertThat(ProcessHandle.current().descendants()).noneMatch(ProcessHandle::isAlive);
    }

    @Test
    @SuppressWarnings("NullAway") // the shortest way to a constructor that fails
    void aMachineThatCannotBeConstructedLeavesNothing() throws Exception {
        hypervisor = hypervisor(Behaviour.OBEYS, LONG);
        Files.createDirectories(directory.resolve("scratch/qemu-facts"));
        QemuProgram program = new QemuProgram(
                FakeQemu.install(directory, Behaviour.OBEYS),
                "print",
                new Capabilities(Architecture.X86_64, "7.2.0", false, false));
        Launcher launcher = new Launcher();
        try (Scratch scratch = Scratch.open(directory.resolve("other"), leftover -> {})) {
            MachineStart start = new MachineStart(
                    program,
                    new AcceleratorChoice(Accelerator.TCG, "a test"),
                    OrphanProtection.sentinel(),
                    launcher,
                    scratch,
                    ESCALATION,
                    LONG);
            assertThatThrownBy(() -> start.boot(spec(), null, Optional.empty()))
                    .isInstanceOf(NullPointerException.class);
            try (Stream<Path> files = Files.walk(directory.resolve("other"))) {
                assertThat(files.filter(file -> file.getFileName().toString().startsWith("test-")))
                        .isEmpty();
            }
        } finally {
            launcher.close();
        }
    }

    @Test
    void aMissingQemuIsNamedWithTheLineThatInstallsIt() throws Exception {
        hypervisor = QemuHypervisor.builder()
                .binary(directory.resolve("no-qemu"))
                .scratch(directory.resolve("scratch"))
                .build();
        Files.createDirectories(directory.resolve("scratch/qemu-facts"));
        assertThat(hypervisor.diagnose().isUsable()).isFalse();
        assertThatThrownBy(() -> hypervisor.start(spec(), listener))
                .isInstanceOf(HypervisorException.class)
                .hasMessageContaining("no-qemu")
                .hasMessageContaining("install");
    }

    @Test
    void aClosedHypervisorStartsNothing() throws Exception {
        hypervisor = hypervisor(Behaviour.OBEYS, LONG);
        hypervisor.close();
        Files.createDirectories(directory.resolve("scratch/qemu-facts"));
        assertThatThrownBy(() -> hypervisor.start(spec(), listener))
                .isInstanceOf(HypervisorException.class)
                .hasMessageContaining("was closed");
    }

    @Test
    void aRequiredWarmStartIsRefusedWhereTheGuestDoesNotSayThatItIsReady() throws Exception {
        hypervisor =
                builder(Behaviour.OBEYS, LONG).bootLimit(Duration.ofMillis(100)).build();
        assertThatThrownBy(() -> hypervisor.start(Specs.with(spec(), Preference.NEVER, Preference.REQUIRE), listener))
                .isInstanceOf(HypervisorException.class)
                .hasMessageContaining("a warm start is required for the machine test, and it cannot be resumed:")
                .hasMessageContaining("without saying that it is ready");
    }

    @Test
    void aWantedWarmStartThatFailsIsABootThatSaysWhy() throws Exception {
        hypervisor =
                builder(Behaviour.OBEYS, LONG).bootLimit(Duration.ofMillis(100)).build();
        for (int i = 0; i < 2; i++) {
            try (Machine machine =
                    hypervisor.start(Specs.with(spec(), Preference.NEVER, Preference.PREFER), listener)) {
                assertThat(machine.info().warm()).isFalse();
                assertThat(machine.info().whyNotWarm())
                        .hasValueSatisfying(why -> assertThat(why).contains("without saying that it is ready"));
            }
        }
        try (Stream<Path> made = Files.walk(directory.resolve("scratch/memory-snapshots"))) {
            assertThat(made.filter(Files::isRegularFile)
                            .map(file -> file.getFileName().toString()))
                    .allMatch(name -> name.endsWith("lock"));
        }
    }

    @Test
    void aRootThatIsWrittenToIsNotResumed() throws Exception {
        hypervisor = hypervisor(Behaviour.OBEYS, LONG);
        Disk root = Disk.writable(Files.write(directory.resolve("own.img"), new byte[1 << 20]), "own");
        try (Machine machine =
                hypervisor.start(Specs.with(Specs.firmware(root), Preference.NEVER, Preference.PREFER), listener)) {
            assertThat(machine.info().whyNotWarm()).contains("its root disk is to be written to");
        }
    }

    private void assertFailure(Behaviour behaviour, String... said) throws Exception {
        hypervisor = hypervisor(behaviour, LONG);
        assertFailure(said);
    }

    private void assertFailure(String... said) {
        assertThatThrownBy(() -> hypervisor.start(spec(), listener))
                .isInstanceOf(HypervisorException.class)
                .hasMessageContainingAll(said);
    }

    // What the program can do is asked with patience, so that none is needed for that later.
    private QemuHypervisor impatient(Behaviour behaviour, Duration handshake) throws Exception {
        QemuHypervisor.Builder builder = builder(behaviour, LONG)
                .hardware(new Hardware(
                        Accelerator.KVM, Optional.of(Architecture.X86_64), Optional.of(directory.resolve("none"))));
        try (QemuHypervisor patient = builder.build()) {
            assertThat(patient.diagnose().isUsable()).isTrue();
        }
        return builder.handshake(handshake).build();
    }

    private Machine start(Behaviour behaviour, Duration handshake) throws Exception {
        hypervisor = hypervisor(behaviour, handshake);
        return hypervisor.start(spec(), listener);
    }

    private MachineSpec spec() throws Exception {
        return Specs.firmware(BootSector.HANG.write(directory.resolve("root.img")));
    }

    private QemuHypervisor hypervisor(Behaviour behaviour, Duration handshake) throws Exception {
        return builder(behaviour, handshake).build();
    }

    private QemuHypervisor onHardware() throws Exception {
        Path device = Files.createFile(directory.resolve("kvm"));
        return builder(Behaviour.DIES_ON_HARDWARE, LONG)
                .hardware(new Hardware(Accelerator.KVM, Optional.of(Architecture.X86_64), Optional.of(device)))
                .build();
    }

    private QemuHypervisor.Builder builder(Behaviour behaviour, Duration handshake) throws Exception {
        return QemuHypervisor.builder()
                .binary(FakeQemu.install(directory, behaviour))
                .scratch(directory.resolve("scratch"))
                .escalation(ESCALATION)
                .handshake(handshake);
    }

    private static MachineExit exit(Machine machine) throws Exception {
        return machine.exit().get(30, TimeUnit.SECONDS);
    }
}
