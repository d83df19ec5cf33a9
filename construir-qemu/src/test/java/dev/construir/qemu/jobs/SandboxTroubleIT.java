package dev.construir.qemu.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.construir.image.RootImage;
import dev.construir.run.Runner;
import dev.construir.sandbox.Execution;
import dev.construir.sandbox.ExecutionEnd;
import dev.construir.sandbox.ExecutionResult;
import dev.construir.sandbox.Sandbox;
import dev.construir.sandbox.SandboxException;
import dev.construir.sandbox.SandboxLostException;
import dev.construir.sandbox.SandboxOptions;
import dev.construir.testing.HostCommand;
import dev.construir.testing.TestImages;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a job does to the machine of its sandbox, and what happens to the machine. */
@Timeout(240)
class SandboxTroubleIT {
    private static final SandboxOptions OPTIONS = SandboxOptions.DEFAULT.withResources(RealMachines.SMALL);

    /** How long a machine stands still; {@code -Dconstruir.pause=60} for a minute. */
    private static final long PAUSE_SECONDS = Long.getLong("construir.pause", 4);

    @TempDir
    static Path scratch;

    private static Runner runner;

    @BeforeAll
    static void open() throws Exception {
        runner = RealMachines.warm(RootImage.in(TestImages.find("tiny")), scratch);
    }

    @AfterAll
    static void close() {
        runner.close();
        assertThat(RealMachines.machines()).isEmpty();
    }

    @Test
    void anAgentThatIsKilled_losesTheSandbox() throws Exception {
        try (Sandbox vm = Sandbox.open(runner, OPTIONS);
                Execution other = vm.exec("sleep", "1000").start()) {
            // Every process but the first one of the machine, the agent among them
            // (Documentation/admin-guide/sysrq.rst)
            ExecutionResult killer = vm.sh("mount -t proc proc /tmp; echo i > /tmp/sysrq-trigger; sleep 1000")
                    .timeout(Duration.ofSeconds(60))
                    .run();
            assertThat(killer.end())
                    .isInstanceOfSatisfying(
                            ExecutionEnd.Lost.class,
                            lost -> assertThat(lost.mayHaveRun()).isTrue());
            assertThat(other.await().end()).isInstanceOf(ExecutionEnd.Lost.class);
            assertThatThrownBy(vm::ping).isInstanceOf(SandboxLostException.class);
        }
    }

