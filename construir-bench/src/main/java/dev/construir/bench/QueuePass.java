package dev.construir.bench;

import dev.construir.ConstruirException;
import dev.construir.DataSize;
import dev.construir.ImageFormat;
import dev.construir.image.RootImage;
import dev.construir.job.Resources;
import dev.construir.machine.Architecture;
import dev.construir.machine.Boot;
import dev.construir.queue.DirectoryQueue;
import dev.construir.queue.QueueListener;
import dev.construir.queue.QueueOptions;
import dev.construir.queue.QueueWorkers;
import dev.construir.run.JobResult;
import dev.construir.run.Outcome;
import dev.construir.run.Runner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.stream.Stream;

/**
 * Work of a queue that is measured.
 *
 * @param place an empty directory
 */
record QueuePass(Path place) {
    private static final FileTime LONG_AGO = FileTime.fromMillis(0);
    /** Compression of large disks has its own benchmark. */
    private static final DataSize DISK = DataSize.ofMebibytes(16);

    /** Puts jobs into a queue. */
    private Path fill(int jobs) throws IOException {
        Path top = place.resolve("top");
        Path queue = Files.createDirectories(top.resolve("queue"));
        Files.createDirectories(top.resolve("done"));
        for (int i = 0; i < jobs; i++) {
            Path part = Files.write(place.resolve("part"), new byte[100]);
            Files.setLastModifiedTime(part, LONG_AGO);
            Files.move(part, queue.resolve("job" + i + ".img"));
        }
        return top;
    }

    /** Has a queue of so many jobs served by the library, and returns for how many milliseconds. */
    double library(int jobs) throws IOException, ConstruirException, InterruptedException {
        Path top = fill(jobs);
        CountDownLatch left = new CountDownLatch(jobs);
        QueueListener counter = new QueueListener() {
            @Override
            public void completed(String job, Outcome outcome, List<String> hints, Duration took) {
                left.countDown();
            }
        };
        long from = System.nanoTime();
        try (DirectoryQueue queue = DirectoryQueue.open(top, QueueOptions.DEFAULT);
                Runner ready = (job, listener) -> JobResult.of(job, new Outcome.Exited(0));
                QueueWorkers workers =
                        QueueWorkers.on(queue, ready).listener(counter).start()) {
            left.await();
            workers.drain();
        }
        return check(top, jobs, from);
    }

    /** Does the same to the directories by a bare loop. */
    double bare(int jobs) throws IOException, ConstruirException {
        Path top = fill(jobs);
        long from = System.nanoTime();
        new BareQueue(top).serve();
        return check(top, jobs, from);
    }

    private static double check(Path top, int jobs, long from) throws IOException, ConstruirException {
        double millis = (System.nanoTime() - from) / 1e6;
        try (Stream<Path> results = Files.list(top.resolve("done"))) {
            long files = results.count();
            if (files != 3L * jobs) {
                throw new ConstruirException(jobs + " jobs were to leave three files each, but there are " + files);
            }
        }
        return millis;
    }

    /**
     * Puts jobs into an idle queue, one after the other, and returns how long it takes in milliseconds until a machine
     * is asked for.
     */
    List<Double> starts(int jobs) throws IOException, ConstruirException, InterruptedException {
        Path top = place.resolve("top");
        for (int i = 0; i < jobs; i++) {
            Path script =
                    Files.createDirectories(place.resolve("job" + i + "/bin")).resolve("construir");
            Files.writeString(script, "#!/bin/sh\n");
            Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
        Path disk = Files.write(place.resolve("root.img"), new byte[1]);
        RootImage root = new RootImage("nothing", disk, ImageFormat.RAW, Architecture.host(), new Boot.Firmware());
        BlockingQueue<Long> started = new LinkedBlockingQueue<>();
        BlockingQueue<String> completed = new LinkedBlockingQueue<>();
        QueueListener listener = new QueueListener() {
            @Override
            public void completed(String job, Outcome outcome, List<String> hints, Duration took) {
                completed.add(job);
            }
        };
        List<Double> millis = new ArrayList<>();
        try (DirectoryQueue queue = DirectoryQueue.open(top, QueueOptions.DEFAULT);
                Runner runner = Runner.builder(new MemoryHypervisor(() -> started.add(System.nanoTime())), root)
                        .scratch(place.resolve("scratch"))
                        .build();
                QueueWorkers workers = QueueWorkers.on(queue, runner)
                        .settings(job -> job.withResources(Resources.DEFAULT.withDisk(DISK)))
                        .listener(listener)
                        .start()) {
            for (int i = 0; i < jobs; i++) {
                long from = System.nanoTime();
                Files.move(place.resolve("job" + i), top.resolve("queue/job" + i));
                millis.add((started.take() - from) / 1e6);
                completed.take();
            }
            workers.drain();
        }
        return millis;
    }
}
