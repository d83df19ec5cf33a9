package dev.construir.qemu.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.construir.DataSize;
import dev.construir.disk.Attributes;
import dev.construir.image.RootImage;
import dev.construir.job.Job;
import dev.construir.job.Limits;
import dev.construir.machine.CacheMode;
import dev.construir.machine.Disk;
import dev.construir.machine.Hypervisor;
import dev.construir.machine.Machine;
import dev.construir.machine.MachineExit;
import dev.construir.machine.MachineSpec;
import dev.construir.machine.Network;
import dev.construir.machine.Preference;
import dev.construir.run.JobResult;
import dev.construir.run.Outcome;
import dev.construir.run.Outcome.Limit;
import dev.construir.run.Outcome.StatusFault;
import dev.construir.run.Run;
import dev.construir.run.RunEvent;
import dev.construir.run.Runner;
import dev.construir.testing.HostCommand;
import dev.construir.testing.TestImages;
import dev.construir.testkit.RecordingListener;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * What users bring: bare disks that boot through GRUB into a Debian that has {@code construir} among the services of
 * systemd or sysvinit. Each test runs machines of either kind, both at once.
 *
 * <p>Most machines are resumed where the service is ready, as each boot keeps a processor busy for seconds: the tests
 * boot eight machines instead of twenty.
 */
@Timeout(300)
class BootLoaderImageIT {
    /** A boot takes seconds; under load many times that, which is no fault of the guest's. */
    private static final Duration LONG = Duration.ofMinutes(4);

    private static final DataSize MEMORY = DataSize.ofMebibytes(256);

    @TempDir
    static Path shared;

    @SuppressWarnings("NullAway.Init")
    private static Runner warmSystemd;

    @SuppressWarnings("NullAway.Init")
    private static Runner warmSysvinit;

    @TempDir
    Path directory;

    @BeforeAll
    static void open() throws Exception {
        warmSystemd = RealMachines.warm(disk("systemd"), shared.resolve("systemd"));
        warmSysvinit = RealMachines.warm(disk("sysvinit"), shared.resolve("sysvinit"));
    }

    @AfterAll
    static void close() throws Exception {
        warmSystemd.close();
        warmSysvinit.close();
        assertThat(RealMachines.machines()).isEmpty();
    }

    private static RootImage disk(String init) throws Exception {
        return RootImage.at(TestImages.find("disk-" + init).resolve("disk.img"));
    }

    private static Job job(String shell) {
        Job job = RealMachines.script(shell);
        return job.withResources(job.resources().withMemory(MEMORY))
                .withLimits(Limits.DEFAULT.withTotal(LONG).withBoot(LONG));
    }

    @Test
    void jobsRunAndReturnTheirFilesAndTheDisksStayAsTheyAre() throws Exception {
        String shell = """
                echo out; echo err >&2
                pwd; id -u; readlink /proc/self/fd/0; ls -d /run/systemd/system 2> /dev/null
                echo result > made
                rm -rf /usr/share; echo spoilt > /etc/passwd; sync
                (trap '' HUP TERM; while :; do sleep 1; done) &
                """;
        String printed = "out\nerr\n/job\n0\n/dev/null\n";
        RootImage systemd = disk("systemd");
        RootImage sysvinit = disk("sysvinit");
        List<byte[]> before = List.of(sha256(systemd), sha256(sysvinit));
        List<RunEvent> told = new CopyOnWriteArrayList<>();
        List<RunEvent> toldByTheOther = new CopyOnWriteArrayList<>();
        try (Runner one = RealMachines.runner(systemd, directory.resolve("systemd"));
                Runner two = RealMachines.runner(sysvinit, directory.resolve("sysvinit"));
                Run exiting = one.start(job(shell + "exit 7"), told::add);
                Run dying = two.start(job(shell + "kill -SEGV $$"), toldByTheOther::add)) {
            check(exiting.await(), new Outcome.Exited(7), printed + "/run/systemd/system\n");
            check(dying.await(), new Outcome.Signalled(11), printed);
        }
        // The guest's lines have reached the console, although a login came up on it at the same time.
        assertThat(kinds(told))
                .isEqualTo(kinds(toldByTheOther))
                .isEqualTo(List.of("Queued", "Booting", "JobStarted", "Output", "JobEnded", "MachineGone"));
        assertThat(List.of(sha256(systemd), sha256(sysvinit))).containsExactlyElementsOf(before);
    }

    private static void check(JobResult result, Outcome outcome, String printed) throws Exception {
        assertThat(result.outcome()).as(result.console().text()).isEqualTo(outcome);
        assertThat(result.output().text()).isEqualTo(printed);
        assertThat(read(result, "/construir.log")).isEqualTo(printed);
        assertThat(read(result, "/made")).isEqualTo("result\n");
    }

    private static List<String> kinds(List<RunEvent> events) {
        return events.stream().map(e -> e.getClass().getSimpleName()).distinct().toList();
    }

