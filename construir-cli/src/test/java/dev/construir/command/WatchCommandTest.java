package dev.construir.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.construir.disk.read.DiskReader;
import dev.construir.terminal.Environment;
import dev.construir.terminal.Terminal;
import dev.construir.testkit.FakeGuest;
import dev.construir.testkit.FakeMachine;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The command on a hypervisor in memory; an interrupt stands for a signal, as it does in the command. */
@Timeout(60)
@SuppressWarnings("NullAway.Init")
class WatchCommandTest {
    @TempDir
    Path directory;

    private final Terminal terminal = Terminal.files();
    private final CountDownLatch started = new CountDownLatch(1);
    private final CountDownLatch goOn = new CountDownLatch(1);
    private QueueDirectory queue;
    private String root = "";

    @BeforeEach
    void makeRoot() throws Exception {
        queue = new QueueDirectory(Files.createDirectory(directory.resolve("jobs")));
        root = BareDisk.write(directory.resolve("root.img")).toString();
    }

    private int execute(FakeGuest guest, String... options) {
        Backends backends = new Backends(List.of(new FakeBackend(guest)));
        Environment surroundings = Environment.of(
                Map.of("CONSTRUIR_CACHE", directory.resolve("cache").toString()), Optional.empty());
        List<String> words = new ArrayList<>(List.of("watch", "--hypervisor=fake"));
        if (List.of(options).stream().noneMatch(option -> option.startsWith("--disk="))) {
            words.add("--disk=1M");
        }
        words.addAll(List.of("--root", root));
        words.addAll(List.of("--scratch", directory.resolve("scratch").toString()));
        words.addAll(List.of(options));
        words.add(queue.top().toString());
        return Main.execute(
                terminal.streams(), surroundings, backends, RunnerSource.on(backends), words.toArray(String[]::new));
    }

    private static final class Watching implements AutoCloseable {
        private final FutureTask<Integer> code;
        private final Thread thread;

        Watching(FutureTask<Integer> code) {
            this.code = code;
            this.thread = new Thread(code, "watching");
            thread.start();
        }

        void signal() {
            thread.interrupt();
        }

        int end() throws Exception {
            return code.get(30, TimeUnit.SECONDS);
        }

        @Override
        public void close() throws Exception {
            while (thread.isAlive()) {
                signal();
                thread.join(100);
            }
        }
    }

    private Watching watch(FakeGuest guest, String... options) {
        return new Watching(new FutureTask<>(() -> execute(guest, options)));
    }

    private dev.construir.machine.MachineExit untilToldToGoOn(FakeMachine machine)
            throws InterruptedException, java.io.IOException {
        started.countDown();
        goOn.await();
        return FakeGuest.exiting(5).run(machine);
    }

    private void awaitSaid(String text) {
        await().until(() -> terminal.err().contains(text));
    }

    @Test
    void aFirstSignalLetsWhatRunsFinishAndBeginsNothing() throws Exception {
        queue.put("first", "");
        try (Watching watching = watch(this::untilToldToGoOn)) {
            started.await();
            watching.signal();
            awaitSaid("construir: draining: no new jobs start, and running jobs have 1 min 0 s to finish;");
            queue.put("late", "");
            goOn.countDown();
            assertThat(watching.end()).isZero();
        }
        assertThat(queue.names("done")).containsExactly("first.img.xz", "first.json", "first.log");
        assertThat(queue.names("queue")).containsExactly("late");
        assertThat(terminal.err())
                .startsWith("construir: serving " + queue.top() + " on ")
                .containsPattern("\n\\S+T\\S+Z done   first: exited with status 5 \\(\\S+ m?s, attempt 1\\)\n")
                .endsWith("construir: ended: 1 done, 0 failed\n");
        assertThat(terminal.out()).isEmpty(); // what the job printed is in its log
    }

    @Test
    void afterTheGracePeriodJobsGoBackAsIfNothingHadBeen() throws Exception {
        queue.put("long", "");
        try (Watching watching = watch(this::untilToldToGoOn, "--grace=50ms")) {
            started.await();
            watching.signal();
            assertThat(watching.end()).isZero();
        }
        assertNothingIsLost("long");
        assertThat(terminal.err()).contains("the grace period is over: running jobs return to the queue");
        try (Watching watching = watch(FakeGuest.exiting(0))) {
            awaitSaid("done   long: exited with status 0 (");
            watching.signal();
            assertThat(watching.end()).isZero();
        }
        assertThat(queue.read("done", "long.json")).contains("\"attempts\": 1,");
    }

