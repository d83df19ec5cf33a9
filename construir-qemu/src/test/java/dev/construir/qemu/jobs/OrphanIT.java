package dev.construir.qemu.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.construir.machine.Hypervisor;
import dev.construir.run.JobResult;
import dev.construir.run.RunEvent;
import dev.construir.run.Runner;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A Java process is killed at some moment of a run: its machine goes with it, and the next start clears the rest away.
 */
@Timeout(120)
class OrphanIT {
    private static final int LONGEST_MILLIS = 4000;

    @TempDir
    Path scratch;

    @RepeatedTest(10)
    void noMachineOutlivesItsJvm(RepetitionInfo repetition) throws Exception {
        Process jvm = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Victim.class.getName(),
                        scratch.toString())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        List<ProcessHandle> machines;
        try {
            // every second time the machine is there for certain, otherwise it may be about to be
            boolean booting = repetition.getCurrentRepetition() % 2 == 0;
            if (booting) {
                awaitBooting(jvm);
            }
            int moment = new Random(repetition.getCurrentRepetition()).nextInt(LONGEST_MILLIS);
            assertThat(jvm.waitFor(moment, TimeUnit.MILLISECONDS)).isFalse();
            machines = jvm.descendants().toList();
            if (booting) {
                assertThat(machines).isNotEmpty();
            }
        } finally {
            jvm.destroyForcibly().waitFor();
        }
        await().atMost(Duration.ofSeconds(2))
                .pollInterval(Duration.ofMillis(20))
                .until(() -> machines.stream().noneMatch(OrphanIT::runs));
        assertThat(machinesIn(scratch)).isEmpty();
        try (Hypervisor next = RealMachines.hypervisor(scratch)) {
            assertThat(next.diagnose().isUsable()).isTrue();
        }
        RealMachines.tiny(scratch).close();
        assertThat(RealMachines.leftovers(scratch)).isEmpty();
    }

    private static void awaitBooting(Process jvm) throws IOException {
        BufferedReader said = jvm.inputReader(StandardCharsets.UTF_8);
        String line = said.readLine();
        while (line != null && !line.startsWith("Booting")) {
            line = said.readLine();
        }
        assertThat(line).isNotNull();
    }

    // one that nobody has waited for yet has ended all the same
    private static boolean runs(ProcessHandle process) {
        return dev.construir.ownership.ProcessIdentity.of(process.pid()).isPresent() && process.isAlive();
    }

    private static List<ProcessHandle> machinesIn(Path scratch) {
        return ProcessHandle.allProcesses()
                .filter(p -> p.info().commandLine().orElse("").contains(scratch.toString()))
                .filter(OrphanIT::runs)
                .toList();
    }

    /** Runs a job that does not end. */
    static final class Victim {
        private Victim() {}

        public static void main(String[] arguments) throws Exception {
            try (Runner runner = RealMachines.tiny(Path.of(arguments[0]));
                    JobResult result = runner.run(RealMachines.script("sleep 100"), Victim::tell)) {
                System.out.println(result.outcome());
            }
        }

        private static void tell(RunEvent event) {
            System.out.println(event);
        }
    }
}
