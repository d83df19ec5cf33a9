package dev.construir.queue;

import dev.construir.DataSize;
import dev.construir.image.RootImage;
import dev.construir.job.Resources;
import dev.construir.ownership.ProcessIdentity;
import dev.construir.run.Runner;
import dev.construir.testkit.FakeGuest;
import dev.construir.testkit.FakeHypervisor;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;

/** A process that serves a queue with machines in memory until it is killed, or no job is left. */
final class QueueServer {
    private final Path top;
    private final Path runs;

    private QueueServer(Path top, Path runs) {
        this.top = top;
        this.runs = runs;
    }

    /**
     * Serves.
     *
     * @param arguments the queue's directory; a scratch directory beside it, with a root image; how many milliseconds
     *     to wait for jobs; optionally, after how many milliseconds to take over jobs of stopped processes
     */
    public static void main(String[] arguments) throws Exception {
        Path scratch = Path.of(arguments[1]);
        QueueServer server = new QueueServer(Path.of(arguments[0]), Files.createDirectories(scratch.resolve("marks")));
        QueueOptions options = QueueOptions.DEFAULT.withAttempts(1000).withRescan(Duration.ofMillis(20));
        if (arguments.length > 3) {
            options = options.withHeartbeat(Duration.ofMillis(10))
                    .withTakeOverAfter(Duration.ofMillis(Long.parseLong(arguments[3])));
        }
        server.serve(scratch, options, Duration.ofMillis(Long.parseLong(arguments[2])));
    }

    private void serve(Path scratch, QueueOptions options, Duration time) throws Exception {
        RootImage root = FakeHypervisor.image(scratch.resolve("root.img"));
        try (DirectoryQueue queue = DirectoryQueue.open(top, options);
                Runner runner = Runner.builder(new FakeHypervisor(FakeGuest.exiting(0)), root)
                        .scratch(scratch.resolve("runs"))
                        .build();
                QueueWorkers workers = QueueWorkers.on(
                                queue, options.takeOverAfter().equals(QueueOptions.NEVER) ? witnessed(runner) : runner)
                        .jobs(3)
                        .settings(job -> job.withResources(Resources.DEFAULT.withDisk(DataSize.ofKibibytes(512))))
                        .start()) {
            System.out.println("serving");
            System.out.flush();
            workers.await(time);
            workers.drain();
            workers.await(Duration.ofMinutes(1));
        }
    }

    /** Runs jobs by another runner, and records if one runs twice at a time or after it is done. */
    private Runner witnessed(Runner runner) {
        return (job, listener) -> {
            Path mark = runs.resolve(job.name());
            try (FileChannel channel = FileChannel.open(
                    mark, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
                try (FileLock lock = channel.tryLock()) {
                    if (lock == null && isAlive(Files.readString(mark))) {
                        violated(job.name() + " is being run");
                    }
                    if (Files.exists(top.resolve("done/" + new JobFile(job.name()).base() + ".json"))) {
                        violated(job.name() + " is done");
                    }
                    Files.writeString(mark, ProcessIdentity.current().toString());
                    return runner.run(job, listener);
                }
            } catch (OverlappingFileLockException e) {
                violated(job.name() + " is being run here");
                throw e;
            } catch (IOException e) {
                violated(e.toString());
                throw new IllegalStateException(e);
            }
        };
    }

    // A killed process loses its locks one after the other.
    private static boolean isAlive(String owner) {
        return ProcessIdentity.parse(owner).filter(ProcessIdentity::isAlive).isPresent();
    }

    private void violated(String what) {
        try {
            Files.writeString(
                    runs.resolveSibling("violations"),
                    what + "\n",
                    StandardOpenOption.CREATE,
                    StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new IllegalStateException(what, e);
        }
    }
}
