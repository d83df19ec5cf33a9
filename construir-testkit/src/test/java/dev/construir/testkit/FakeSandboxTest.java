package dev.construir.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.construir.machine.MachineExit;
import dev.construir.run.Runner;
import dev.construir.sandbox.Sandbox;
import dev.construir.sandbox.SandboxOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Sandboxes keep their contract with a guest in memory. */
class FakeSandboxTest {
    @Nested
    @TestInstance(TestInstance.Lifecycle.PER_CLASS)
    class Contract extends SandboxContract {
        private final Map<String, FakeMachine> machines = new ConcurrentHashMap<>();

        @SuppressWarnings("NullAway.Init") // before all tests
        private Runner runner;

        @BeforeAll
        void createRunner(@TempDir Path images) throws Exception {
            FakeGuest guest = TinyPrograms.guest();
            runner = Runner.builder(
                            new FakeHypervisor(machine -> run(guest, machine)),
                            FakeHypervisor.image(images.resolve("root.img")))
                    .scratch(images.resolve("scratch"))
                    .build();
        }

        private MachineExit run(FakeGuest guest, FakeMachine machine) throws IOException, InterruptedException {
            machines.put(machine.serial(), machine);
            return guest.run(machine);
        }

        @AfterAll
        void closeRunner() {
            closeShared();
            runner.close();
            assertThat(Thread.getAllStackTraces().keySet())
                    .extracting(Thread::getName)
                    .noneMatch(name -> name.startsWith("construir-sandbox-"));
        }

        @Test
        void aDirectoryOfTheNameLostAndFoundIsCopied() throws Exception {
            vm().copyIn(disk -> disk.file("lost+found/file", "found"), "/tmp/kept");
            Path out = Files.createDirectories(directory.resolve("kept"));
            vm().copyOut("/tmp/kept", out);
            assertThat(out.resolve("lost+found/file")).hasContent("found");
            vm().copyIn(disk -> disk.file("file", "x"), "/tmp/none");
            vm().copyOut("/tmp/none", Files.createDirectories(directory.resolve("none")));
            assertThat(directory.resolve("none")).isDirectoryNotContaining(path -> path.endsWith("lost+found"));
        }

        @Override
        protected Sandbox open(SandboxOptions options) throws Exception {
            return Sandbox.open(runner, options);
        }

        @Override
        protected void kill(String runId) {
            Objects.requireNonNull(machines.get(runId)).kill("for the test");
        }

        @Override
        protected Duration shortLife() {
            return Duration.ofSeconds(2);
        }
    }
}
