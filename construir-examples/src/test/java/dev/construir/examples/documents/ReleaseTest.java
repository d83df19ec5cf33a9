package dev.construir.examples.documents;

import static org.assertj.core.api.Assertions.assertThat;

import dev.construir.image.RootImage;
import dev.construir.job.Job;
import dev.construir.machine.MachineExit;
import dev.construir.run.JobResult;
import dev.construir.run.Runner;
import dev.construir.testkit.FakeGuest;
import dev.construir.testkit.FakeHypervisor;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The tests that docs/howto/test-your-code.md shows, and the code that they test. */
class ReleaseTest {
    private static final Job JOB = Job.script("build", "make dist");

    @TempDir
    Path directory;

    private Path target = Path.of("published");

    @BeforeEach
    void nameTarget() {
        target = directory.resolve("published");
    }

    @Test
    void publish_successfulJob_copiesItsOutputs() throws Exception {
        try (Runner runner = runnerOf(FakeGuest.exiting(0))) {
            assertThat(new Release(runner).publish(JOB, target)).isTrue();
            assertThat(target).isDirectory();
        }
    }

    @Test
    void publish_failedJob_publishesNothing() throws Exception {
        try (Runner runner = runnerOf(FakeGuest.exiting(3))) {
            assertThat(new Release(runner).publish(JOB, target)).isFalse();
            assertThat(target).doesNotExist();
        }
    }

    private Runner runnerOf(FakeGuest guest) throws Exception {
        RootImage image = FakeHypervisor.image(directory.resolve("root.img"));
        return Runner.builder(new FakeHypervisor(guest), image)
                .scratch(directory.resolve("scratch"))
                .build();
    }

    @Test
    void publish_crashedGuest_publishesNothing() throws Exception {
        FakeGuest panicking = machine -> {
            machine.console("construir: ready\n");
            machine.console("construir: started " + machine.serial() + "\n");
            machine.output("half of the output");
            return new MachineExit.Panicked();
        };
        try (Runner runner = runnerOf(panicking)) {
            assertThat(new Release(runner).publish(JOB, target)).isFalse();
        }
    }

    /** Publishes what a job builds, if the job succeeds. */
    record Release(Runner runner) {
        boolean publish(Job job, Path target) throws Exception {
            try (JobResult result = runner.run(job)) {
                if (!result.outcome().isSuccess()) {
                    return false;
                }
                result.copyOutputsTo(target);
                return true;
            }
        }
    }
}
