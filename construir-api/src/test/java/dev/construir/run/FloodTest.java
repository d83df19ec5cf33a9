package dev.construir.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.construir.DataSize;
import dev.construir.image.RootImage;
import dev.construir.job.Job;
import dev.construir.job.Limits;
import dev.construir.job.Resources;
import dev.construir.testkit.FakeGuest;
import dev.construir.testkit.FakeHypervisor;
import dev.construir.thread.Uninterrupted;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a run costs when its guest prints without end and its listener does not keep up. */
@Timeout(60)
class FloodTest {
    private static final Job JOB = Job.script("flood", "true")
            .withLimits(Limits.DEFAULT.withOutput(DataSize.ofGibibytes(4)))
            .withResources(Resources.DEFAULT.withDisk(DataSize.ofMebibytes(1)));
    private static final String PIECE = "x".repeat(100_000);
    private static final int PIECES = 2000;

    @TempDir
    Path temp;

    private Runner.Builder builder;
    private final AtomicLong before = new AtomicLong();
    private final AtomicLong after = new AtomicLong();

    @BeforeEach
    void image() throws Exception {
        RootImage root = FakeHypervisor.image(temp.resolve("root.img"));
        FakeGuest flooding = machine -> {
            before.set(heapInUse());
            for (int i = 0; i < PIECES; i++) {
                machine.console(PIECE);
                machine.output(PIECE);
            }
            after.set(heapInUse());
            return FakeGuest.exiting(0).run(machine);
        };
        builder = Runner.builder(new FakeHypervisor(flooding), root).scratch(temp.resolve("scratch"));
    }

    private static long heapInUse() {
        System.gc();
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }

    @Test
    void aListenerThatIsStuckCostsItsBufferAndNothingWithoutBound() throws Exception {
        DataSize buffer = DataSize.ofMebibytes(16);
        AtomicLong heard = new AtomicLong();
        RunListener stuck = event -> {
            if (event instanceof RunEvent.Output output) {
                heard.addAndGet(output.bytes().remaining());
                Uninterrupted.run(new CountDownLatch(1)::await);
            }
        };
        builder.listenerBuffer(buffer).listenerPatience(Duration.ofMillis(50));
        try (Runner runner = builder.build();
                JobResult result = runner.run(JOB, stuck)) {
            assertThat(result.outcome()).isEqualTo(new Outcome.Exited(0));
            assertThat(result.output().total()).isEqualTo((long) PIECES * PIECE.length() + "hello\n".length());
            assertThat(result.droppedOutput())
                    .isEqualTo(result.output().total() - heard.get())
                    .isPositive();
        }
        assertThat(after.get() - before.get()) // as Runner.Builder says
                .isBetween(
                        buffer.bytes(), buffer.bytes() + DataSize.ofMebibytes(1).bytes());
    }

    @Test
    void withoutAListenerThereIsOnlyTheRest() throws Exception {
        try (Runner runner = builder.build();
                JobResult result = runner.run(JOB)) {
            assertThat(result.outcome()).isEqualTo(new Outcome.Exited(0));
            assertThat(result.droppedOutput()).isZero();
        }
        assertThat(after.get() - before.get())
                .isLessThan(DataSize.ofMebibytes(1).bytes());
    }

    @Test
    void thePolicyHasItsRange() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.listenerBuffer(DataSize.ofBytes(65_535)))
                .withMessageContaining("64K to 1G, not 65535");
        assertThatIllegalArgumentException().isThrownBy(() -> builder.listenerBuffer(DataSize.ofBytes((1L << 30) + 1)));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.listenerPatience(Duration.ZERO))
                .withMessageContaining("not 0 s");
        assertThatIllegalArgumentException().isThrownBy(() -> builder.listenerPatience(Limits.UNLIMITED.plusNanos(1)));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.listenerStall(Duration.ofMillis(5001)))
                .withMessageContaining("zero to 5s, not 5.001s");
        assertThatIllegalArgumentException().isThrownBy(() -> builder.listenerStall(Duration.ofNanos(-1)));
        builder.listenerStall(Duration.ofSeconds(5)).listenerStall(Duration.ZERO);
        builder.listenerBuffer(DataSize.ofKibibytes(64)).listenerPatience(Limits.UNLIMITED);
        builder.listenerBuffer(DataSize.ofGibibytes(1)).listenerPatience(Duration.ofNanos(1));
    }
}
