package dev.construir.queue;

import dev.construir.DataSize;
import dev.construir.image.RootImage;
import dev.construir.job.Resources;
import dev.construir.machine.Architecture;
import dev.construir.machine.Boot;
import dev.construir.machine.Disk;
import dev.construir.run.Runner;
import dev.construir.testing.FakeGuest;
import dev.construir.testing.FakeHypervisor;
import java.nio.file.Path;
import java.time.Duration;

/** A process that serves a queue by machines in memory until it is killed, or nothing is left to do. */
final class QueueServer {
    private QueueServer() {}

    /**
     * Serves.
     *
     * @param words the queue's directory; a directory beside it for scratch, with a root image; for how many milliseconds to wait for jobs
     */
    public static void main(String[] words) throws Exception {
        Path top = Path.of(words[0]);
        Path scratch = Path.of(words[1]);
        QueueOptions options = QueueOptions.DEFAULT.withAttempts(1000).withRescan(Duration.ofMillis(20));
        RootImage root = new RootImage(
                "fake", scratch.resolve("root.img"), Disk.Format.RAW, Architecture.host(), new Boot.Firmware());
        try (DirectoryQueue queue = DirectoryQueue.open(top, options);
                Runner runner = Runner.builder(new FakeHypervisor(FakeGuest.exiting(0)), root)
                        .scratch(scratch.resolve("runs"))
                        .build();
                QueueWorkers workers = QueueWorkers.on(queue, runner)
                        .jobs(3)
                        .settings(job -> job.withResources(Resources.DEFAULT.withDisk(DataSize.ofKibibytes(512))))
                        .start()) {
            System.out.println("serving");
            System.out.flush();
            workers.await(Duration.ofMillis(Long.parseLong(words[2])));
            workers.drain();
            workers.await(Duration.ofMinutes(1));
        }
    }
}
