package dev.construir.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.construir.DataSize;
import dev.construir.ImageFormat;
import dev.construir.machine.Architecture;
import dev.construir.machine.Boot;
import dev.construir.machine.CacheMode;
import dev.construir.machine.Disk;
import dev.construir.machine.Hypervisor;
import dev.construir.machine.HypervisorException;
import dev.construir.machine.Machine;
import dev.construir.machine.MachineExit;
import dev.construir.machine.MachineSpec;
import dev.construir.machine.Network;
import dev.construir.machine.Preference;
import dev.construir.machine.Usage;
import dev.construir.machine.WarmMachine;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;

/**
 * What every backend keeps, tried with machines that need no kernel. A backend's test extends this class and says how
 * its hypervisor is made and what its guests boot.
 *
 * @since 0.1
 */
@Timeout(120)
public abstract class HypervisorContract {
    private static final int PATIENCE_SECONDS = 60;
    private static final int[] MOMENTS_OF_A_START = {0, 5, 20, 50, 100, 200, 400};

    /** For the files of one test. */
    @TempDir
    protected Path directory;

    private Hypervisor hypervisor;

    /** Creates the suite. */
    protected HypervisorContract() {}

    /**
     * Creates the backend under test.
     *
     * @param scratch an empty directory for it
     * @return the backend
     * @throws Exception if it cannot be created
     */
    protected abstract Hypervisor createHypervisor(Path scratch) throws Exception;

    /**
     * Makes a raw disk whose firmware-booted guest behaves as asked.
     *
     * @param behaviour what the guest does
     * @param file the file to create
     * @throws IOException if it cannot be made
     */
    protected abstract void createRootDisk(GuestBehaviour behaviour, Path file) throws IOException;

    /**
     * Returns whether the backend can type on consoles.
     *
     * @return whether it does not refuse to
     */
    protected boolean canType() {
        return true;
    }

    /**
     * Returns whether the backend measures what a guest reads from and writes to its disks.
     *
     * @return whether {@link Usage#diskRead} ever says more than nothing
     */
    protected boolean measuresDisks() {
        return true;
    }

    /**
     * Returns whether the backend resumes machines in advance, which get their own disks at the start.
     *
     * @return whether {@link Hypervisor#prepare} ever returns a machine
     */
    protected boolean preparesMachines() {
        return false;
    }

    /**
     * Returns whether a start may end before a test can interrupt it.
     *
     * @return whether starting takes no time
     */
    protected boolean startsAtOnce() {
        return false;
    }

    @BeforeEach
    void open() throws Exception {
        hypervisor = createHypervisor(directory.resolve("scratch"));
    }

    @AfterEach
    void close() {
        hypervisor.close();
    }

    @Test
    void reportsPowerOffAfterTheLastWordOfTheConsole() throws Exception {
        RecordingListener listener = new RecordingListener();
        try (Machine machine = hypervisor.start(spec(GuestBehaviour.PRINT), listener)) {
            assertThat(exit(machine)).isInstanceOfAny(MachineExit.PoweredOff.class, MachineExit.Ended.class);
            assertThat(listener.console()).contains("construir: ready");
            assertThat(listener.console().chars().filter(c -> c == 'x').count()).isEqualTo(65_536);
            assertThat(listener.timesRunning()).isEqualTo(1);
        }
    }

    @Test
    void reportsAResetAsAnEnd() throws Exception {
        try (Machine machine = hypervisor.start(spec(GuestBehaviour.RESET), new RecordingListener())) {
            assertThat(exit(machine)).isInstanceOfAny(MachineExit.Rebooted.class, MachineExit.Ended.class);
        }
    }

    @Test
    void killsForTheFirstReasonGiven() throws Exception {
        RecordingListener listener = new RecordingListener();
        try (Machine machine = hypervisor.start(spec(GuestBehaviour.HANG), listener)) {
            awaitReady(listener);
            machine.kill("because of this");
            machine.kill("because of that");
            assertThat(exit(machine)).isEqualTo(new MachineExit.Killed("because of this"));
        }
    }

    @Test
    void killsAMachineThatHasOnlyJustStarted() throws Exception {
        try (Machine machine = hypervisor.start(spec(GuestBehaviour.SPIN), new RecordingListener())) {
            machine.kill("at once");
            assertThat(exit(machine)).isEqualTo(new MachineExit.Killed("at once"));
        }
    }

