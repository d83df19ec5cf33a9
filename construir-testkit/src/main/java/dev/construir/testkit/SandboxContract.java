package dev.construir.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.construir.DataSize;
import dev.construir.disk.Attributes;
import dev.construir.disk.read.ExtractReport;
import dev.construir.job.Job;
import dev.construir.job.Limits;
import dev.construir.sandbox.Command;
import dev.construir.sandbox.Execution;
import dev.construir.sandbox.ExecutionEnd;
import dev.construir.sandbox.ExecutionResult;
import dev.construir.sandbox.PortForward;
import dev.construir.sandbox.Sandbox;
import dev.construir.sandbox.SandboxException;
import dev.construir.sandbox.SandboxLostException;
import dev.construir.sandbox.SandboxOptions;
import dev.construir.scratch.Scratch;
import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Checks sandboxes: commands, their streams, files, connections, losses; the same on every backend and in memory. Most
 * tests share one sandbox. The guest needs the programs {@code sh}, {@code cat}, {@code echo}, {@code true}, {@code
 * false}, {@code sleep}, {@code head}, {@code wc}, {@code pwd}, {@code env}, {@code mkdir} and {@code ls}. The test of a
 * backend whose machines boot a kernel extends {@link SandboxGuestContract}.
 *
 * <pre>{@code
 * class MySandboxes extends SandboxContract {
 *     @Override
 *     protected Sandbox open(SandboxOptions options) throws Exception {
 *         return Sandbox.open(runner, options);
 *     }
 *
 *     @Override
 *     protected void kill(String runId) {
 *         machines.get(runId).kill("for the test");
 *     }
 * }
 * }</pre>
 *
 * @since 0.1
 */
@Timeout(120)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
public abstract class SandboxContract {
    static final Duration PATIENCE = Duration.ofSeconds(60);

    private static final int WINDOW = 256 << 10;
    private static final int MUCH = 2_000_000;
    private static final SandboxOptions OPTIONS = SandboxOptions.DEFAULT
            .withName("contract")
            .withResources(TestJobs.SMALL)
            .withLimits(Limits.DEFAULT.withTotal(Duration.ofMinutes(30)));

    /** For the files of one test. */
    @TempDir
    protected Path directory;

    private @Nullable Sandbox shared;

    /** Creates the suite. */
    protected SandboxContract() {}

    /**
     * Opens a sandbox of the backend under test.
     *
     * @param options its name, resources and limits
     * @return the sandbox; the suite closes it
     * @throws Exception if it cannot be opened
     */
    protected abstract Sandbox open(SandboxOptions options) throws Exception;

    /**
     * Kills the machine behind a sandbox, as a host that runs out of memory would.
     *
     * @param runId the sandbox's {@link Sandbox#id}
     * @throws Exception if it cannot be found
     */
    protected abstract void kill(String runId) throws Exception;

    /**
     * Returns a time in which a sandbox surely opens, for limits that are to be reached soon after that.
     *
     * @return 20 seconds, which is enough for an emulated machine
     */
    protected Duration shortLife() {
        return Duration.ofSeconds(20);
    }

    /** Returns a sandbox that most tests share. */
    final Sandbox vm() throws Exception {
        Sandbox open = shared;
        if (open == null || !open.isOpen()) {
            closeShared();
            open = open(OPTIONS);
            shared = open;
        }
        return open;
    }

    @AfterAll
    final void closeShared() {
        Sandbox open = shared;
        if (open != null) {
            open.close();
            shared = null;
        }
    }

    static SandboxOptions options(String name) {
        return OPTIONS.withName(name);
    }

    static String text(InputStream stream) throws IOException {
        return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    }

    private static byte[] noise(int length) {
        byte[] bytes = new byte[length];
        new Random(42).nextBytes(bytes);
        return bytes;
    }

    private void assertUsable() throws Exception {
        assertThat(vm().exec("true").run().end()).isEqualTo(new ExecutionEnd.Exited(0));
    }

    // ---- how commands end

    @Test
    void everyExitStatusIsReported() throws Exception {
        for (int status = 0; status <= 255; status++) {
            ExecutionResult result = vm().sh("exit " + status).run();
            assertThat(result.end()).isEqualTo(new ExecutionEnd.Exited(status));
            assertThat(result.isSuccess()).isEqualTo(status == 0);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 6, 9, 10, 13, 14, 15})
    void aSignalIsReported(int signal) throws Exception {
        ExecutionResult result = vm().sh("kill -" + signal + " $$; sleep 60").run();
        assertThat(result.end()).isEqualTo(new ExecutionEnd.Signalled(signal));
        assertThat(result.end().exitCode()).isEqualTo(128 + signal);
    }

    @ParameterizedTest
    @ValueSource(strings = {"no-such-program", "/no/such/program"})
    void aProgramThatIsMissingIsStatus127(String program) throws Exception {
        ExecutionResult result = vm().exec(program).run();
        assertThat(result.end()).isEqualTo(new ExecutionEnd.Exited(127));
        assertThat(result.stderr().text()).isNotBlank();
        assertThat(result.stdout().total()).isZero();
        assertThatThrownBy(result::orThrow).isInstanceOf(SandboxException.class);
    }

    @Test
    void aFileThatIsNoProgramIsStatus126() throws Exception {
        vm().copyIn(disk -> disk.file("plain", "#!/bin/sh\necho no\n"), "/tmp/notes");
        ExecutionResult result = vm().exec("/tmp/notes/plain").run();
        assertThat(result.end()).isEqualTo(new ExecutionEnd.Exited(126));
        assertThat(result.stderr().text()).isNotBlank();
    }

