package dev.construir.qemu.jobs;

import static dev.construir.qemu.jobs.RealMachines.script;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.construir.DataSize;
import dev.construir.disk.Attributes;
import dev.construir.image.BadImageException;
import dev.construir.image.RootImage;
import dev.construir.job.Job;
import dev.construir.machine.Boot;
import dev.construir.run.JobResult;
import dev.construir.run.Outcome;
import dev.construir.run.Outcome.Exited;
import dev.construir.run.Outcome.NoStatus;
import dev.construir.run.Outcome.Signalled;
import dev.construir.run.Runner;
import dev.construir.testing.TestImages;
import dev.construir.testkit.MachineOutcomesContract;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Every way a job can end by itself, each by a real machine; some thirty runs of one runner, which leave nothing
 * behind.
 */
@Timeout(120)
class OutcomesIT extends MachineOutcomesContract {
    @TempDir
    static Path scratch;

    private static Runner runner;

    private static Held before;

    @BeforeAll
    static void open() throws Exception {
        runner = RealMachines.tiny(scratch);
        run("true").close(); // what is made once is there from now on
        before = Held.now(scratch);
    }

    @AfterAll
    static void close() throws Exception {
        await().atMost(10, TimeUnit.SECONDS).until(() -> Held.now(scratch).within(before));
        runner.close();
        assertThat(RealMachines.leftovers(scratch)).isEmpty();
        assertThat(RealMachines.machines()).isEmpty();
    }

    @Override
    protected Runner runner() {
        return runner;
    }

    @Override
    protected void killHypervisor(String runId) {
        RealMachines.machines().forEach(ProcessHandle::destroyForcibly);
    }

    private static JobResult run(String shell) throws Exception {
        return runner.run(script(shell));
    }

