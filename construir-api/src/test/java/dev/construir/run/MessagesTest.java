package dev.construir.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.construir.DataSize;
import dev.construir.image.RootImage;
import dev.construir.job.Job;
import dev.construir.job.Resources;
import dev.construir.machine.HypervisorException;
import dev.construir.machine.MachineBudget;
import dev.construir.testkit.FakeGuest;
import dev.construir.testkit.FakeHypervisor;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What is said when something is wrong: what failed and why, in words, and never Java's own. */
@Timeout(60)
class MessagesTest {
    private static final Job JOB =
            Job.script("test", "true").withResources(Resources.DEFAULT.withDisk(DataSize.ofMebibytes(1)));
    private static final Pattern ILL_FORMED = Pattern.compile(
            "\\bnull\\b|Exception|java\\.|dev\\.construir|@[0-9a-f]{5}|PT\\d|[.,;:!?] ?[.,;:!?]|  |\\($|: ?$");

    @TempDir
    Path directory;

    private final List<String> messages = new ArrayList<>();

    private Runner runner() throws Exception {
        return Runner.builder(new FakeHypervisor(FakeGuest.exiting(3)), FakeHypervisor.image(file("root.img")))
                .scratch(file("scratch"))
                .build();
    }

    private Path file(String name) {
        return directory.resolve(name);
    }

    private void provoke(ThrowingCallable call) {
        Throwable failure = catchThrowable(call);
        assertThat(failure).isNotNull();
        messages.add(String.valueOf(failure.getMessage()));
    }

    private static Job failing(IOException failure) {
        return Job.of("test", disk -> {
            throw failure;
        });
    }

    @Test
    void allOfThemAreWellFormed() throws Exception {
        Files.writeString(file("taken"), "");
        Files.createDirectories(file("full/of"));
        FakeHypervisor hypervisor = new FakeHypervisor(FakeGuest.exiting(0));
        RootImage root = FakeHypervisor.image(file("root.img"));
        provoke(() -> Runner.builder(hypervisor, root).scratch(file("taken")).build());
        provoke(() -> Runner.builder(hypervisor, root).maxConcurrent(0));
        provoke(() -> Runner.builder(hypervisor, root).warmPool(-1, Resources.DEFAULT));
        provoke(() -> Runner.builder(hypervisor, root).listenerBuffer(DataSize.ofBytes(1)));
        provoke(() -> Runner.builder(hypervisor, root).listenerStall(Duration.ofDays(1)));
        provoke(() -> MachineBudget.of(0, DataSize.ofGibibytes(1), 1));
        provoke(() -> RunnerPool.builder().build());
        provoke(() -> RunnerPool.builder().add("here", runner(), 0));
        provoke(() -> RootImage.in(file("missing")));
        provoke(() -> RootImage.in(file("taken")));
        provoke(() -> RootImage.in(file("full")));
        Runner runner = runner();
        provoke(() -> runner.run(failing(new NoSuchFileException("/src/a"))));
        provoke(() -> runner.run(failing(new AccessDeniedException("/src/a"))));
        provoke(() -> runner.run(failing(new IOException())));
        JobResult result = runner.run(JOB);
        provoke(result::orThrow);
        provoke(() -> result.moveDiskTo(file("taken")));
        provoke(() -> result.reproduce(file("taken")));
        result.close();
        provoke(result::files);
        provoke(() -> result.moveDiskTo(file("moved")));
        provoke(() -> result.copyOutputsTo(file("out")));
        JobResult none = JobResult.of(JOB, new Outcome.Cancelled());
        provoke(none::files);
        provoke(none::orThrow);
        runner.close();
        provoke(() -> runner.run(JOB));
        provoke(() -> runner.start(JOB));
        Runner undeclared = (job, listener) -> sneak(new IOException());
        provoke(() -> undeclared.start(JOB).await());
        Runner pool = RunnerPool.builder()
                .add(
                        "here",
                        (job, listener) -> {
                            throw new HypervisorException("it is out of order");
                        },
                        1)
                .build();
        provoke(() -> pool.run(JOB));
        assertThat(messages).allSatisfy(message -> {
            assertThat(message).doesNotContain("null");
            assertThat(message.lines().findFirst().orElse(""))
                    .doesNotContainPattern(ILL_FORMED)
                    .hasSizeGreaterThan(15);
        });
        assertThat(messages).hasSizeGreaterThan(20);
    }

    @SuppressWarnings("unchecked")
    private static <E extends Exception> JobResult sneak(Exception failure) throws E {
        throw (E) failure;
    }

    @Test
    void theShapeIsSeen() {
        assertThatThrownBy(() ->
                        assertThat("the disk of job null: java.io.IOException").doesNotContainPattern(ILL_FORMED))
                .isInstanceOf(AssertionError.class);
    }
}