    @Test
    void killsAMachineThatFloodsItsConsole() throws Exception {
        RecordingListener listener = new RecordingListener();
        try (Machine machine = hypervisor.start(spec(GuestBehaviour.FLOOD), listener)) {
            await().atMost(PATIENCE_SECONDS, TimeUnit.SECONDS).until(() -> listener.consoleBytes() > 100_000);
            machine.kill("too loud");
            assertThat(exit(machine)).isEqualTo(new MachineExit.Killed("too loud"));
        }
    }

    @Test
    void saysNothingMoreAfterTheEnd() throws Exception {
        RecordingListener listener = new RecordingListener();
        try (Machine machine = hypervisor.start(spec(GuestBehaviour.FLOOD), listener)) {
            awaitReady(listener);
            machine.kill("enough");
            exit(machine);
            long said = listener.consoleBytes();
            machine.close();
            assertThat(listener.consoleBytes()).isEqualTo(said);
        }
    }

    @Test
    void killsAMachineThatIsAboutToEnd() throws Exception {
        MachineSpec spec = spec(GuestBehaviour.PRINT);
        for (int bytes : new int[] {1, 30_000, 60_000, 65_000, 65_536}) {
            RecordingListener listener = new RecordingListener();
            try (Machine machine = hypervisor.start(spec, listener)) {
                await().atMost(PATIENCE_SECONDS, TimeUnit.SECONDS)
                        .pollInterval(Duration.ofMillis(1))
                        .until(() -> listener.consoleBytes() >= bytes);
                machine.kill("while it ends");
                assertThat(exit(machine))
                        .isIn(
                                new MachineExit.Killed("while it ends"),
                                new MachineExit.PoweredOff(),
                                new MachineExit.Ended());
            }
        }
    }

