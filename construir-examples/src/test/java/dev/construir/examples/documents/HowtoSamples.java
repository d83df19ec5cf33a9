package dev.construir.examples.documents;

import dev.construir.DataSize;
import dev.construir.disk.Attributes;
import dev.construir.disk.read.ExtractReport;
import dev.construir.image.RootImage;
import dev.construir.job.Job;
import dev.construir.job.Limits;
import dev.construir.job.Outputs;
import dev.construir.job.Resources;
import dev.construir.libvirt.LibvirtHypervisor;
import dev.construir.machine.Hypervisor;
import dev.construir.machine.MachineBudget;
import dev.construir.machine.Preference;
import dev.construir.qemu.QemuHypervisor;
import dev.construir.run.JobResult;
import dev.construir.run.Outcome;
import dev.construir.run.Run;
import dev.construir.run.Runner;
import dev.construir.run.RunnerPool;
import java.io.ByteArrayInputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/** The samples of the how-to guides; {@link DocumentsTest} checks that both are the same. */
final class HowtoSamples {
    private HowtoSamples() {}

    static void outputs(Runner runner) throws Exception {
        // two reports of a job, as files and as text
        Job job = Job.script(Path.of("project"), "make -C src check")
                .withOutputs(Outputs.matching("src/report", "**/*.log"));
        try (JobResult result = runner.run(job)) {
            ExtractReport report = result.copyOutputsTo(Path.of("out"));
            report.skipped().forEach(System.err::println);
            String summary =
                    new String(result.files().open("src/report/summary.txt").readAllBytes(), StandardCharsets.UTF_8);
            System.out.println(summary);
        }
    }

    static Job limits() throws Exception {
        // a job with its own limits and resources
        Job job = Job.script("tests", "make -C src check")
                .withLimits(Limits.DEFAULT.withTotal(Duration.ofMinutes(20)).withIdle(Duration.ofMinutes(2)))
                .withResources(Resources.DEFAULT.withCpus(2).withMemory(DataSize.ofGibibytes(2)));
        return job;
    }

    static List<Runner> limits2() throws Exception {
        // one hypervisor for two images, and at most four machines of both at once; the default is the host's budget
        MachineBudget budget = MachineBudget.of(4, DataSize.ofGibibytes(8), 4);
        Hypervisor qemu = QemuHypervisor.create();
        Runner debian = Runner.builder(qemu, RootImage.in(Path.of("debian")))
                .budget(budget)
                .build();
        Runner arm = Runner.builder(qemu, RootImage.in(Path.of("debian-arm64")))
                .budget(budget)
                .build();
        return List.of(debian, arm);
    }

    static Job environment(byte[] settings) throws Exception {
        // a job with its settings in a file
        Job job = Job.of("release", disk -> {
            disk.tree("/", Path.of("project"));
            disk.file(
                    "settings.env",
                    Attributes.ofRoot(0644, Instant.EPOCH),
                    settings.length,
                    new ByteArrayInputStream(settings));
        });
        return job;
    }

    static List<RootImage> rootImages() throws Exception {
        // an image directory, a bare disk, and whichever of both a path names
        RootImage debian = RootImage.in(Path.of("debian"));
        RootImage disk = RootImage.ofDisk(Path.of("disk.qcow2"));
        RootImage either = RootImage.at(Path.of("debian"));
        return List.of(debian, disk, either);
    }

    static Runner warmStarts() throws Exception {
        // machines resumed from memory instead of booted, two of them in advance
        Runner warm = Runner.builder(QemuHypervisor.create(), RootImage.in(Path.of("debian")))
                .warmStart(Preference.PREFER)
                .warmPool(2, Resources.DEFAULT)
                .build();
        return warm;
    }

    static Runner arm64() throws Exception {
        // the same runner for 64-bit Arm
        Runner arm = Runner.on(QemuHypervisor.create(), RootImage.in(Path.of("debian-arm64")));
        return arm;
    }

    static Runner libvirt() throws Exception {
        // machines of the system's libvirt
        Hypervisor libvirt =
                LibvirtHypervisor.builder().uri(URI.create("qemu:///system")).build();
        Runner runner = Runner.on(libvirt, RootImage.in(Path.of("debian")));
        return runner;
    }

    static Runner severalHosts() throws Exception {
        // libvirt's machines, here and on a host with the same storage in the same places; one that fails is set aside
        RootImage shared = RootImage.in(Path.of("/shared/debian"));
        Hypervisor there = LibvirtHypervisor.builder()
                .uri(URI.create("qemu+ssh://build@there/system"))
                .scratch(Path.of("/shared/machines"))
                .build();
        Runner pool = RunnerPool.builder()
                .add("here", Runner.on(LibvirtHypervisor.create(), shared), 2)
                .add(
                        "there",
                        Runner.builder(there, shared)
                                .scratch(Path.of("/shared/runs"))
                                .build(),
                        8)
                .build();
        return pool;
    }

    static void debugAFailure(Runner runner, Job job) throws Exception {
        // everything of a failed run, in a new directory
        try (JobResult result = runner.run(job)) {
            if (!result.outcome().isSuccess()) {
                result.reproduce(Path.of("failed"));
            }
        }
    }

    static Runner writeARunner(Runner runner) throws Exception {
        // a runner that tries once more if the job did not end by itself
        Runner retrying = (j, listener) -> {
            JobResult first = runner.run(j, listener);
            if (first.outcome().isConclusive() || first.outcome() instanceof Outcome.Cancelled) {
                return first;
            }
            first.close();
            return runner.run(j, listener);
        };
        return retrying;
    }

    static void writeARunner2(Runner runner, Job job) throws Exception {
        // in the background, with events; cancel() is idempotent, close() cancels, waits and cleans up
        try (Run run = runner.start(job, event -> System.err.println(event))) {
            Outcome outcome = run.await().outcome();
        }
    }

    static Runner testYourCode4() throws Exception {
        // a runner that fails every job
        Runner failing = (job, listener) -> JobResult.of(job, new Outcome.Exited(1));
        return failing;
    }
}