    /** With one a qcow2 file, the other without construir's helper: its script does then what a shell can. */
    @Test
    void jobsRunFromQcow2AndWithoutTheHelper() throws Exception {
        Path qcow2 = directory.resolve("systemd.qcow2");
        Path bare = directory.resolve("sysvinit.img");
        HostCommand.run(
                "qemu-img",
                "convert",
                "-f",
                "raw",
                "-O",
                "qcow2",
                disk("systemd").disk().toString(),
                qcow2.toString());
        HostCommand.run(
                "qemu-img",
                "convert",
                "-f",
                "raw",
                "-O",
                "raw",
                disk("sysvinit").disk().toString(),
                bare.toString());
        String partition = bare + "?offset=" + (1 << 20);
        HostCommand.run("/sbin/debugfs", "-w", "-R", "rm /usr/lib/construir/construir-helper", partition);
        String shell = "[ -x /usr/lib/construir/construir-helper ] || echo no helper; echo made > made\n";
        Job foreign = foreign();
        try (Runner one = RealMachines.warm(RootImage.at(qcow2), directory.resolve("systemd"));
                Runner two = RealMachines.warm(RootImage.at(bare), directory.resolve("sysvinit"));
                Run whole = one.start(job(shell + "exec true"), event -> {});
                Run helpless = two.start(job(shell + "kill -INT $$"), event -> {});
                Run strange = one.start(foreign, event -> {});
                Run strangeToTheHelpless = two.start(foreign, event -> {})) {
            assertThat(whole.await().outcome()).isEqualTo(new Outcome.Exited(0));
            assertThat(whole.await().output().text()).isEmpty();
            assertThat(helpless.await().outcome()).isEqualTo(new Outcome.Exited(128 + 2));
            assertThat(helpless.await().output().text()).isEqualTo("no helper\n");
            assertThat(read(helpless.await(), "/made")).isEqualTo("made\n");
            for (Run run : List.of(strange, strangeToTheHelpless)) {
                assertThat(run.await().outcome()).isEqualTo(new Outcome.Exited(126));
                assertThat(run.await().output().text())
                        .startsWith("construir: /job/bin/construir: Exec format error: it is a program for ")
                        .hasLineCount(1);
            }
        }
    }

    /**
     * A job that is a program for 64-bit Arm, with a line that a shell would run. Hosts leave it to such systems what
     * they run.
     */
    private static Job foreign() {
        ByteBuffer header = ByteBuffer.allocate(128).order(ByteOrder.LITTLE_ENDIAN);
        header.put(new byte[] {0x7f, 'E', 'L', 'F', 2, 1, 1})
                .putShort(16, (short) 2)
                .putShort(18, (short) 183);
        header.position(64).put("\necho run by a shell\nexit 0\n".getBytes(StandardCharsets.US_ASCII));
        Job job = Job.of(
                "foreign",
                disk -> disk.file(
                        "bin/construir",
                        Attributes.ofRoot(0755, Instant.EPOCH),
                        header.capacity(),
                        new ByteArrayInputStream(header.array())));
        return job.withResources(RealMachines.SMALL.withMemory(MEMORY))
                .withLimits(Limits.DEFAULT.withTotal(LONG).withBoot(LONG));
    }

    /** Runs a job on either kind of disk, both at once. */
    private List<JobResult> runBoth(String forSystemd, String forSysvinit) throws Exception {
        try (Run first = warmSystemd.start(job(forSystemd), event -> {});
                Run second = warmSysvinit.start(job(forSysvinit), event -> {})) {
            return List.of(first.await(), second.await());
        }
    }

    private static void assertUnfinished(JobResult result) throws Exception {
        assertThat(result.outcome())
                .as(result.console().text())
                .isInstanceOfSatisfying(
                        Outcome.NoStatus.class, o -> assertThat(o.why()).isEqualTo(StatusFault.UNFINISHED));
    }

    /**
     * Not a success, and no machine that stays until a limit is reached. The job sees none but its own processes, so it
     * has to ask the init.
     */
    @Test
    void jobsThatEndTheirSupervisorEndTheMachine() throws Exception {
        List<JobResult> results = runBoth(
                "systemctl is-active construir; kill -9 -1; echo survived;"
                        + " systemctl kill --signal=KILL construir; sleep 3600",
                "kill -9 -1; echo survived; /etc/init.d/construir stop; sleep 3600");
        for (JobResult result : results) {
            assertUnfinished(result);
            assertThat(result.output().text()).contains("survived\n");
        }
        assertThat(results.get(0).output().text()).startsWith("active\n");
    }

    @Test
    void jobsThatStopTheirServiceEndTheMachine() throws Exception {
        for (JobResult result : runBoth(
                "systemctl stop construir; echo survived; sleep 3600", "/sbin/init 1; echo survived; sleep 3600")) {
            assertUnfinished(result);
        }
    }

