package dev.construir.run;

import dev.construir.DataSize;
import dev.construir.job.Job;
import dev.construir.machine.MachineInfo;
import dev.construir.machine.Usage;
import dev.construir.text.TerminalSafeExcerpt;
import java.time.Duration;
import java.util.Locale;

/** Writes a readable summary of a run. */
final class RunRecord {
    private final StringBuilder lines = new StringBuilder();

    private RunRecord() {}

    static String of(JobResult result) {
        RunRecord written = new RunRecord();
        written.job(result);
        written.timings(result.timings());
        result.machine().ifPresent(written::machine);
        written.usage(result.usage());
        return written.lines
                .append('\n')
                .append(FailureMessage.of(result))
                .append('\n')
                .toString();
    }

    private void job(JobResult result) {
        Job job = result.job();
        line("job", TerminalSafeExcerpt.of(job.name()));
        line("run", result.runId());
        line("outcome", result.outcome().describe());
        line("exit code", result.outcome().exitCode());
        line("processors", job.resources().cpus());
        line("memory", job.resources().memory());
        line("network", job.network());
        line("limits", limits(job));
    }

    private static String limits(Job job) {
        return "total " + Durations.format(job.limits().total()) + ", boot "
                + Durations.format(job.limits().boot()) + ", idle "
                + Durations.format(job.limits().idle()) + ", shutdown "
                + Durations.format(job.limits().shutdown()) + ", output "
                + job.limits().output();
    }

    private void timings(Timings timings) {
        line("queued", seconds(timings.queued()));
        line("preparing", seconds(timings.preparing()));
        line("booting", seconds(timings.booting()));
        line("job ran", seconds(timings.job()));
        line("shutting down", seconds(timings.shutdown()));
    }

    private void machine(MachineInfo machine) {
        line("hypervisor", machine.hypervisor() + " " + TerminalSafeExcerpt.of(machine.version()));
        line("accelerator", machine.accelerator() + ", because " + TerminalSafeExcerpt.of(machine.acceleratorReason()));
        line("command line", ShellScript.command(machine.commandLine()));
    }

    private void usage(Usage usage) {
        line("processor time", seconds(usage.cpu()));
        line("peak memory", usage.peakMemory().map(DataSize::toString).orElse("unknown"));
        line("read from disks", usage.diskRead());
        line("written to disks", usage.diskWritten());
    }

    private void line(String what, Object value) {
        lines.append(what).append(": ").append(value).append('\n');
    }

    private static String seconds(Duration duration) {
        return String.format(Locale.ROOT, "%.3f s", duration.toMillis() / 1000.0);
    }
}