    @Test
    void aSecondSignalGivesBackAtOnce() throws Exception {
        queue.put("long", "");
        try (Watching watching = watch(this::untilToldToGoOn, "--grace=none")) {
            started.await();
            watching.signal();
            awaitSaid("running jobs have as long as they need to finish");
            watching.signal();
            assertThat(watching.end()).isZero();
        }
        assertNothingIsLost("long");
        assertThat(terminal.err()).containsPattern("""
                        second signal: running jobs return to the queue at once
                        \\S+Z back   long: cancelled \\(\\S+ m?s, attempt 1\\)
                        """);
    }

    private void assertNothingIsLost(String job) throws Exception {
        assertThat(queue.names("queue")).containsExactly(job);
        for (String empty : new String[] {"running", "done", "failed"}) {
            assertThat(queue.names(empty)).as(empty).isEmpty();
        }
        assertThat(terminal.err()).endsWith("construir: ended: 0 done, 0 failed\n");
    }

    @Test
    void aJobThatIsNoneFailsAndTheOthersGoOn() throws Exception {
        Path notes = Files.writeString(queue.top().resolve("notes.part"), "no disk");
        queue.put(notes, "notes");
        queue.put("p9-last", "");
        try (Watching watching = watch(FakeGuest.exiting(0))) {
            awaitSaid("done   p9-last: exited with status 0");
            watching.signal();
            assertThat(watching.end()).isZero();
        }
        assertThat(queue.names("failed")).containsExactly("notes", "notes.json", "notes.log");
        assertThat(terminal.err())
                .containsPattern("Z failed notes: the disk of job notes could not be made: .*\\)\n")
                .endsWith("construir: ended: 1 done, 1 failed\n");
    }

    private void put(String name, String settings) throws Exception {
        Path job = queue.make(name, "");
        Files.writeString(job.resolve("bin/construir.properties"), settings);
        queue.put(job, name);
    }

    @Test
    void jobsBringTheirOwnSettings_andWhatIsNotAllowedFailsWithTheReason() throws Exception {
        put("p1-small", "memory = 128M\ntimeout = 5m\n");
        put("p2-large", "memory = 512M\nnetwork = true\n");
        put("p3-greedy", "memory = 4G\n");
        put("p4-wrong", "memroy = 1M\n");
        queue.put("p9-usual", "");
        List<String> specs = new java.util.concurrent.CopyOnWriteArrayList<>();
        FakeGuest guest = machine -> {
            specs.add(machine.spec().memory() + " " + machine.spec().network().outbound());
            return FakeGuest.exiting(0).run(machine);
        };
        try (Watching watching = watch(guest, "--memory=256M", "--max-memory=1G", "--allow-network")) {
            awaitSaid("done   p9-usual: exited with status 0");
            watching.signal();
            assertThat(watching.end()).isZero();
        }
        assertThat(specs).containsExactly("128M false", "512M true", "256M false");
        assertThat(queue.names("failed"))
                .containsExactly(
                        "p3-greedy", "p3-greedy.json", "p3-greedy.log", "p4-wrong", "p4-wrong.json", "p4-wrong.log");
        assertThat(queue.read("failed", "p3-greedy.json"))
                .contains("asks for memory = \\\"4G\\\", and this queue allows 1G at most");
        assertThat(queue.read("failed", "p4-wrong.json")).contains("line 1: there is no setting");
    }

    @Test
    void withoutBounds_jobsMayAskForLessAndNotForMore() throws Exception {
        put("p1-less", "cpus = 1\ntimeout = 1m\n");
        put("p2-more", "cpus = 2\n");
        put("p3-network", "network = true\n");
        try (Watching watching = watch(FakeGuest.exiting(0), "--memory=128M")) {
            awaitSaid("failed p3-network: bin/construir.properties asks for a network, and this queue allows none");
            watching.signal();
            assertThat(watching.end()).isZero();
        }
        assertThat(queue.names("done")).contains("p1-less.json");
        assertThat(terminal.err()).contains("failed p2-more: bin/construir.properties asks for cpus = \"2\"");
    }

