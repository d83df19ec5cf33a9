package dev.construir.examples.documents;

import dev.construir.DataSize;
import dev.construir.disk.ReadLimits;
import dev.construir.disk.read.DiskReader;
import dev.construir.disk.read.ExtractReport;
import dev.construir.examples.backend.PlainQemu;
import dev.construir.image.RootImage;
import dev.construir.job.Job;
import dev.construir.job.Limits;
import dev.construir.machine.Hypervisor;
import dev.construir.qemu.QemuHypervisor;
import dev.construir.queue.DirectoryQueue;
import dev.construir.queue.QueueOptions;
import dev.construir.queue.QueueWorkers;
import dev.construir.run.JobResult;
import dev.construir.run.Runner;
import dev.construir.testkit.BootSector;
import dev.construir.testkit.GuestBehaviour;
import dev.construir.testkit.HypervisorContract;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;

/**
 * The samples of the README, the reference and the explanations; {@link DocumentsTest} checks that both are the same.
 */
final class DocumentSamples {
    private DocumentSamples() {}

    static void theWholeWay() throws Exception {
        // the whole way, with a listener for its events
        Job job = Job.fromDirectory(Path.of("hello"));
        try (Runner runner = Runner.on(QemuHypervisor.create(), RootImage.in(Path.of("debian")))) {
            try (JobResult result = runner.run(job, event -> System.err.println(event))) {
                System.err.println(result.outcome().describe() + " after " + result.timings());
            }
        }
    }

    static void extract() throws Exception {
        // extract what a stranger left, with your own limits
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
        // two jobs at once, from a directory, until drain() or stop() is called
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
