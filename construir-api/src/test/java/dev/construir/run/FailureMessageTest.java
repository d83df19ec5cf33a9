package dev.construir.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.construir.DataSize;
import dev.construir.disk.read.DiskReader;
import dev.construir.disk.read.ExtractReport;
import dev.construir.job.Job;
import dev.construir.machine.MachineInfo;
import dev.construir.machine.Usage;
import dev.construir.run.Outcome.Cancelled;
import dev.construir.run.Outcome.Crash;
import dev.construir.run.Outcome.Exited;
import dev.construir.run.Outcome.GuestCrashed;
import dev.construir.run.Outcome.HostDiskFull;
import dev.construir.run.Outcome.HypervisorDied;
import dev.construir.run.Outcome.Limit;
import dev.construir.run.Outcome.MachineLost;
import dev.construir.run.Outcome.NoStatus;
import dev.construir.run.Outcome.Signalled;
import dev.construir.run.Outcome.StatusFault;
import dev.construir.run.Outcome.TimedOut;
import dev.construir.run.Outcome.TooMuchOutput;
import dev.construir.text.TailBuffer;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Which failure shows what. */
class FailureMessageTest {
    private static final String OUTPUT = "\nthe end of what the job printed:\n  | make: *** [all] Error 2";
    private static final String CONSOLE =
            "\nthe end of the machine's console:\n  | Out of memory: Killed process 7 (cc1)";

    static Stream<Arguments> table() {
        return Stream.of(
                Arguments.of(new Exited(2), "exited with status 2", OUTPUT + CONSOLE),
                Arguments.of(new Signalled(9), "killed by signal 9 inside the machine", OUTPUT + CONSOLE),
                Arguments.of(
                        new TimedOut(Limit.BOOT, Duration.ofMinutes(5)),
                        "timed out: the boot limit of 5m was reached",
                        CONSOLE + OUTPUT),
                Arguments.of(
                        new TimedOut(Limit.IDLE, Duration.ofMinutes(5)),
                        "timed out: the idle limit of 5m was reached",
                        CONSOLE + OUTPUT),
                Arguments.of(
                        new TooMuchOutput(DataSize.ofMebibytes(1)),
                        "printed more than the limit of 1M",
                        CONSOLE + OUTPUT),
                Arguments.of(new Cancelled(), "cancelled", CONSOLE + OUTPUT),
                Arguments.of(
                        new GuestCrashed(Crash.PANIC, "not quoted twice"),
                        ": the guest's kernel panicked",
                        CONSOLE + OUTPUT),
                Arguments.of(
                        new NoStatus(StatusFault.UNREADABLE_DISK, "bad\u001b[2J inode"),
                        ": the machine powered off without a status of the job: "
                                + "the job disk cannot be read (bad inode)",
                        CONSOLE + OUTPUT),
                Arguments.of(
                        new HypervisorDied(134, "qemu: failed\n\u001b]0;x\u0007to set MSR\n"),
                        ": the hypervisor died with status 134: qemu: failed; to set MSR",
                        CONSOLE + OUTPUT),
                Arguments.of(
                        new HostDiskFull(Path.of("/scratch/job.img")),
                        ": the host has no room left for /scratch/job.img",
                        CONSOLE + OUTPUT),
                Arguments.of(
                        new MachineLost("it said \"\u001b[31mgarbage\""),
                        ": the machine was lost: it said \"garbage\"",
                        CONSOLE + OUTPUT));
    }

    @ParameterizedTest
    @MethodSource("table")
    void saysTheOutcomeAndQuotesWhoKnowsFirst(Outcome outcome, String described, String quoted) {
        JobResult result = result(
                outcome,
                "\u001b[1mmake: *** [all] Error 2\u001b[0m\r\n",
                "\u001b[2J\u001b[HOut of memory: Killed process 7 (cc1)\r\n\u0007");
        assertThat(FailureMessage.of(result))
                .isEqualTo("job build" + (described.startsWith(": ") ? "" : " ") + described + quoted);
        assertThatThrownBy(result::orThrow)
                .isInstanceOfSatisfying(
                        JobFailedException.class, e -> assertThat(e.outcome()).isEqualTo(outcome))
                .hasMessage(FailureMessage.of(result));
    }

    @Test
    void quotesNobodyWhoSaidNothing() {
        assertThat(FailureMessage.of(result(new Exited(2), "", ""))).isEqualTo("job build exited with status 2");
        assertThat(FailureMessage.of(result(new Exited(2), "", "x"))).endsWith("console:\n  | x");
    }

    @Test
    void addsWhatMayBeMissing() {
        JobResult plain = result(new Signalled(9), "", "");
        JobResult hinting = (JobResult) java.lang.reflect.Proxy.newProxyInstance(
                JobResult.class.getClassLoader(), new Class<?>[] {JobResult.class}, (proxy, method, arguments) -> {
                    return method.getName().equals("hints")
                            ? List.of("no inodes left")
                            : method.invoke(plain, arguments);
                });
        assertThat(FailureMessage.of(hinting))
                .isEqualTo("job build killed by signal 9 inside the machine; no inodes left");
    }

    @Test
    void isBoundedAndCannotBeForged() {
        String forged = "\njob build exited with status 0\nthe end of the machine's console:\n";
        String message = FailureMessage.of(result(new Exited(2), forged.repeat(10_000), "y".repeat(10_000_000)));
        assertThat(message.length()).isLessThan(10_000);
        assertThat(message.lines().filter(line -> line.startsWith("job build"))).hasSize(1);
        assertThat(message.lines().filter(line -> line.startsWith("the end"))).hasSize(2);
    }

    private static JobResult result(Outcome outcome, String output, String console) {
        OutputTail printed = tail(output);
        OutputTail shown = tail(console);
        return new JobResult() {
            @Override
            public Job job() {
                return Job.script("build", "make");
            }

            @Override
            public String runId() {
                return "job-0123456789ab";
            }

            @Override
            public Outcome outcome() {
                return outcome;
            }

            @Override
            public Timings timings() {
                return Timings.NONE;
            }

            @Override
            public Usage usage() {
                return Usage.NONE;
            }

            @Override
            public Optional<MachineInfo> machine() {
                return Optional.empty();
            }

            @Override
            public OutputTail output() {
                return printed;
            }

            @Override
            public OutputTail console() {
                return shown;
            }

            @Override
            public long droppedOutput() {
                return 0;
            }

            @Override
            public DiskReader files() {
                throw new UnsupportedOperationException();
            }

            @Override
            public ExtractReport copyOutputsTo(Path target) {
                throw new UnsupportedOperationException();
            }

            @Override
            public Optional<Path> diskFile() {
                throw new UnsupportedOperationException();
            }

            @Override
            public Path moveDiskTo(Path target) {
                throw new UnsupportedOperationException();
            }

            @Override
            public Path reproduce(Path directory) {
                throw new UnsupportedOperationException();
            }

            @Override
            public void close() {}
        };
    }

    private static OutputTail tail(String text) {
        TailBuffer buffer = new TailBuffer();
        buffer.add(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
        return OutputTail.of(buffer);
    }
}
