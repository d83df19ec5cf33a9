package dev.construir.queue;

import dev.construir.disk.compress.CompressReport;
import dev.construir.machine.Boot;
import dev.construir.machine.MachineInfo;
import dev.construir.machine.MachineSpec;
import dev.construir.report.RunFields;
import dev.construir.run.JobResult;
import dev.construir.run.Outcome;
import dev.construir.text.Reason;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** The record of a job beside its image: sizes in bytes, times in UTC, durations in seconds. */
final class ResultRecord {
    private static final int VERSION = 1;

    private final Map<String, Object> fields = new LinkedHashMap<>();

    /**
     * Begins a record.
     *
     * @param file what was queued
     * @param attempt which attempt this was
     * @param claimed when it was claimed
     * @param host the name of this host
     */
    ResultRecord(JobFile file, int attempt, Instant claimed, String host) {
        fields.put("version", VERSION);
        fields.put("name", file.base());
        fields.put("queued", file.name());
        fields.put("attempts", attempt);
        fields.put("host", host);
        fields.put("claimed", claimed.toString());
        fields.put("ended", Instant.now().toString());
    }

    /** Says why there is no result. */
    ResultRecord failure(String why) {
        fields.put("reason", why);
        return this;
    }

    ResultRecord result(JobResult result) {
        Outcome outcome = result.outcome();
        fields.put("run", result.runId());
        fields.put("outcome", RunFields.outcome(outcome));
        fields.put("exitCode", outcome.exitCode());
        fields.put("description", outcome.describe());
        if (!outcome.isConclusive()) {
            fields.put("reason", outcome.describe());
        }
        if (!result.hints().isEmpty()) {
            fields.put("hints", result.hints());
        }
        result.machine().ifPresent(this::machine);
        fields.put("seconds", RunFields.seconds(result.timings()));
        fields.put("usage", RunFields.usage(result.usage()));
        return this;
    }

    /** Names the base system that the job ran on, with the digests of its files. */
    void root(MachineSpec spec, FileDigests digests) throws InterruptedException {
        Map<String, Object> root = new LinkedHashMap<>();
        Path disk = spec.disks().get(0).file();
        root.put("architecture", spec.architecture().toString().toLowerCase(Locale.ROOT));
        root.put("disk", disk.toString());
        root.put("diskSha256", digest(disk, digests));
        if (spec.boot() instanceof Boot.Kernel kernel) {
            root.put("kernelSha256", digest(kernel.kernel(), digests));
            root.put("initrdSha256", digest(kernel.initrd(), digests));
        }
        fields.put("root", root);
    }

    // A root image that was replaced meanwhile must not spoil the result.
    private static String digest(Path file, FileDigests digests) throws InterruptedException {
        try {
            return digests.sha256(file);
        } catch (IOException e) {
            return "unknown: " + Reason.of(e);
        }
    }

    private void machine(MachineInfo machine) {
        fields.put("hypervisor", machine.hypervisor());
        fields.put("hypervisorVersion", machine.version());
        fields.put("accelerator", machine.accelerator());
        fields.put("warm", machine.warm());
    }

    /** Adds an image and the file that it was compressed to. */
    void disk(CompressReport report) {
        fields.put("image", content(report.image()));
        fields.put("compressed", content(report.compressed()));
    }

    private static Map<String, Object> content(CompressReport.Content content) {
        Map<String, Object> summary = new LinkedHashMap<>();
        summary.put("size", content.size().bytes());
        content.sha256().ifPresent(digest -> summary.put("sha256", digest));
        return summary;
    }

    @Override
    public String toString() {
        return JsonText.of(fields);
    }
}