    /** A system that goes to another state, or is restarted, has no time to wait for a job. */
    @Test
    void jobsThatChangeTheSystemsStateEndTheMachine() throws Exception {
        List<JobResult> results = runBoth("systemctl isolate rescue.target; sleep 3600", "/sbin/telinit 6; sleep 3600");
        assertUnfinished(results.get(0));
        assertThat(results.get(1).outcome())
                .as(results.get(1).console().text())
                .isInstanceOfSatisfying(
                        Outcome.GuestCrashed.class, o -> assertThat(o.how()).isEqualTo(Outcome.Crash.REBOOT));
    }

    /** By an order to all of the service's processes at once: the job's own end, unless the machine's end is faster. */
    @Test
    void jobsThatHaveTheirServiceSignalledOrTheSystemPoweredOffEnd() throws Exception {
        List<JobResult> results = runBoth("systemctl kill construir; sleep 3600", "/sbin/init 0; sleep 3600");
        if (!results.get(0).outcome().equals(new Outcome.Signalled(15))) {
            assertUnfinished(results.get(0));
        }
        assertUnfinished(results.get(1));
    }

    /**
     * The supervisor has no pages that would have to be read from there, and is no process that the kernel ends for
     * want of memory. A systemd that was executed anew is still within the job's reach.
     */
    @Test
    void jobsThatOverwriteTheSystemsDiskTakeDownOnlyThemselves() throws Exception {
        String scores = "cat /proc/1/oom_score_adj /proc/self/oom_score_adj\n";
        String shell = """
                systemctl daemon-reexec
                until systemctl --quiet is-active construir 2>/dev/null; do sleep 0.5; done
                echo 3 >/proc/sys/vm/drop_caches
                dd if=/dev/zero of=/dev/vda bs=1M count=256 conv=fsync 2>/dev/null
                echo 3 >/proc/sys/vm/drop_caches
                exit 6
                """;
        for (JobResult result : runBoth(scores + shell, scores + "exit 6")) {
            assertThat(result.outcome()).as(result.console().text()).isEqualTo(new Outcome.Exited(6));
            assertThat(result.output().text()).isEqualTo("-1000\n0\n");
        }
    }

    @Test
    void limitsEndJobs() throws Exception {
        Duration limit = Duration.ofSeconds(2);
        Job idle = job("sleep 3600");
        idle = idle.withLimits(idle.limits().withIdle(limit));
        try (Run first = warmSystemd.start(idle, event -> {});
                Run second = warmSysvinit.start(idle, event -> {})) {
            assertThat(first.await().outcome()).isEqualTo(new Outcome.TimedOut(Limit.IDLE, limit));
            assertThat(second.await().outcome()).isEqualTo(new Outcome.TimedOut(Limit.IDLE, limit));
        }
    }

    @Test
    void withoutAJobTheyOfferALogin() throws Exception {
        RecordingListener console = new RecordingListener();
        RecordingListener otherConsole = new RecordingListener();
        try (Hypervisor hypervisor = RealMachines.hypervisor(directory);
                Machine systemd = start(hypervisor, disk("systemd"), console);
                Machine sysvinit = start(hypervisor, disk("sysvinit"), otherConsole)) {
            useALogin(systemd, console);
            useALogin(sysvinit, otherConsole);
        }
        assertThat(console.console()).contains("\nconstruir: ready\r\n", "process 1 is systemd");
        assertThat(otherConsole.console()).contains("\nconstruir: ready\r\n", "process 1 is init");
    }

    private static void useALogin(Machine machine, RecordingListener listener) throws Exception {
        Typist typist = new Typist(machine, listener, LONG);
        typist.logIn();
        typist.answer("# ", "read init < /proc/1/comm; echo process $((10-9)) is $init");
        typist.expect("process 1 is "); // not the echo of what was typed
        typist.answer("# ", "poweroff -f");
        assertThat(machine.exit().get(LONG.toSeconds(), TimeUnit.SECONDS)).isEqualTo(new MachineExit.PoweredOff());
    }

    private static Machine start(Hypervisor hypervisor, RootImage image, RecordingListener listener) throws Exception {
        return hypervisor.start(
                new MachineSpec(
                        "login",
                        image.architecture(),
                        1,
                        MEMORY,
                        image.boot(),
                        List.of(Disk.copyOnWrite(image.disk(), image.format())),
                        Network.NONE,
                        Preference.NEVER,
                        Preference.NEVER,
                        CacheMode.WRITEBACK),
                listener);
    }

    private static String read(JobResult result, String path) throws Exception {
        try (InputStream in = result.files().open(path)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static byte[] sha256(RootImage image) throws Exception {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        try (InputStream in = new DigestInputStream(Files.newInputStream(image.disk()), digest)) {
            in.transferTo(OutputStream.nullOutputStream());
        }
        return digest.digest();
    }
}