    @Test
    void jobsWaitUntilThereIsRoomAndThatIsSaidOnce() throws Exception {
        queue.put("waiting", "");
        try (Watching watching = watch(FakeGuest.exiting(0), "--reserve=8000000G", "--jobs=3")) {
            awaitSaid(" wait   the queue: not enough space in ");
            watching.signal();
            assertThat(watching.end()).isZero();
        }
        assertThat(queue.names("queue")).containsExactly("waiting");
        assertThat(terminal.err().lines().filter(line -> line.contains("not enough space in ")))
                .hasSizeBetween(1, 2); // of the queue, and of the scratch directory
    }

    @Test
    void aJobThatWaitsForTheBudgetIsToldOnce() throws Exception {
        queue.put("first", "");
        try (Watching watching = watch(this::untilToldToGoOn, "--jobs=2", "--budget=machines=1")) {
            started.await();
            queue.put("second", "");
            awaitSaid(" wait   second: waits for room in the budget of 1 machine: this machine takes 1 machine, ");
            goOn.countDown();
            awaitSaid("done   second: ");
            watching.signal();
            assertThat(watching.end()).isZero();
        }
        assertThat(terminal.err()).endsWith("construir: ended: 2 done, 0 failed\n");
        assertThat(terminal.err().lines().filter(line -> line.contains(" wait ")))
                .hasSize(1);
    }

    @Test
    void theLineOfAJobThatFailedSaysWhatItMayHaveLacked() throws Exception {
        queue.put("large", "");
        FakeGuest guest = machine -> {
            machine.console("Out of memory: Killed process 5 (cc1plus)\n");
            return FakeGuest.exiting(1).run(machine);
        };
        try (Watching watching = watch(guest, "--memory=300M")) {
            awaitSaid("done   large: ");
            watching.signal();
            assertThat(watching.end()).isZero();
        }
        assertThat(terminal.err())
                .containsPattern("done   large: exited with status 1 \\(\\S+ m?s, attempt 1\\);"
                        + " hint: the machine ran out of memory, it has 300M: give it more with --memory\n");
        assertThat(queue.read("done", "large.json")).contains("the machine ran out of memory, it has 300M");
    }

    @Test
    void theDisksOfItsJobsHaveTheInodesThatAreAskedFor() throws Exception {
        queue.put("many", "");
        AtomicLong inodes = new AtomicLong();
        FakeGuest guest = machine -> {
            try (DiskReader disk = DiskReader.open(machine.spec().disks().get(1).file())) {
                inodes.set(disk.info().freeInodes());
            }
            return FakeGuest.exiting(0).run(machine);
        };
        try (Watching watching = watch(guest, "--inodes=5000", "--disk=32M")) {
            awaitSaid("done   many: ");
            watching.signal();
            assertThat(watching.end()).isZero();
        }
        assertThat(inodes).hasValueGreaterThan(4900);
        assertThat(execute(FakeGuest.exiting(0), "--inodes=-1")).isEqualTo(125);
        assertThat(terminal.err()).endsWith("construir: --inodes takes a number from 1 on, not -1\n");
    }

    @Test
    void whatCannotBeServedIsRefused() throws Exception {
        assertThat(execute(FakeGuest.exiting(0), "--jobs=0")).isEqualTo(125);
        assertThat(execute(FakeGuest.exiting(0), "--attempts=0")).isEqualTo(125);
        assertThat(execute(FakeGuest.exiting(0), "--memory=1")).isEqualTo(125);
        assertThat(execute(FakeGuest.exiting(0), "--timeout=0s")).isEqualTo(125);
        queue = new QueueDirectory(Files.createFile(directory.resolve("file")));
        assertThat(execute(FakeGuest.exiting(0))).isEqualTo(125);
        assertThat(terminal.err().lines()).hasSize(5).allMatch(line -> line.startsWith("construir: "));
        assertThat(terminal.err())
                .contains("1 to 1000 jobs can run at once, not 0", "a job is tried 1 to 1000 times, not 0")
                .contains(
                        "a job's machine has ",
                        "limit is more than zero",
                        "cannot serve " + queue.top() + " as a queue")
                .doesNotContain("Exception");
    }
}