    @Test
    void aCommandThatTakesAllMemory_isKilledAndTheSandboxStays() throws Exception {
        try (Sandbox vm = Sandbox.open(runner, OPTIONS);
                Execution neighbour = vm.exec("cat").start()) {
            ExecutionResult greedy =
                    vm.exec("tail", "/dev/zero").timeout(Duration.ofMinutes(2)).run();
            assertThat(greedy.end())
                    .isInstanceOfSatisfying(
                            ExecutionEnd.Signalled.class,
                            end -> assertThat(end.signal()).isEqualTo(9));
            assertThat(vm.sh("echo still there").run().orThrow().stdout().text())
                    .isEqualTo("still there\n");
            neighbour.stdin().write("alive\n".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
            neighbour.stdin().close();
            assertThat(neighbour.await().stdout().text()).isEqualTo("alive\n");
        }
    }

    @Test
    void aForkBomb_leavesOtherCommandsTheirEndAndIsKilledWithItsGroup() throws Exception {
        try (Sandbox vm = Sandbox.open(runner, OPTIONS)) {
            ExecutionResult bomb = vm.sh("bomb() { bomb | bomb & wait; }; bomb")
                    .timeout(Duration.ofSeconds(5))
                    .run();
            assertThat(bomb.end()).isInstanceOf(ExecutionEnd.TimedOut.class);
            assertThat(vm.ping()).isPositive();
            assertThat(vm.sh("echo still there").run().orThrow().stdout().text())
                    .isEqualTo("still there\n");
        }
    }

    @Test
    void aMachineThatStandsStill_goesOnWhereItWas() throws Exception {
        try (Sandbox vm = Sandbox.open(runner, OPTIONS);
                Execution counter = vm.sh("i=0; while test $i -lt 20; do i=$((i+1)); echo $i; sleep 0.1; done")
                        .start()) {
            assertThat(counter.stdout().read()).isEqualTo('1');
            signal("-STOP");
            Thread.sleep(PAUSE_SECONDS * 1000);
            signal("-CONT");
            String rest = new String(counter.stdout().readAllBytes(), java.nio.charset.StandardCharsets.US_ASCII);
            assertThat(rest).startsWith("\n2\n3\n").endsWith("\n19\n20\n");
            assertThat(counter.await().end().isSuccess()).isTrue();
            assertThat(vm.ping()).isPositive();
            long guest = Long.parseLong(
                    vm.exec("date", "+%s").run().orThrow().stdout().text().strip());
            assertThat(Math.abs(guest - System.currentTimeMillis() / 1000)).isLessThanOrEqualTo(2);
        }
    }

    @Test
    void whatIsCopiedOutToAFullDisk_failsAndLeavesTheSandboxUsable(@TempDir Path place) throws Exception {
        Path small = Files.createDirectory(place.resolve("small"));
        HostCommand.run("mount", "-t", "tmpfs", "-o", "size=4m,mode=700", "tmpfs", small.toString());
        try (Sandbox vm = Sandbox.open(runner, OPTIONS)) {
            vm.sh("mkdir big; head -c 6000000 /dev/urandom > big/file; echo tiny > note")
                    .run()
                    .orThrow();
            assertThatThrownBy(() -> vm.copyOut("/job/big", small))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("No space left");
            vm.copyOut("/job/note", place);
            assertThat(place.resolve("note")).hasContent("tiny");
        } finally {
            HostCommand.run("umount", small.toString());
        }
    }

    @Test
    void aTreeThatChangesWhileItIsCopied_isCopiedOrRefusedAndNeverTorn(@TempDir Path place) throws Exception {
        try (Sandbox vm = Sandbox.open(runner, OPTIONS);
                Execution churn = vm.sh("mkdir -p tree; cd tree; while :; do for i in 1 2 3 4 5 6 7 8; do"
                                + " head -c $((i * 9000)) /dev/zero > f$i; mkdir -p d$i; mv f$i d$i/f; rm -r d$i;"
                                + " echo $i > f$i; done; done")
                        .start()) {
            vm.sh("until test -e tree/f1; do sleep 0.1; done").run().orThrow();
            int copied = 0;
            for (int i = 0; i < 20; i++) {
                Path target = place.resolve("copy" + i);
                try {
                    vm.copyOut("/job/tree", target);
                    copied++;
                } catch (SandboxException e) {
                    assertThat(target)
                            .satisfiesAnyOf(
                                    path -> assertThat(path).doesNotExist(),
                                    path -> assertThat(path).isEmptyDirectory());
                }
            }
            assertThat(copied).isPositive();
            assertThat(vm.ping()).isPositive();
            churn.kill();
        }
    }

    @Test
    void manyThatAreClosed_leaveNothing() throws Exception {
        try (Sandbox vm = Sandbox.open(runner, OPTIONS)) {
            for (int i = 0; i < 100; i++) {
                vm.exec("cat", "/dev/zero").start().close();
            }
            await().until(() -> vm.executions().isEmpty()); // closing does not wait
            String left = vm.sh("for p in /proc/[0-9]*; do readlink $p/exe; done | grep -c cat; true")
                    .run()
                    .orThrow()
                    .stdout()
                    .text();
            assertThat(left).isEqualTo("0\n");
        }
    }

    private static void signal(String signal) throws Exception {
        List<ProcessHandle> machines = RealMachines.machines();
        assertThat(machines).hasSize(1);
        HostCommand.run("/bin/kill", signal, Long.toString(machines.get(0).pid()));
    }
}