    @Test
    void aDirectoryThatIsMissingIsStatus126() throws Exception {
        ExecutionResult result = vm().exec("pwd").directory("/no/such/place").run();
        assertThat(result.end()).isEqualTo(new ExecutionEnd.Exited(126));
        assertThat(result.stderr().text()).isNotBlank();
    }

    @Test
    void resultsHaveTheGuestsTime() throws Exception {
        assertThat(vm().exec("sleep", "1").run().duration()).isBetween(Duration.ofMillis(900), Duration.ofSeconds(30));
    }

    // ---- what commands print

    @Test
    void stdoutAndStderrAreApart() throws Exception {
        ExecutionResult result =
                vm().sh("echo out; echo err >&2; echo out again").run();
        assertThat(result.stdout().text()).isEqualTo("out\nout again\n");
        assertThat(result.stderr().text()).isEqualTo("err\n");
    }

    @Test
    void stderrJoinsStdoutIfAsked() throws Exception {
        ExecutionResult result =
                vm().sh("echo out; echo err >&2; echo out again").mergeStderr().run();
        assertThat(result.stdout().text()).isEqualTo("out\nerr\nout again\n");
        assertThat(result.stderr().total()).isZero();
    }

    @Test
    void keepsTheEndsOfWhatNobodyReads() throws Exception {
        ExecutionResult result = vm().exec("head", "-c", "" + MUCH, "/dev/zero").run();
        assertThat(result.end().isSuccess()).isTrue();
        assertThat(result.stdout().total()).isEqualTo(MUCH);
        assertThat(result.isTruncated()).isTrue();
        assertThat(result.stdout().head().length + result.stdout().tail().length)
                .isEqualTo(1 << 20);

        ExecutionResult few = vm().exec("echo", "abcdefghijklmnop")
                .capture(DataSize.ofBytes(8))
                .run();
        assertThat(new String(few.stdout().head(), StandardCharsets.UTF_8)).isEqualTo("abcd");
        assertThat(new String(few.stdout().tail(), StandardCharsets.UTF_8)).isEqualTo("nop\n");

        ExecutionResult whole = vm().exec("head", "-c", "" + MUCH, "/dev/zero")
                .capture(DataSize.ofMebibytes(4))
                .run();
        assertThat(whole.isTruncated()).isFalse();
    }

    @Test
    void whatAQuickCommandPrintedCanBeReadBehindItsEnd() throws Exception {
        try (Execution quick = vm().exec("echo", "quick").start()) {
            ExecutionResult result = quick.result().get(60, TimeUnit.SECONDS);
            assertThat(result.stdout().text()).isEqualTo("quick\n");
            assertThat(text(quick.stdout())).isEqualTo("quick\n");
            assertThat(text(quick.stderr())).isEmpty();
        }
    }

    @Test
    void aReaderThatReadsNothingStopsItsCommandAndNoOther() throws Exception {
        try (Execution stopped = vm().exec("head", "-c", "" + MUCH, "/dev/zero").start()) {
            InputStream unread = stopped.stdout();
            for (int i = 0; i < 10; i++) {
                assertThat(vm().exec("echo", "on").run().stdout().text()).isEqualTo("on\n");
            }
            vm().ping();
            assertThat(stopped.result().isDone()).isFalse();
            assertThat(unread.readAllBytes()).hasSize(MUCH);
            assertThat(stopped.await().isSuccess()).isTrue();
        }
    }

    @Test
    void aStreamThatIsFullDoesNotStopTheReaderOfTheOther() throws Exception {
        try (Execution both =
                vm().sh("head -c " + MUCH + " /dev/zero; echo end >&2").start()) {
            both.process().get(60, TimeUnit.SECONDS);
            vm().exec("true").run(); // by now stdout may be full, or not: both must do
            assertThat(text(both.stderr())).isEqualTo("end\n");
            assertThat(both.await().stdout().total()).isEqualTo(MUCH);
        }
    }

