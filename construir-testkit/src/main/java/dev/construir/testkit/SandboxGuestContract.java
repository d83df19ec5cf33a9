package dev.construir.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.construir.DataSize;
import dev.construir.disk.read.ExtractReport;
import dev.construir.job.Resources;
import dev.construir.sandbox.Execution;
import dev.construir.sandbox.ExecutionEnd;
import dev.construir.sandbox.ExecutionResult;
import dev.construir.sandbox.PortForward;
import dev.construir.sandbox.Sandbox;
import dev.construir.sandbox.SandboxException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Adds to {@link SandboxContract} what needs a guest with its own kernel, users and shell: users, process groups,
 * daemons, terminals, devices, full disks, the end of the machine from inside. The guest is the image {@code tiny}, or
 * another one with a busybox.
 *
 * @since 0.1
 */
public abstract class SandboxGuestContract extends SandboxContract {
    /** Creates the suite. */
    protected SandboxGuestContract() {}

    private String sh(String script) throws Exception {
        return vm().sh(script).run().orThrow().stdout().text();
    }

    // ---- users

    @ParameterizedTest
    @CsvSource({"'', 0:0", "root, 0:0", "1234, 1234:", "1234:5678, 1234:5678"})
    void runsAsAUser(String user, String expected) throws Exception {
        ExecutionResult result =
                vm().sh("echo $(id -u):$(id -g)").user(user).directory("/").run();
        assertThat(result.end().isSuccess()).as(result.stderr().text()).isTrue();
        assertThat(result.stdout().text()).startsWith(expected);
    }

    @Test
    void aUserThatIsMissingIsStatus126() throws Exception {
        ExecutionResult result = vm().exec("true").user("nobody-by-this-name").run();
        assertThat(result.end()).isEqualTo(new ExecutionEnd.Exited(126));
        assertThat(result.stderr().text()).contains("nobody-by-this-name");
    }

    @Test
    void aUserHasNoRightsOfRoot() throws Exception {
        sh("echo secret > /job/secret; chmod 600 /job/secret");
        assertThat(vm().exec("cat", "/job/secret")
                        .user("1234")
                        .directory("/")
                        .run()
                        .isSuccess())
                .isFalse();
    }

    // ---- processes