    @Test
    @ResourceLock(Resources.GLOBAL) // it counts what the whole process has
    void anInterruptInTheMidstOfAStartLeavesNothing() throws Exception {
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
    void closingTheHypervisorInTheMidstOfAStartWaitsForItsEnd() throws Exception {
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

    @Test
    void aDiskOfItsOwnMayComeLate() throws Exception {
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
    void closingKillsAndWaits() throws Exception {
        Machine machine = hypervisor.start(spec(GuestBehaviour.HANG), new RecordingListener());
        machine.close();
        assertThat(machine.exit()).isDone();
        assertThat(exit(machine)).isInstanceOf(MachineExit.Killed.class);
        machine.close();
    }

    @Test
    void closingIsNotCutShortByAnInterrupt() throws Exception {
        Machine machine = hypervisor.start(spec(GuestBehaviour.HANG), new RecordingListener());
        Thread.currentThread().interrupt();
        machine.close();
        assertThat(Thread.interrupted()).isTrue();
        assertThat(machine.exit()).isDone();
    }

    @Test
    void killingAfterTheEndChangesNothing() throws Exception {
        try (Machine machine = hypervisor.start(spec(GuestBehaviour.POWER_OFF), new RecordingListener())) {
            MachineExit before = exit(machine);
            machine.kill("too late");
            assertThat(exit(machine)).isEqualTo(before);
        }
    }

    @Test
    void closingTheHypervisorEndsItsMachines() throws Exception {
        Machine machine = hypervisor.start(spec(GuestBehaviour.HANG), new RecordingListener());
        hypervisor.close();
        assertThat(exit(machine)).isInstanceOf(MachineExit.Killed.class);
        machine.close();
    }

    @Test
    void servesManyUsersAndIsOfUseAfterTheLastHasGone() throws Exception {
        Hypervisor.Use one = hypervisor.use();
        Hypervisor.Use other = hypervisor.use();
        try (Machine machine = hypervisor.start(spec(GuestBehaviour.HANG), new RecordingListener())) {
            one.close();
            one.close(); // which does not count for the other
            assertThat(machine.exit()).isNotDone();
            other.close(); // nor does a machine that still runs lose what it needs
            assertThat(machine.exit()).isNotDone();
        }
        for (int again = 0; again < 2; again++) {
            try (Hypervisor.Use unused = hypervisor.use();
                    Machine machine = hypervisor.start(spec(GuestBehaviour.POWER_OFF), new RecordingListener())) {
                assertThat(exit(machine)).isInstanceOfAny(MachineExit.PoweredOff.class, MachineExit.Ended.class);
            }
        }
    }

    @Test
    void aClosedHypervisorStartsNothing() throws Exception {
        MachineSpec spec = spec(GuestBehaviour.HANG);
        hypervisor.close();
        assertThatThrownBy(() -> hypervisor.start(spec, new RecordingListener()))
                .isInstanceOf(HypervisorException.class)
                .hasMessageContaining("closed");
    }

    @Test
    void typesOnTheConsole() throws Exception {
        RecordingListener listener = new RecordingListener();
        try (Machine machine = hypervisor.start(spec(GuestBehaviour.ECHO), listener)) {
            awaitReady(listener);
            if (refusesToType(machine)) {
                return;
            }
            ByteBuffer text = ascii("typed without\ta line feed");
            machine.writeConsole(text);
            assertThat(text.hasRemaining()).isFalse();
            await().atMost(PATIENCE_SECONDS, TimeUnit.SECONDS)
                    .until(() -> listener.console().endsWith("typed without\ta line feed"));
            machine.writeConsole(ascii("\4"));
            assertThat(exit(machine)).isInstanceOfAny(MachineExit.PoweredOff.class, MachineExit.Ended.class);
            assertThatThrownBy(() -> machine.writeConsole(ascii("too late"))).isInstanceOf(IOException.class);
        }
    }

    @Test
    void aGuestThatDoesNotReadHoldsUpNobodyButWhoTypes() throws Exception {
        RecordingListener listener = new RecordingListener();
        try (Machine machine = hypervisor.start(spec(GuestBehaviour.HANG), listener)) {
            awaitReady(listener);
            if (refusesToType(machine)) {
                return;
            }
            Typist first = Typist.start(machine);
            first.awaitHeldUp();
            first.thread.interrupt();
            assertThat(first.failure.get(PATIENCE_SECONDS, TimeUnit.SECONDS)).isInstanceOf(InterruptedException.class);
            assertThat(machine.exit()).isNotDone();
            Typist second = Typist.start(machine);
            second.awaitHeldUp();
            machine.kill("enough");
            assertThat(exit(machine)).isEqualTo(new MachineExit.Killed("enough"));
            assertThat(second.failure.get(PATIENCE_SECONDS, TimeUnit.SECONDS)).isInstanceOf(IOException.class);
        }
    }

    @Test
    void tellsABusyMachineFromASleepingOne() throws Exception {
        RecordingListener sleeping = new RecordingListener();
        RecordingListener spinning = new RecordingListener();
        try (Machine sleeper = hypervisor.start(spec(GuestBehaviour.HANG), sleeping);
                Machine spinner = hypervisor.start(spec(GuestBehaviour.SPIN), spinning)) {
            awaitReady(sleeping);
            awaitReady(spinning);
            Usage before = sleeper.usage();
            Usage spinBefore = spinner.usage();
            await().atMost(PATIENCE_SECONDS, TimeUnit.SECONDS)
                    .until(() -> spinner.usage().cpu().minus(spinBefore.cpu()).compareTo(Duration.ofMillis(500)) > 0);
            assertThat(sleeper.usage().cpu().minus(before.cpu())).isLessThan(Duration.ofMillis(250));
        }
    }

    @Test
    void tellsWhatAMachineThatEndedByItselfHasUsed() throws Exception {
        try (Machine machine = hypervisor.start(spec(GuestBehaviour.PRINT), new RecordingListener())) {
            exit(machine);
            Usage usage = machine.usage();
            assertThat(usage.cpu()).isPositive();
            assertThat(usage.diskRead().bytes() > 0).isEqualTo(measuresDisks()); // the boot sector at least
            usage.peakMemory().ifPresent(peak -> assertThat(peak.bytes()).isPositive());
            machine.close();
            assertThat(machine.usage()).isEqualTo(usage);
        }
    }

    @Test
    void tellsWhatAMachineThatWasKilledHasUsed() throws Exception {
        RecordingListener listener = new RecordingListener();
        try (Machine machine = hypervisor.start(spec(GuestBehaviour.SPIN), listener)) {
            awaitReady(listener);
            Usage before = machine.usage();
            machine.kill("seen enough");
            exit(machine);
            Usage after = machine.usage();
            assertThat(after.cpu()).isPositive().isGreaterThanOrEqualTo(before.cpu());
            assertThat(after.diskRead()).isGreaterThanOrEqualTo(before.diskRead());
            assertThat(after.diskRead().bytes() > 0).isEqualTo(measuresDisks());
            assertThat(after.diskWritten()).isGreaterThanOrEqualTo(before.diskWritten());
            assertThat(after.peakMemory().isPresent())
                    .isEqualTo(before.peakMemory().isPresent());
            before.peakMemory()
                    .ifPresent(
                            peak -> assertThat(after.peakMemory().orElseThrow()).isGreaterThanOrEqualTo(peak));
        }
    }

    @Test
    void tellsWhatAMachineHasUsedThatWasKilledUnasked() throws Exception {
        RecordingListener listener = new RecordingListener();
        try (Machine machine = hypervisor.start(spec(GuestBehaviour.HANG), listener)) {
            awaitReady(listener);
            machine.kill("nobody asked");
            exit(machine);
            assertThat(machine.usage().cpu()).isPositive();
            assertThat(machine.usage().diskRead().bytes() > 0).isEqualTo(measuresDisks());
        }
    }

    @Test
    void runsManyMachinesOnOneBaseThatNobodyMayWrite() throws Exception {
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
    void anInterruptedThreadStartsNothing() throws Exception {
        MachineSpec spec = spec(GuestBehaviour.HANG);
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> hypervisor.start(spec, new RecordingListener()))
                .isInstanceOf(InterruptedException.class);
        assertThat(Thread.interrupted()).isFalse();
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
    void tellsWhatRunsTheMachine() throws Exception {
        try (Machine machine = hypervisor.start(spec(GuestBehaviour.POWER_OFF), new RecordingListener())) {
            assertThat(machine.info().hypervisor()).isEqualTo(hypervisor.name());
            assertThat(machine.info().version()).isNotBlank();
            assertThat(machine.info().accelerator()).isNotBlank();
            assertThat(machine.info().acceleratorReason()).isNotBlank();
            assertThat(machine.info().warm()).isFalse();
        }
    }

    @Test
    void diagnosesItself() {
        assertThat(hypervisor.diagnose().subject()).isEqualTo(hypervisor.name());
        assertThat(hypervisor.diagnose().isUsable()).isTrue();
    }

    @Test
    @ResourceLock(Resources.GLOBAL) // it counts what the whole process has
    void leavesNothingBehind() throws Exception {
        MachineSpec spec = spec(GuestBehaviour.POWER_OFF);
        hypervisor.start(spec, new RecordingListener()).close(); // what is made once is there from now on
        long children = children();
        long files = openFiles();
        for (int i = 0; i < 5; i++) {
            try (Machine machine = hypervisor.start(spec, new RecordingListener())) {
                exit(machine);
            }
        }
        await().atMost(10, TimeUnit.SECONDS).until(() -> openFiles() <= files && children() <= children);
    }

    /**
     * Returns a specification of a small machine.
     *
     * @param behaviour what its guest does
     * @return the specification
     * @throws IOException if its disk cannot be made
     */
    protected MachineSpec spec(GuestBehaviour behaviour) throws IOException {
        Path root = directory.resolve(behaviour + ".img");
        createRootDisk(behaviour, root);
        return new MachineSpec(
                "construir-contract",
                Architecture.host(),
                1,
                DataSize.ofMebibytes(64),
                new Boot.Firmware(),
                List.of(Disk.copyOnWrite(root, ImageFormat.RAW)),
                Network.NONE,
                Preference.NEVER,
                Preference.NEVER,
                CacheMode.WRITEBACK);
    }

    private static MachineExit exit(Machine machine) throws Exception {
        return machine.exit().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    private static void awaitReady(RecordingListener listener) {
        await().atMost(PATIENCE_SECONDS, TimeUnit.SECONDS)
                .until(() -> listener.console().contains("construir: ready"));
    }

    private boolean refusesToType(Machine machine) {
        if (canType()) {
            return false;
        }
        assertThatThrownBy(() -> machine.writeConsole(ascii("x")))
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessageContaining(hypervisor.name());
        return true;
    }

    private static ByteBuffer ascii(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
    }

    /** A thread that starts a machine, and what comes of it: the machine, or the failure. */
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

    // A process's own directories in a scratch directory are named by it.
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

    /** Types more than any host keeps for a guest. */
    private record Typist(Thread thread, CompletableFuture<Exception> failure) {
        static Typist start(Machine machine) {
            CompletableFuture<Exception> failure = new CompletableFuture<>();
            Thread thread = new Thread(() -> {
                try {
                    machine.writeConsole(ByteBuffer.allocate(8 << 20));
                    failure.completeExceptionally(new AssertionError("8 MiB were typed at a guest that reads nothing"));
                } catch (IOException | InterruptedException | RuntimeException e) {
                    failure.complete(e);
                }
            });
            thread.start();
            return new Typist(thread, failure);
        }

        void awaitHeldUp() {
            await().atMost(PATIENCE_SECONDS, TimeUnit.SECONDS).until(() -> thread.getState() == Thread.State.WAITING);
        }
    }

    private static long children() {
        return ProcessHandle.current()
                .descendants()
                .filter(ProcessHandle::isAlive)
                .count();
    }

    private static long openFiles() throws IOException {
        try (var files = Files.list(Path.of("/proc/self/fd"))) {
            return files.count();
        }
    }

    private static String sha256(Path file) throws IOException, NoSuchAlgorithmException {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file)));
    }
}