    private static String read(JobResult result, String path) throws Exception {
        try (var in = result.files().open(path)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @Test
    void theJobRunsAsRootInItsDirectoryAndKeepsItsFiles() throws Exception {
        try (JobResult result = run("id -u; pwd; echo result > /job/made")) {
            assertThat(result.outcome().isSuccess()).isTrue();
            assertThat(result.output().text()).isEqualTo("0\n/job\n");
            assertThat(read(result, "/made")).isEqualTo("result\n");
        }
    }

    @Test
    void runsOutOfTheGuestsMemory() throws Exception {
        try (JobResult result = run("exec tail /dev/zero")) {
            assertThat(result.outcome()).isEqualTo(new Signalled(9));
            assertThat(result.hints())
                    .contains("the machine ran out of memory, it has 128M: give it more with --memory");
        }
    }

    @Test
    void isRefusedWithLessMemoryThanItsImageNeeds() {
        Job small = script("true").withResources(RealMachines.SMALL.withMemory(DataSize.ofMebibytes(64)));
        assertThatThrownBy(() -> runner.run(small))
                .isInstanceOf(BadImageException.class)
                .hasMessageContaining("a machine of 64M has too little memory for the root image tiny");
    }

    @Test
    void usesUpTheInodes() throws Exception {
        try (JobResult result = run("i=0; while true 2>/dev/null >f$i; do i=$((i + 1)); done; exit 1")) {
            assertThat(result.outcome().exitCode()).isNotZero();
            assertThat(result.hints()).anyMatch(hint -> hint.startsWith("no inodes left on the job disk"));
        }
    }

    @Test
    void fillsTheMachinesOwnDisk() throws Exception {
        try (JobResult result = run("dd if=/dev/zero of=/big bs=1M; exit 1")) {
            assertThat(result.outcome()).isEqualTo(new Exited(1));
            assertThat(result.hints()).anyMatch(hint -> hint.startsWith("the machine's own disk is full"));
        }
    }

    @Test
    void rebootsByTheSystemCall() throws Exception {
        try (JobResult result = run("reboot -f; sleep 9")) {
            assertThat(result.outcome())
                    .isInstanceOfSatisfying(
                            Outcome.GuestCrashed.class,
                            crash -> assertThat(crash.how()).isEqualTo(Outcome.Crash.REBOOT));
        }
    }

    @Test
    void killsEveryProcessItCan() throws Exception {
        try (JobResult result = run("kill -9 -1; sleep 1; exit 7")) {
            assertThat(result.outcome()).isIn(new Exited(7), new Signalled(9));
        }
    }

    @Test
    void panicsBeforeThereIsAJob() throws Exception {
        RootImage image = RootImage.in(TestImages.find("tiny"));
        Boot.Kernel boot = (Boot.Kernel) image.boot();
        Boot.Kernel broken = new Boot.Kernel(boot.kernel(), boot.initrd(), boot.commandLine() + " rdinit=/missing");
        RootImage panicking = new RootImage("broken", image.disk(), image.format(), image.architecture(), broken);
        try (Runner other = RealMachines.runner(panicking, scratch);
                JobResult result = other.run(script("true"))) {
            assertThat(result.outcome())
                    .isInstanceOfSatisfying(
                            Outcome.GuestCrashed.class,
                            crash -> assertThat(crash.lastWords()).contains("Kernel panic"));
            assertThat(result.outcome().exitCode()).isEqualTo(125);
        }
    }

    @Test
    void bringsAStaleStatus() throws Exception {
        Job stale = Job.of("stale", disk -> {
                    byte[] status = String.format("%-511s\n", "run=job-000000000000\nstate=ended\nexit=0")
                            .getBytes(StandardCharsets.US_ASCII);
                    var file = Attributes.ofRoot(0755, Instant.EPOCH);
                    disk.file("construir.status", file, status.length, new ByteArrayInputStream(status));
                    byte[] shell = "#!/bin/sh\npoweroff -f\nsleep 9\n".getBytes(StandardCharsets.US_ASCII);
                    disk.file("bin/construir", file, shell.length, new ByteArrayInputStream(shell));
                })
                .withResources(RealMachines.SMALL);
        try (JobResult result = runner.run(stale)) {
            assertThat(result.outcome()).isInstanceOf(NoStatus.class);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "printf 'run=job-000000000000\\nstate=ended\\nexit=0\\n' > /job/construir.status",
                "rm /job/construir.status",
                "rm /job/construir.status; mkdir /job/construir.status",
                "ln -sf /etc/passwd /job/construir.status",
                "dd if=/dev/zero of=/job/construir.status bs=512 count=1",
                "dd if=/dev/urandom of=/dev/vdb bs=64k count=64"
            })
    void damagesTheStatusAndPowersOff(String shell) throws Exception {
        try (JobResult result = run(shell + "; sync; poweroff -f; sleep 9")) {
            assertThat(result.outcome()).isInstanceOf(NoStatus.class);
            assertThat(result.outcome().isSuccess()).isFalse();
        }
    }

    @Test
    void forgesTheGuestsWordsOnTheConsole() throws Exception {
        try (JobResult result = run(
                "for t in /dev/console /dev/ttyS0; do echo \"construir: ended $CONSTRUIR_RUN\" > $t; done; exit 3")) {
            assertThat(result.outcome()).isEqualTo(new Exited(3));
        }
    }

    @Test
    void fillsItsDiskAndStillHasItsOwnExitStatus() throws Exception {
        try (JobResult result = run("dd if=/dev/zero of=/job/full bs=64k 2>/dev/null; echo still heard; exit 5")) {
            assertThat(result.outcome()).isEqualTo(new Exited(5));
            assertThat(result.output().text()).contains("still heard");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "/no/such/thing, 127, /job/bin/construir: not found",
        "/etc/passwd, 126, /job/bin/construir: not executable",
    })
    void cannotBeginForReasonsOnlyTheGuestKnows(String link, int code, String message) throws Exception {
        Job elsewhere = Job.of(
                        "elsewhere",
                        disk -> disk.symbolicLink("bin/construir", Attributes.ofRoot(0777, Instant.EPOCH), link))
                .withResources(RealMachines.SMALL);
        try (JobResult result = runner.run(elsewhere)) {
            assertThat(result.outcome()).isEqualTo(new Exited(code));
            assertThat(result.output().text()).isEqualTo("construir: " + message + "\n");
        }
    }

    @Test
    void needsAnInterpreterThatTheImageLacks() throws Exception {
        byte[] script = "#! /usr/bin/foo -x\n".getBytes(StandardCharsets.US_ASCII);
        Job foo = Job.of(
                        "foo",
                        disk -> disk.file(
                                "bin/construir",
                                Attributes.ofRoot(0755, Instant.EPOCH),
                                script.length,
                                new ByteArrayInputStream(script)))
                .withResources(RealMachines.SMALL);
        try (JobResult result = runner.run(foo)) {
            assertThat(result.outcome()).isEqualTo(new Exited(127));
            assertThat(result.outcome().describe()).doesNotContain("bin/construir");
            assertThat(result.output().text())
                    .isEqualTo("construir: /job/bin/construir: its interpreter /usr/bin/foo is not in the image\n");
        }
    }

    @Test
    void leavesADaemonBehind() throws Exception {
        try (JobResult result = run("sleep 300 & echo done")) {
            assertThat(result.outcome().isSuccess()).isTrue();
            assertThat(result.output().text()).isEqualTo("done\n");
        }
    }

    @Test
    void overwritesTheRootDiskUnderItself() throws Exception {
        try (JobResult result = run("dd if=/dev/urandom of=/dev/vda bs=1M count=8 2>/dev/null; sync; exit 6")) {
            assertThat(result.outcome()).isEqualTo(new Exited(6));
        }
    }

    @Test
    void freeSpaceCostsNothingInTheResult() throws Exception {
        try (JobResult result = run("dd if=/dev/urandom of=/job/big bs=1M count=10 2>/dev/null; sync; rm /job/big")) {
            assertThat(result.outcome().isSuccess()).isTrue();
            Path disk = result.moveDiskTo(scratch.resolve("trimmed.img"));
            Process du = new ProcessBuilder("du", "-k", disk.toString()).start();
            String kib = new String(du.getInputStream().readAllBytes(), StandardCharsets.US_ASCII).split("\t", 2)[0];
            assertThat(du.waitFor(10, TimeUnit.SECONDS)).isTrue();
            assertThat(Long.parseLong(kib)).isLessThan(2048);
            Files.delete(disk);
        }
    }
}
