package dev.construir.examples.documents;

import dev.construir.DataSize;
import dev.construir.disk.ReadLimits;
import dev.construir.disk.read.DiskReader;
import dev.construir.disk.read.ExtractReport;
import dev.construir.examples.backend.PlainQemu;
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
import dev.construir.queue.DirectoryQueue;
import dev.construir.queue.QueueOptions;
import dev.construir.queue.QueueWorkers;
import dev.construir.run.JobResult;
import dev.construir.run.Outcome;
import dev.construir.run.Run;
import dev.construir.run.Runner;
import dev.construir.run.RunnerPool;
import dev.construir.testkit.BootSector;
import dev.construir.testkit.GuestBehaviour;
import dev.construir.testkit.HypervisorContract;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;

/** Holds what the README and the documents show, so that it compiles; {@link DocumentsTest} sees that both are the same. */
final class DocumentSamples {
    private DocumentSamples() {}

    static Runner more(Runner runner) throws Exception {
        // a job built in code, with limits, resources, and what is to come back
        Job job = Job.script("tests", "make -C src check")
                .withLimits(Limits.DEFAULT.withTotal(Duration.ofMinutes(20)).withIdle(Duration.ofMinutes(2)))
                .withResources(Resources.DEFAULT.withCpus(2).withMemory(DataSize.ofGibibytes(2)))
                .withOutputs(Outputs.matching("src/report", "**/*.log"));

        // in the background, with events; cancel() is idempotent, close() cancels, waits and cleans up
        try (Run run = runner.start(job, event -> System.err.println(event))) {
            Outcome outcome = run.await().outcome();
        }

        // machines resumed from memory instead of booted, two of them in advance
        Runner warm = Runner.builder(QemuHypervisor.create(), RootImage.in(Path.of("debian")))
                .warmStart(Preference.PREFER)
                .warmPool(2, Resources.DEFAULT)
                .build();

        // one hypervisor for two images, and no more than four machines of both at once; the default is the host's
        MachineBudget budget = MachineBudget.of(4, DataSize.ofGibibytes(8), 4);
        Hypervisor qemu = QemuHypervisor.create();
        Runner debian = Runner.builder(qemu, RootImage.in(Path.of("debian")))
                .budget(budget)
                .build();
        Runner arm = Runner.builder(qemu, RootImage.in(Path.of("debian-arm64")))
                .budget(budget)
                .build();

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

        // a runner that tries once more when it was not the job's own fault
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

    static void theWholeWay() throws Exception {
        // the whole way, for somebody who wants to hear of it
        Job job = Job.fromDirectory(Path.of("hello"));
        try (Runner runner = Runner.on(QemuHypervisor.create(), RootImage.in(Path.of("debian")))) {
            try (JobResult result = runner.run(job, event -> System.err.println(event))) {
                System.err.println(result.outcome().describe() + " after " + result.timings());
            }
        }
    }

    static void extract() throws Exception {
        // extract what a stranger left, with limits of one's own
        ReadLimits limits = ReadLimits.DEFAULT
                .withBytes(DataSize.ofMebibytes(500))
                .withEntries(10_000)
                .withDepth(32);
        try (DiskReader disk = DiskReader.open(Path.of("job.img"), limits)) {
            ExtractReport report = disk.copyTo(Path.of("out"));
            report.skipped().forEach(System.err::println);
        }
    }

    static void queue() throws Exception {
        // two jobs at once, from a directory, until somebody says drain() or stop()
        try (Runner runner = Runner.on(QemuHypervisor.create(), RootImage.in(Path.of("debian")));
                DirectoryQueue queue = DirectoryQueue.open(Path.of("jobs"), QueueOptions.DEFAULT.withAttempts(2));
                QueueWorkers workers = QueueWorkers.on(queue, runner)
                        .jobs(2)
                        .reserve(Path.of("jobs"), DataSize.ofGibibytes(1))
                        .settings(job -> job.withLimits(Limits.DEFAULT.withTotal(Duration.ofMinutes(20))))
                        .start()) {
            workers.await(Duration.ofHours(8));
            workers.drain();
            workers.await(Duration.ofMinutes(1));
        }
    }

    static class MyContractIT extends HypervisorContract {
        @Override
        protected Hypervisor createHypervisor(Path scratch) {
            return new PlainQemu(scratch);
        }

        @Override
        protected void createRootDisk(GuestBehaviour behaviour, Path file) throws IOException {
            BootSector.valueOf(behaviour.name()).write(file);
        }
    }
}