    @Test
    void awaitingStopsNothing() throws Exception {
        try (Execution loud = vm().exec("head", "-c", "" + MUCH, "/dev/zero").start()) {
            assertThat(loud.await().stdout().total()).isEqualTo(MUCH);
            assertThatThrownBy(loud::stdout).isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void aStreamThatIsClosedStopsNothing() throws Exception {
        try (Execution loud = vm().exec("head", "-c", "" + MUCH, "/dev/zero").start()) {
            InputStream stdout = loud.stdout();
            assertThat(stdout.read()).isZero();
            stdout.close();
            assertThat(loud.await().isSuccess()).isTrue();
            assertThatThrownBy(stdout::read).isInstanceOf(IOException.class);
        }
    }

    @Test
    void linesArePassedOn() throws Exception {
        List<String> out = new CopyOnWriteArrayList<>();
        List<String> err = new CopyOnWriteArrayList<>();
        ExecutionResult result = vm().sh("echo one; echo two; echo three >&2")
                .stdoutLines(out::add)
                .stderrLines(err::add)
                .run();
        assertThat(result.isSuccess()).isTrue();
        assertThat(out).containsExactly("one", "two");
        assertThat(err).containsExactly("three");
    }

    @Test
    void aListenerThatTakesItsTimeReceivesEverything() throws Exception {
        List<String> out = new CopyOnWriteArrayList<>();
        vm().sh("echo one; echo two; echo three")
                .stdoutLines(line -> {
                    LockSupport.parkNanos(1_000_000);
                    out.add(line);
                })
                .run();
        assertThat(out).containsExactly("one", "two", "three");
        ExecutionResult failing = vm().exec("head", "-c", "" + MUCH, "/dev/zero")
                .stdoutLines(line -> {
                    throw new IllegalStateException("for the test");
                })
                .run();
        assertThat(failing.isSuccess()).isTrue();
    }

    @Test
    void aListenerThatFailsByAnError_stopsNothing() throws Exception {
        ExecutionResult failing = vm().exec("head", "-c", "" + MUCH, "/dev/zero")
                .stdoutLines(line -> {
                    throw new AssertionError("for the test");
                })
                .run();
        assertThat(failing.isSuccess()).isTrue();
    }

    @Test
    void results_ofCommandsThatPrintMuch_comeWithoutAwait() throws Exception {
        try (Execution one = vm().exec("head", "-c", "" + MUCH, "/dev/zero").start();
                Execution two = vm().exec("head", "-c", "" + MUCH, "/dev/zero").start()) {
            CompletableFuture.allOf(one.result(), two.result()).get(60, TimeUnit.SECONDS);
            assertThat(one.await().stdout().total()).isEqualTo(MUCH);
        }
    }

    @Test
    void whatDependsOnAResult_mayRunCommandsItself() throws Exception {
        try (Execution first = vm().exec("echo", "first").start()) {
            CompletableFuture<String> second = first.result().thenApply(result -> {
                try {
                    return vm().exec("echo", result.stdout().text().strip(), "second")
                            .text();
                } catch (Exception e) {
                    throw new AssertionError(e);
                }
            });
            assertThat(second.get(60, TimeUnit.SECONDS)).isEqualTo("first second");
        }
    }

    // ---- what commands read, and where they run

    @Test
    void anInputThatFails_isNoEnd() throws Exception {
        InputStream failing = new InputStream() {
            private int left = 10;

            @Override
            public int read() throws IOException {
                if (left-- == 0) {
                    throw new IOException("the download broke off");
                }
                return 'x';
            }

            @Override
            public int read(byte[] into, int offset, int length) throws IOException {
                into[offset] = (byte) read();
                return 1;
            }
        };
        ExecutionResult result = vm().exec("cat").input(failing).run();
        assertThat(result.end()).isEqualTo(new ExecutionEnd.InputFailed("the download broke off"));
        assertThat(result.end().exitCode()).isEqualTo(125);
    }

    @Test
    void anInput_isClosedWhenTheCommandEndsBeforeIt() throws Exception {
        CountDownLatch closed = new CountDownLatch(1);
        InputStream endless = new FilterInputStream(InputStream.nullInputStream()) {
            @Override
            public int read(byte[] into, int offset, int length) throws IOException {
                try {
                    closed.await();
                } catch (InterruptedException e) {
                    throw new InterruptedIOException();
                }
                return -1;
            }

            @Override
            public void close() {
                closed.countDown();
            }
        };
        assertThat(vm().exec("true").input(endless).run().isSuccess()).isTrue();
        assertThat(closed.await(60, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void textIsInput() throws Exception {
        assertThat(vm().exec("cat").input("grüße\n").run().stdout().text()).isEqualTo("grüße\n");
        assertThat(vm().exec("cat").input("").run().stdout().total()).isZero();
    }

    @Test
    void withoutInputACommandReadsNothing() throws Exception {
        ExecutionResult result = vm().exec("cat").run();
        assertThat(result.isSuccess()).isTrue();
        assertThat(result.stdout().total()).isZero();
    }

    @Test
    void inputGoesThroughAsItIs() throws Exception {
        byte[] bytes = noise(3_000_001);
        try (Execution cat =
                vm().exec("cat").input(new ByteArrayInputStream(bytes)).start()) {
            assertThat(Arrays.equals(cat.stdout().readAllBytes(), bytes)).isTrue();
            assertThat(cat.await().isSuccess()).isTrue();
        }
    }

    @Test
    void stdinIsWrittenPieceByPiece() throws Exception {
        try (Execution cat = vm().exec("cat").start()) {
            for (String word : List.of("one", "two", "three")) {
                cat.stdin().write(word.getBytes(StandardCharsets.UTF_8));
                cat.stdin().flush();
                assertThat(cat.stdout().readNBytes(word.length())).asString().isEqualTo(word);
            }
            cat.stdin().close();
            assertThat(cat.stdout().read()).isNegative();
            assertThat(cat.await().isSuccess()).isTrue();
            assertThatThrownBy(() -> cat.stdin().write(1)).isInstanceOf(IOException.class);
        }
    }

    @Test
    void writingToWhatDoesNotReadWaitsUntilAnInterrupt() throws Exception {
        try (Execution deaf = vm().exec("sleep", "600").start()) {
            assertThat(interrupted(() -> deaf.stdin().write(new byte[4 * WINDOW])))
                    .isInstanceOf(InterruptedIOException.class);
            assertUsable();
            deaf.kill();
            deaf.await();
            assertThatThrownBy(() -> deaf.stdin().write(new byte[4 * WINDOW])).isInstanceOf(IOException.class);
        }
    }

    @Test
    void theEnvironmentIsThatOfAJobAndWhatIsSet() throws Exception {
        String environment = vm().exec("env")
                .env("ONE", "1")
                .env("EMPTY", "")
                .env("SIGNS", "a=b 'c' \"d\" $e ü")
                .env("HOME", "/tmp/home")
                .run()
                .stdout()
                .text();
        assertThat(environment.lines())
                .contains("ONE=1", "EMPTY=", "SIGNS=a=b 'c' \"d\" $e ü", "HOME=/tmp/home", "USER=root")
                .anyMatch(line -> line.startsWith("PATH=") && line.contains("/bin"));
    }

    @Test
    void theDirectoryIsJobUnlessSet() throws Exception {
        assertThat(vm().exec("pwd").run().stdout().text()).isEqualTo("/job\n");
        assertThat(vm().exec("pwd").directory("/tmp").run().stdout().text()).isEqualTo("/tmp\n");
    }

    @Test
    void argumentsGoThroughAsTheyAre() throws Exception {
        assertThat(vm().exec("echo", "a b", "*", "$HOME", "", "ü\t\"'")
                        .run()
                        .stdout()
                        .text())
                .isEqualTo("a b * $HOME  ü\t\"'\n");
    }

    @Test
    void manyArgumentsAreDividedOnTheChannel() throws Exception {
        String[] arguments = new String[8];
        Arrays.fill(arguments, "x".repeat(100_000));
        ExecutionResult result =
                vm().exec("echo", arguments).capture(DataSize.ofMebibytes(4)).run();
        assertThat(result.stdout().text()).isEqualTo(String.join(" ", arguments) + "\n");
    }

    @Test
    void refusesWhatNoCommandCanHave() throws Exception {
        assertThatThrownBy(() -> vm().exec("echo", "a\0b")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> vm().exec(List.of())).isInstanceOf(IllegalArgumentException.class);
        Command large = vm().exec("echo", "x".repeat(5 << 20));
        assertThatThrownBy(large::run).isInstanceOf(IllegalArgumentException.class);
        assertUsable();
    }

    // ---- limits, signals, many at once

    @Test
    void aCommandThatTakesTooLongIsKilled() throws Exception {
        Duration limit = Duration.ofMillis(1500);
        ExecutionResult result = vm().exec("sleep", "600").timeout(limit).run();
        assertThat(result.end()).isEqualTo(new ExecutionEnd.TimedOut(limit));
        assertThat(result.end().exitCode()).isEqualTo(124);
        assertThat(vm().exec("true").timeout(PATIENCE).run().isSuccess()).isTrue();
    }

    @Test
    void aCommandThatPrintsTooMuchIsKilled() throws Exception {
        DataSize limit = DataSize.ofKibibytes(100);
        ExecutionResult result = vm().exec("cat", "/dev/zero").maxOutput(limit).run();
        assertThat(result.end()).isEqualTo(new ExecutionEnd.TooMuchOutput(limit));
        assertThat(result.stdout().total()).isGreaterThan(limit.bytes());
        assertUsable();
    }

    @Test
    void isKilled() throws Exception {
        try (Execution sleep = vm().exec("sleep", "600").start()) {
            assertThat(sleep.await(Duration.ofMillis(10))).isEmpty();
            sleep.kill();
            assertThat(sleep.await().end()).isEqualTo(new ExecutionEnd.Signalled(9));
            sleep.kill();
            sleep.signal(15);
        }
    }

    @Test
    void receivesSignals() throws Exception {
        try (Execution sleep = vm().exec("sleep", "600").start()) {
            sleep.process().get(60, TimeUnit.SECONDS);
            sleep.signal(15);
            assertThat(sleep.await().end()).isEqualTo(new ExecutionEnd.Signalled(15));
            assertThatThrownBy(() -> sleep.signal(0)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> sleep.signal(65)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void closingKills() throws Exception {
        Execution flood = vm().exec("cat", "/dev/zero").start();
        assertThat(flood.stdout().read()).isZero();
        flood.close();
        flood.close();
        assertThat(flood.result().get(60, TimeUnit.SECONDS).end()).isEqualTo(new ExecutionEnd.Signalled(9));
        assertThat(vm().execution(flood.id())).isEmpty();
    }

    @Test
    void manyRunAtOnce() throws Exception {
        List<Execution> cats = new ArrayList<>();
        try {
            for (int i = 0; i < 50; i++) {
                cats.add(vm().exec("cat").start());
            }
            assertThat(cats.stream().map(Execution::id)).doesNotHaveDuplicates();
            assertThat(vm().executions()).containsAll(cats);
            for (int i = 0; i < 50; i++) {
                cats.get(i).stdin().write(("cat " + i).getBytes(StandardCharsets.UTF_8));
                cats.get(i).stdin().close();
            }
            for (int i = 49; i >= 0; i--) {
                assertThat(cats.get(i).await().stdout().text()).isEqualTo("cat " + i);
            }
        } finally {
            cats.forEach(Execution::close);
        }
        assertThat(vm().executions()).doesNotContainAnyElementsOf(cats);
    }

    @Test
    void aDetachedCommandGoesOnAndIsFound() throws Exception {
        int id;
        try (Execution sleep = vm().exec("sleep", "600").start()) {
            id = sleep.id();
            sleep.detach();
        }
        Execution found = vm().execution(id).orElseThrow();
        assertThat(found.await(Duration.ofMillis(100))).isEmpty();
        found.kill();
        assertThat(found.await().end()).isEqualTo(new ExecutionEnd.Signalled(9));
        assertThat(vm().execution(id)).isEmpty();
    }

    @Test
    void detachingEndsTheInputAndKeepsTheOutput() throws Exception {
        Execution cat = vm().exec("cat").start();
        cat.stdin().write("last words".getBytes(StandardCharsets.UTF_8));
        cat.detach();
        cat.close();
        assertThat(cat.await().stdout().text()).isEqualTo("last words");
        try (Execution read = vm().exec("cat").start()) {
            InputStream unused = read.stdout();
            assertThatThrownBy(read::detach).isInstanceOf(IllegalStateException.class);
        }
    }

    // ---- interrupts

    /** Something that an interrupt ends. */
    @FunctionalInterface
    interface Interruptible {
        void run() throws Exception;
    }

    static Throwable interrupted(Interruptible what) throws Exception {
        CompletableFuture<Throwable> thrown = new CompletableFuture<>();
        Thread thread = new Thread(() -> {
            try {
                what.run();
                thrown.complete(new AssertionError("it ended without an interrupt"));
            } catch (Throwable e) { // whatever it is, the test looks at it
                thrown.complete(e);
            }
        });
        thread.start();
        await().atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(5))
                .until(() -> thread.getState() != Thread.State.RUNNABLE
                        && thread.getState() != Thread.State.NEW
                        && thread.getState() != Thread.State.BLOCKED);
        thread.interrupt();
        return thrown.get(60, TimeUnit.SECONDS);
    }

    @Test
    void anInterruptEndsAwaitAndNotTheCommand() throws Exception {
        try (Execution cat = vm().exec("cat").start()) {
            assertThat(interrupted(cat::await)).isInstanceOf(InterruptedException.class);
            assertThat(interrupted(() -> cat.await(PATIENCE))).isInstanceOf(InterruptedException.class);
            cat.stdin().write('x');
            cat.stdin().close();
            assertThat(cat.await().stdout().text()).isEqualTo("x");
        }
    }

    @Test
    void anInterruptEndsRunAndTheCommand() throws Exception {
        Command sleep = vm().exec("sleep", "600");
        assertThat(interrupted(sleep::run)).isInstanceOf(InterruptedException.class);
        await().atMost(PATIENCE).until(() -> vm().executions().isEmpty());
    }

    @Test
    void anInterruptEndsReadingAndLosesNothing() throws Exception {
        try (Execution cat = vm().exec("cat").start()) {
            InputStream stdout = cat.stdout();
            assertThat(interrupted(() -> stdout.read())).isInstanceOf(InterruptedIOException.class);
            cat.stdin().write("whole".getBytes(StandardCharsets.UTF_8));
            cat.stdin().close();
            assertThat(text(stdout)).isEqualTo("whole");
        }
    }

    @Test
    void anInterruptEndsCopying() throws Exception {
        Path target = directory.resolve("target");
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> vm().copyOut("/tmp", target)).isInstanceOf(InterruptedException.class);
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> vm().copyIn(disk -> disk.file("f", "text"), "/tmp/interrupted"))
                .isInstanceOf(InterruptedException.class);
        assertThat(Thread.interrupted()).isFalse();
        assertUsable();
    }

    // ---- files

    @Test
    void aTreeGoesInAndComesOut() throws Exception {
        Path tree = Files.createDirectories(directory.resolve("tree"));
        Files.createDirectories(tree.resolve("a/b/empty"));
        Files.writeString(tree.resolve("a/text"), "hello\n");
        Files.writeString(tree.resolve("a/script"), "#!/bin/sh\necho run\n");
        Files.setPosixFilePermissions(tree.resolve("a/script"), PosixFilePermissions.fromString("rwxr-x--x"));
        Files.write(tree.resolve("a/b/noise"), noise(300_001));
        Files.createFile(tree.resolve("nothing"));
        Files.createSymbolicLink(tree.resolve("a/link"), Path.of("b/noise"));
        Files.createLink(tree.resolve("a/second"), tree.resolve("a/text"));
        try (FileChannel sparse =
                FileChannel.open(tree.resolve("sparse"), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            sparse.write(ByteBuffer.wrap(new byte[] {1, 2, 3}), 5_000_000);
        }

        vm().copyIn(tree, "/tmp/tree");
        assertThat(vm().exec("cat", "/tmp/tree/a/text").run().stdout().text()).isEqualTo("hello\n");
        assertThat(vm().exec("/tmp/tree/a/script").run().stdout().text()).isEqualTo("run\n");
        assertThat(vm().sh("wc -c /tmp/tree/sparse").run().stdout().text()).startsWith("5000003 ");

        Path out = Files.createDirectories(directory.resolve("out"));
        ExtractReport report = vm().copyOut("/tmp/tree", out);
        assertThat(report.skippedTotal()).isZero();
        assertThat(out.resolve("a/text")).hasContent("hello\n");
        assertThat(out.resolve("a/second")).hasContent("hello\n");
        assertThat(out.resolve("a/b/empty")).isEmptyDirectory();
        assertThat(out.resolve("nothing")).isEmptyFile();
        assertThat(Files.isExecutable(out.resolve("a/script"))).isTrue();
        assertThat(Files.isExecutable(out.resolve("a/text"))).isFalse();
        assertThat(Files.readSymbolicLink(out.resolve("a/link"))).isEqualTo(Path.of("b/noise"));
        assertThat(Files.mismatch(out.resolve("a/b/noise"), tree.resolve("a/b/noise")))
                .isEqualTo(-1);
        assertThat(Files.mismatch(out.resolve("sparse"), tree.resolve("sparse")))
                .isEqualTo(-1);
    }

    @Test
    void aFileGoesInAndComesOut() throws Exception {
        Path file = Files.write(directory.resolve("file"), noise(100_000));
        vm().copyIn(file, "/tmp/made/for/it/renamed");
        Path out = Files.createDirectories(directory.resolve("out"));
        vm().copyOut("/tmp/made/for/it/renamed", out);
        assertThat(Files.mismatch(out.resolve("renamed"), file)).isEqualTo(-1);
        assertThatThrownBy(() -> vm().copyIn(file, "/tmp/")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> vm().copyIn(file, "/tmp/a\0b")).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void textsGoIn() throws Exception {
        vm().copyIn(
                        disk -> disk.file("one", "1\n")
                                .executable("bin/two", "#!/bin/sh\necho 2\n")
                                .directory("private", Attributes.ofRoot(0700, Instant.EPOCH)),
                        "/tmp/texts");
        assertThat(vm().sh("cat /tmp/texts/one").run().stdout().text()).isEqualTo("1\n");
        assertThat(vm().exec("/tmp/texts/bin/two").run().stdout().text()).isEqualTo("2\n");
        assertThat(vm().exec("ls", "/tmp/texts").run().stdout().text()).isEqualTo("bin\none\nprivate\n");
    }

    @Test
    void anArchiveGoesIn() throws Exception {
        byte[] archive = tar("in/the/archive", "found\n");
        vm().copyIn(disk -> disk.tar("/", new ByteArrayInputStream(archive)), "/tmp/archive");
        assertThat(vm().exec("cat", "/tmp/archive/in/the/archive")
                        .run()
                        .stdout()
                        .text())
                .isEqualTo("found\n");
    }

    private static byte[] tar(String name, String text) {
        byte[] content = text.getBytes(StandardCharsets.UTF_8);
        byte[] header = new byte[512];
        put(header, 0, name);
        put(header, 100, "0000644\0" + "0000000\0" + "0000000\0");
        put(header, 124, String.format("%011o\0%011o\0", content.length, 0));
        put(header, 148, " ".repeat(8));
        put(header, 156, "0");
        put(header, 257, "ustar\0" + "00");
        int sum = 0;
        for (byte b : header) {
            sum += b;
        }
        put(header, 148, String.format("%06o\0 ", sum));
        byte[] archive = Arrays.copyOf(header, 4 * 512);
        System.arraycopy(content, 0, archive, 512, content.length);
        return archive;
    }

    private static void put(byte[] header, int offset, String text) {
        System.arraycopy(text.getBytes(StandardCharsets.US_ASCII), 0, header, offset, text.length());
    }

    @Test
    void copyingInReplacesFilesAndMergesDirectories() throws Exception {
        vm().copyIn(disk -> disk.file("d/kept", "kept").file("d/changed", "a longer one"), "/tmp/merged");
        vm().copyIn(disk -> disk.file("d/changed", "new").file("d/added", "added"), "/tmp/merged");
        assertThat(vm().sh("cat /tmp/merged/d/kept /tmp/merged/d/changed /tmp/merged/d/added")
                        .run()
                        .stdout()
                        .text())
                .isEqualTo("keptnewadded");
    }

    @Test
    void copyingInReplacesNoDirectoryByAFileAndNoFileByADirectory() throws Exception {
        Path file = Files.writeString(directory.resolve("file"), "new");
        vm().copyIn(
                        disk -> disk.file("file", "old").directory("empty", Attributes.ofRoot(0755, Instant.EPOCH)),
                        "/tmp/kinds");
        assertThatThrownBy(() -> vm().copyIn(file, "/tmp/kinds/empty"))
                .isInstanceOf(SandboxException.class)
                .hasMessageContaining("a directory is there");
        assertThatThrownBy(() -> vm().copyIn(disk -> disk.file("file/below", "new"), "/tmp/kinds"))
                .isInstanceOf(SandboxException.class)
                .hasMessageContaining("Not a directory");
        assertThat(vm().exec("ls", "/tmp/kinds/empty").run().isSuccess()).isTrue();
        assertThat(vm().exec("cat", "/tmp/kinds/file").run().stdout().text()).isEqualTo("old");
        vm().copyIn(file, "/tmp/kinds/file");
        assertThat(vm().exec("cat", "/tmp/kinds/file").run().stdout().text()).isEqualTo("new");
    }

    @Test
    void whatProgramsWriteComesOut() throws Exception {
        vm().sh("mkdir -p /tmp/made; echo made >/tmp/made/file").run().orThrow();
        Path out = Files.createDirectories(directory.resolve("out"));
        ExtractReport report = vm().copyOut("/tmp/made", out);
        assertThat(report.files()).isEqualTo(1);
        assertThat(out.resolve("file")).hasContent("made\n");
    }

    @Test
    void aPathThatIsMissingLeavesTheSandboxUsable() throws Exception {
        Path out = directory.resolve("out");
        assertThatThrownBy(() -> vm().copyOut("/no/such/path", out))
                .isInstanceOf(SandboxException.class)
                .hasMessageContaining("/no/such/path");
        assertThat(out).doesNotExist();
        assertUsable();
    }

    @Test
    void aPlaceThatIsNoDirectoryLeavesTheSandboxUsable() throws Exception {
        vm().copyIn(disk -> disk.file("file", "text"), "/tmp/taken");
        assertThatThrownBy(() -> vm().copyIn(disk -> disk.file("below", "text"), "/tmp/taken/file"))
                .isInstanceOf(SandboxException.class);
        assertThat(vm().sh("cat /tmp/taken/file").run().stdout().text()).isEqualTo("text");
    }

    @Test
    void runsAJob() throws Exception {
        ExecutionResult result = vm().run(Job.script("job", "echo hi\necho there >&2\nexit 3"));
        assertThat(result.end()).isEqualTo(new ExecutionEnd.Exited(3));
        assertThat(result.stdout().text()).isEqualTo("hi\n");
        assertThat(result.stderr().text()).isEqualTo("there\n");
        assertThat(vm().run(Job.script("second", "exit 0")).isSuccess()).isTrue();
    }

    // ---- connections

    @Test
    void connectionsGoOutAndIn() throws Exception {
        try (EchoServer server = new EchoServer();
                PortForward out = vm().listen(0, server.address());
                PortForward in = vm().forward(out.port())) {
            assertThat(in.address().getAddress().isLoopbackAddress()).isTrue();
            byte[] bytes = noise(1_000_000);
            assertThat(Arrays.equals(exchange(in, bytes), bytes)).isTrue();
            for (int i = 0; i < 20; i++) {
                assertThat(exchange(in, new byte[] {(byte) i})).containsExactly(i);
            }
            assertThat(exchange(in, new byte[0])).isEmpty();
        }
    }

    private static byte[] exchange(PortForward forward, byte[] bytes) throws Exception {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), forward.port())) {
            socket.setSoTimeout((int) PATIENCE.toMillis());
            CompletableFuture<Void> written = CompletableFuture.runAsync(() -> {
                try {
                    socket.getOutputStream().write(bytes);
                    socket.shutdownOutput();
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
            byte[] answer = socket.getInputStream().readAllBytes();
            written.get(60, TimeUnit.SECONDS);
            return answer;
        }
    }

    @Test
    void awaitPort_waitsUntilSomethingListens() throws Exception {
        int port;
        try (PortForward taken = vm().listen(0, new InetSocketAddress(InetAddress.getLoopbackAddress(), 1))) {
            port = taken.port();
            vm().awaitPort(port, PATIENCE);
        }
        assertThatThrownBy(() -> vm().awaitPort(port, Duration.ofMillis(300)))
                .isInstanceOf(SandboxException.class)
                .hasMessageContaining("nothing listens at port " + port)
                .hasMessageContaining("after 300 ms");
        CompletableFuture<Boolean> waiting = CompletableFuture.supplyAsync(() -> {
            try {
                vm().awaitPort(port, PATIENCE);
                return true;
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        });
        try (PortForward later = vm().listen(port, new InetSocketAddress(InetAddress.getLoopbackAddress(), 1))) {
            assertThat(waiting.get(60, TimeUnit.SECONDS)).isTrue();
            assertThat(later.port()).isEqualTo(port);
        }
        assertThatThrownBy(() -> vm().awaitPort(0, PATIENCE)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void text_isWhatASuccessfulCommandPrinted() throws Exception {
        assertThat(vm().exec("echo", "a text").text()).isEqualTo("a text");
        assertThatThrownBy(() -> vm().exec("false").text())
                .isInstanceOf(SandboxException.class)
                .hasMessageContaining("exited with status 1");
        assertThatThrownBy(() -> vm().exec("echo", "x".repeat(1000))
                        .capture(DataSize.ofBytes(100))
                        .text())
                .isInstanceOf(SandboxException.class)
                .hasMessageContaining("printed 1001 bytes");
    }

    @Test
    void aPortWhereNothingListensEndsConnectionsAtOnce() throws Exception {
        int nobody;
        try (PortForward taken = vm().listen(0, new InetSocketAddress(InetAddress.getLoopbackAddress(), 1))) {
            nobody = taken.port();
        }
        try (PortForward forward = vm().forward(nobody);
                Socket socket = new Socket(InetAddress.getLoopbackAddress(), forward.port())) {
            socket.setSoTimeout((int) PATIENCE.toMillis());
            assertThat(socket.getInputStream().read()).isNegative();
        }
    }

    @Test
    void aPortThatIsTakenIsRefused() throws Exception {
        InetSocketAddress anywhere = new InetSocketAddress(InetAddress.getLoopbackAddress(), 1);
        try (PortForward first = vm().listen(0, anywhere)) {
            int port = first.port();
            assertThatThrownBy(() -> vm().listen(port, anywhere)).isInstanceOf(SandboxException.class);
        }
        assertThatThrownBy(() -> vm().listen(65_536, anywhere)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> vm().forward(0)).isInstanceOf(IllegalArgumentException.class);
        assertUsable();
    }

    @Test
    void closingAPortEndsItsConnections() throws Exception {
        try (EchoServer server = new EchoServer();
                PortForward out = vm().listen(0, server.address());
                PortForward in = vm().forward(out.port());
                Socket socket = new Socket(InetAddress.getLoopbackAddress(), in.port())) {
            socket.setSoTimeout((int) PATIENCE.toMillis());
            socket.getOutputStream().write(7);
            assertThat(socket.getInputStream().read()).isEqualTo(7);
            in.close();
            assertThat(isAtItsEnd(socket)).isTrue();
            int port = in.port();
            await().atMost(PATIENCE).until(() -> isRefused(port)); // the kernel takes a moment
        }
    }

    private static boolean isRefused(int port) {
        try {
            new Socket(InetAddress.getLoopbackAddress(), port).close();
            return false;
        } catch (IOException e) {
            return true;
        }
    }

    private static boolean isAtItsEnd(Socket socket) {
        try {
            return socket.getInputStream().read() < 0;
        } catch (IOException e) {
            return true; // reset
        }
    }

    /** Sends back what it receives. */
    static final class EchoServer implements AutoCloseable {
        private final ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());

        EchoServer() throws IOException {
            thread(() -> {
                while (true) {
                    Socket socket = server.accept();
                    thread(() -> {
                        try (socket;
                                InputStream in = socket.getInputStream();
                                OutputStream out = socket.getOutputStream()) {
                            in.transferTo(out);
                        }
                    });
                }
            });
        }

        private static void thread(Interruptible work) {
            Thread thread = new Thread(() -> {
                try {
                    work.run();
                } catch (Exception e) {
                    // a socket was closed, which ends it
                }
            });
            thread.setDaemon(true);
            thread.start();
        }

        InetSocketAddress address() {
            return new InetSocketAddress(InetAddress.getLoopbackAddress(), server.getLocalPort());
        }

        @Override
        public void close() throws IOException {
            server.close();
        }
    }

    // ---- the sandbox itself

    @Test
    void answersPings() throws Exception {
        assertThat(vm().ping()).isPositive().isLessThan(PATIENCE);
        assertThat(vm().isOpen()).isTrue();
        assertThat(vm().id()).matches("job-[0-9a-f]{12}");
        assertThat(vm().execution(1_000_000)).isEmpty();
    }

    @Test
    void aMachineThatIsKilledLosesWhatRuns() throws Exception {
        try (Sandbox lost = open(options("killed"));
                Execution sleep = lost.exec("sleep", "600").start();
                Execution cat = lost.exec("cat").start()) {
            sleep.process().get(60, TimeUnit.SECONDS);
            InputStream stdout = cat.stdout();
            kill(lost.id());
            assertThat(sleep.await().end()).isInstanceOfSatisfying(ExecutionEnd.Lost.class, end -> {
                assertThat(end.mayHaveRun()).isTrue();
                assertThat(end.why()).contains("machine");
            });
            assertThatThrownBy(stdout::read).isInstanceOf(IOException.class);
            assertThatThrownBy(() -> sleep.await().orThrow()).isInstanceOf(SandboxLostException.class);
            assertUnusable(lost, "machine");
        }
    }

    private void assertUnusable(Sandbox lost, String why) {
        assertThat(lost.isOpen()).isFalse();
        assertThat(lost.executions()).isEmpty();
        List<Interruptible> uses = List.of(
                () -> lost.exec("true").run(),
                () -> lost.exec("true").start(),
                lost::ping,
                () -> lost.copyIn(disk -> disk.file("f", "text"), "/tmp"),
                () -> lost.copyOut("/tmp", directory.resolve("out")),
                () -> lost.listen(0, new InetSocketAddress(InetAddress.getLoopbackAddress(), 1)));
        assertThat(uses)
                .allSatisfy(use -> assertThatThrownBy(use::run)
                        .isInstanceOf(SandboxLostException.class)
                        .hasMessageContaining(why));
    }

    @Test
    void reachesTheTotalLimit() throws Exception {
        try (Sandbox brief = open(options("total").withLimits(Limits.DEFAULT.withTotal(shortLife())))) {
            ExecutionResult result = brief.exec("sleep", "600").run();
            assertThat(result.end())
                    .isInstanceOfSatisfying(
                            ExecutionEnd.Lost.class,
                            end -> assertThat(end.why()).contains("total limit"));
            assertUnusable(brief, "total limit");
        }
    }

    @Test
    void reachesTheIdleLimit() throws Exception {
        try (Sandbox idle = open(options("idle").withLimits(Limits.DEFAULT.withIdle(Duration.ofSeconds(3))))) {
            ExecutionResult result = idle.exec("sleep", "600").run();
            assertThat(result.end())
                    .isInstanceOfSatisfying(
                            ExecutionEnd.Lost.class,
                            end -> assertThat(end.why()).contains("idle limit"));
        }
    }

    @Test
    void reachesTheLimitOfOutput() throws Exception {
        DataSize limit = DataSize.ofMebibytes(1);
        try (Sandbox loud = open(options("loud").withLimits(Limits.DEFAULT.withOutput(limit)))) {
            assertThat(loud.exec("echo", "few").run().isSuccess()).isTrue();
            ExecutionResult result = loud.exec("cat", "/dev/zero").run();
            assertThat(result.end())
                    .isInstanceOfSatisfying(
                            ExecutionEnd.Lost.class,
                            end -> assertThat(end.why()).contains("printed more than " + limit));
        }
    }

    @Test
    void closingLeavesNothing() throws Exception {
        closeShared();
        AtomicBoolean told = new AtomicBoolean();
        Sandbox closed = open(options("closed").withListener(event -> told.set(true)));
        Execution flood = closed.exec("cat", "/dev/zero").start();
        assertThat(flood.stdout().read()).isZero();
        closed.copyIn(disk -> disk.file("f", "text"), "/tmp/f");
        PortForward port = closed.forward(9);
        Execution lines = closed.sh("echo line; sleep 600")
                .stdoutLines(line -> {})
                .input("text")
                .start();
        closed.close();
        closed.close();
        assertThat(told).isTrue();
        assertThat(lines.await().end())
                .isInstanceOfSatisfying(
                        ExecutionEnd.Lost.class, end -> assertThat(end.why()).contains("closed"));
        int gone = port.port();
        await().atMost(PATIENCE).until(() -> isRefused(gone));
        assertThatThrownBy(() -> closed.exec("true").run()).isInstanceOf(SandboxLostException.class);
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(Thread.getAllStackTraces().keySet())
                        .extracting(Thread::getName)
                        .noneMatch(name -> name.startsWith("construir-sandbox-closed")));
        assertThat(scratchOfThisProcess()).isEmpty();
    }

    private static List<Path> scratchOfThisProcess() throws IOException {
        Path root = Scratch.defaultRoot().resolve("sandboxes");
        if (Files.notExists(root)) {
            return List.of();
        }
        String own = ProcessHandle.current().pid() + "-";
        try (Stream<Path> directories = Files.list(root)) {
            return directories
                    .filter(path -> Optional.ofNullable(path.getFileName())
                            .filter(name -> name.toString().startsWith(own))
                            .isPresent())
                    .toList();
        }
    }

    @Test
    void bytesOfACopyAreNotCountedAsOutput() throws Exception {
        DataSize limit = DataSize.ofKibibytes(64);
        try (Sandbox quiet = open(options("quiet").withLimits(Limits.DEFAULT.withOutput(limit)))) {
            Path file = Files.write(directory.resolve("noise"), noise(500_000));
            quiet.copyIn(file, "/tmp/noise");
            quiet.copyOut("/tmp/noise", Files.createDirectories(directory.resolve("out")));
            assertThat(quiet.exec("true").run().isSuccess()).isTrue();
        }
    }
}
