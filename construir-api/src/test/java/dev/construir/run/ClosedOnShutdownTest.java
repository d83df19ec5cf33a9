package dev.construir.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.construir.image.RootImage;
import dev.construir.job.Job;
import dev.construir.testkit.FakeHypervisor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class ClosedOnShutdownTest {
    @TempDir
    Path directory;

    /** A program whose job hangs, and which has no try. */
    static final class Program {
        private Program() {}

        public static void main(String[] arguments) throws Exception {
            Path directory = Path.of(arguments[0]);
            RootImage root = FakeHypervisor.image(directory.resolve("root.img"));
            Runner runner = Runner.builder(
                            new FakeHypervisor(machine -> {
                                Files.createFile(directory.resolve("running"));
                                return machine.hang();
                            }),
                            root)
                    .scratch(directory.resolve("scratch"))
                    .build();
            JobResult result = runner.closeOnShutdown().run(Job.script("test", "true"));
            Files.writeString(directory.resolve("outcome"), result.outcome().describe());
            Thread.sleep(60_000);
        }
    }

    @Test
    void shutdown_cancelsRunsAndLeavesNothing() throws Exception {
        Process program = new ProcessBuilder(List.of(
                        ProcessHandle.current().info().command().orElseThrow(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Program.class.getName(),
                        directory.toString()))
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("log").toFile())
                .start();
        try {
            while (Files.notExists(directory.resolve("running"))) {
                assertThat(program.isAlive())
                        .as(Files.readString(directory.resolve("log")))
                        .isTrue();
                Thread.sleep(20);
            }
            program.destroy(); // SIGTERM
            assertThat(program.waitFor(60, TimeUnit.SECONDS)).isTrue();
        } finally {
            program.destroyForcibly();
        }
        assertThat(directory.resolve("scratch")).isEmptyDirectory();
    }

    @Test
    void runner_isTheSameOtherwise() throws Exception {
        RootImage root = FakeHypervisor.image(directory.resolve("root.img"));
        Runner plain = Runner.builder(new FakeHypervisor(machine -> machine.hang()), root)
                .scratch(directory.resolve("scratch"))
                .build();
        Runner closed = plain.closeOnShutdown();
        assertThat(closed.root()).contains(root);
        assertThat(closed).hasToString(plain + ", closed on shutdown");
        Run run = closed.start(Job.script("test", "true"));
        run.cancel();
        assertThat(run.await().outcome()).isEqualTo(new Outcome.Cancelled());
        closed.close();
        closed.close();
        assertThat(directory.resolve("scratch")).isEmptyDirectory();
    }
}