    private boolean runs(String argument) throws Exception {
        // the pattern does not match itself
        return sh("cat /proc/[0-9]*/cmdline 2>/dev/null || true").contains(argument);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aProcessGroupIsKilledAsAWhole(boolean byClosing) throws Exception {
        String long1 = byClosing ? "31231" : "31232";
        try (Execution group = vm().sh("sleep " + long1 + " & sleep " + long1 + " & echo up; wait")
                .start()) {
            assertThat(group.stdout().read()).isEqualTo('u');
            assertThat(runs(long1)).isTrue();
            if (byClosing) {
                group.close();
            } else {
                group.kill();
            }
            assertThat(group.result().get(60, TimeUnit.SECONDS).end()).isEqualTo(new ExecutionEnd.Signalled(9));
        }
        await().atMost(PATIENCE).until(() -> !runs(long1));
    }

    @Test
    void aSignalCanBeHandled() throws Exception {
        try (Execution trap = vm().sh("trap 'echo got; exit 7' TERM; echo ready; while :; do sleep 1; done")
                .start()) {
            BufferedReader lines = lines(trap.stdout());
            assertThat(lines.readLine()).isEqualTo("ready");
            trap.signal(15);
            assertThat(lines.readLine()).isEqualTo("got");
            assertThat(trap.await().end()).isEqualTo(new ExecutionEnd.Exited(7));
        }
    }

    private static BufferedReader lines(InputStream stream) {
        return new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8));
    }

    @Test
    void daemonsAreNotWaitedForAndStay() throws Exception {
        ExecutionResult result = vm().sh("sleep 31233 & echo started").run();
        assertThat(result.end()).isEqualTo(new ExecutionEnd.Exited(0));
        assertThat(result.stdout().text()).isEqualTo("started\n");
        assertThat(runs("31233")).isTrue();
        sh("killall sleep || true");
    }

    @Test
    void whatIsPrintedBeforeTheEndIsThere() throws Exception {
        for (int i = 0; i < 20; i++) {
            ExecutionResult result =
                    vm().sh("head -c 60000 /dev/zero; echo end >&2").run();
            assertThat(result.stdout().total()).isEqualTo(60_000);
            assertThat(result.stderr().text()).isEqualTo("end\n");
        }
    }

    @Test
    void textWithoutAnInterpreterIsAScript() throws Exception {
        vm().copyIn(disk -> disk.executable("script", "echo script $1\n"), "/tmp/scripts");
        assertThat(vm().exec("/tmp/scripts/script", "one").run().stdout().text())
                .isEqualTo("script one\n");
    }

    @Test
    void timesAndMemoryAreMeasured() throws Exception {
        ExecutionResult result =
                vm().sh("i=0; while [ $i -lt 20000 ]; do i=$((i + 1)); done").run();
        assertThat(result.userTime().plus(result.systemTime())).isPositive();
        assertThat(result.maxMemory()).isGreaterThan(DataSize.ofKibibytes(100));
    }

    @Test
    void theHostNameIsTheSandboxes() throws Exception {
        assertThat(sh("hostname")).isEqualTo("contract\n");
    }

    // ---- terminals

    @Test
    void aTerminalIsOne() throws Exception {
        assertThat(vm().sh("[ -t 0 ] && [ -t 1 ] && [ -t 2 ]").run().isSuccess())
                .isFalse();
        ExecutionResult result = vm().sh("[ -t 0 ] && [ -t 1 ] && [ -t 2 ] && stty size; echo err >&2")
                .terminal(33, 99)
                .run();
        assertThat(result.stdout().text()).isEqualTo("33 99\r\nerr\r\n");
        assertThat(result.stderr().total()).isZero();
    }

    @Test
    void aTerminalHasKeys() throws Exception {
        try (Execution sleep =
                vm().sh("echo up; exec sleep 600").terminal(24, 80).start()) {
            assertThat(lines(sleep.stdout()).readLine()).isEqualTo("up");
            sleep.stdin().write(3);
            assertThat(sleep.await().end()).isEqualTo(new ExecutionEnd.Signalled(2));
        }
    }

    @Test
    void aTerminalThatNoProcessHasOpenIsNotHungUp() throws Exception {
        ExecutionResult closed =
                vm().sh("exec 0<&- 1>&- 2>&-; sleep 1; exit 7").terminal(24, 80).run();
        assertThat(closed.end()).isEqualTo(new ExecutionEnd.Exited(7));
        ExecutionResult again = vm().sh("exec 0<&- 1>&- 2>&-; sleep 1; read x </dev/tty; echo got $x >/dev/tty; exit 7")
                .terminal(24, 80)
                .input("typed\n")
                .run();
        assertThat(again.end()).isEqualTo(new ExecutionEnd.Exited(7));
        assertThat(again.stdout().text()).endsWith("got typed\r\n");
    }

    @Test
    void aTerminalIsResized() throws Exception {
        try (Execution shell = vm().sh("trap 'stty size; exit 5' WINCH; echo up; while :; do sleep 1; done")
                .terminal(24, 80)
                .start()) {
            BufferedReader lines = lines(shell.stdout());
            assertThat(lines.readLine()).isEqualTo("up");
            shell.resize(40, 132);
            assertThat(lines.readLine()).isEqualTo("40 132");
            assertThat(shell.await().end()).isEqualTo(new ExecutionEnd.Exited(5));
        }
    }

    // ---- files

    @Test
    void devicesStayInTheGuest() throws Exception {
        sh("mkdir -p /tmp/nodes; mknod /tmp/nodes/null c 1 3; mkfifo /tmp/nodes/pipe; echo f > /tmp/nodes/file");
        Path out = Files.createDirectories(directory.resolve("out"));
        ExtractReport report = vm().copyOut("/tmp/nodes", out);
        assertThat(report.files()).isEqualTo(1);
        assertThat(report.skippedTotal()).isEqualTo(2);
        assertThat(out).isDirectoryContaining(path -> path.endsWith("file"));
        assertThatThrownBy(() -> vm().copyOut("/tmp/nodes/null", out)).isInstanceOf(SandboxException.class);
    }

    @Test
    void filesOfTheKernelComeToAnEnd() throws Exception {
        Path out = Files.createDirectories(directory.resolve("out"));
        vm().copyOut("/proc/version", out);
        assertThat(out.resolve("version")).content().startsWith("Linux version ");
        assertThatThrownBy(() -> vm().copyOut("/proc/kallsyms", out))
                .isInstanceOf(SandboxException.class)
                .hasMessageContaining("more than 1 MiB");
        try {
            vm().copyOut("/proc/self", Files.createDirectories(directory.resolve("self")));
        } catch (SandboxException | IOException e) {
            assertThat(e.getMessage()).isNotBlank(); // some of them cannot be read, and change meanwhile
        }
        assertThat(vm().exec("true").run().isSuccess()).isTrue();
    }

    @Test
    void aDiskThatIsFullLeavesTheSandboxUsable() throws Exception {
        Resources small = TestJobs.SMALL.withDisk(DataSize.ofMebibytes(8));
        try (Sandbox full = open(options("full").withResources(small))) {
            byte[] noise = new byte[16 << 20];
            new Random(1).nextBytes(noise);
            Path file = Files.write(directory.resolve("noise"), noise);
            assertThatThrownBy(() -> full.copyIn(file, "/job/noise"))
                    .isInstanceOf(SandboxException.class)
                    .hasMessageContaining("the guest says");
            assertThat(full.sh("rm -f /job/noise; echo room > /job/file; cat /job/file")
                            .run()
                            .stdout()
                            .text())
                    .isEqualTo("room\n");
        }
    }

    @Test
    void ownersModesAndTimesGoIn() throws Exception {
        Path tree = Files.createDirectories(directory.resolve("tree"));
        Path file = Files.writeString(tree.resolve("file"), "x");
        Files.setLastModifiedTime(file, FileTime.fromMillis(1_600_000_000_000L));
        vm().copyIn(tree, "/tmp/attributes");
        assertThat(sh("stat -c '%u:%g %Y %s' /tmp/attributes/file")).isEqualTo("0:0 1600000000 1\n");
    }

    @Test
    void copyingInLeavesTheDirectoryAboveAsItIs() throws Exception {
        String before = sh("stat -c '%a %u' /tmp /");
        vm().copyIn(Files.writeString(directory.resolve("file"), "x"), "/tmp/above");
        assertThat(sh("stat -c '%a %u' /tmp /")).isEqualTo(before).startsWith("1777 0");
    }

    @Test
    void holesTakeNoRoom() throws Exception {
        sh("mkdir -p /tmp/holes; dd if=/dev/zero of=/tmp/holes/big bs=1 count=1 seek=50000000 2>/dev/null");
        Path out = Files.createDirectories(directory.resolve("out"));
        vm().copyOut("/tmp/holes", out);
        assertThat(out.resolve("big")).hasSize(50_000_001);
        vm().copyIn(out, "/job/holes");
        assertThat(sh("stat -c %s /job/holes/big")).isEqualTo("50000001\n");
    }

    // ---- connections, and the machine's end from inside

    @Test
    void aServerInTheGuestIsReached() throws Exception {
        try (Execution server =
                        vm().sh("while :; do echo answer | nc -l -p 4711; done").start();
                PortForward forward = vm().forward(4711)) {
            server.process().get(60, TimeUnit.SECONDS);
            await().atMost(PATIENCE).until(() -> answerOf(forward).startsWith("answer"));
        }
    }

    private static String answerOf(PortForward forward) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), forward.port())) {
            socket.setSoTimeout(2000);
            socket.shutdownOutput();
            return text(socket.getInputStream());
        } catch (IOException e) {
            return ""; // not yet
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"poweroff -f", "echo c > /proc/sysrq-trigger", "echo b > /proc/sysrq-trigger"})
    void aMachineThatEndsItselfLosesTheSandbox(String script) throws Exception {
        try (Sandbox ending = open(options("ending"))) {
            ExecutionResult result = ending.sh(script + "; sleep 600").run();
            assertThat(result.end())
                    .isInstanceOfSatisfying(
                            ExecutionEnd.Lost.class,
                            end -> assertThat(end.why()).contains("its machine ended"));
            assertThat(ending.isOpen()).isFalse();
        }
    }
}
