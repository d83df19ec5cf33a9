package dev.construir.examples.command;

import dev.construir.ConstruirException;
import dev.construir.disk.DiskReader;
import dev.construir.disk.ExtractOptions;
import dev.construir.disk.ExtractReport;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code construir extract}: copies files out of a disk image. */
@Command(
        name = "extract",
        description = {
            "Copies files out of a disk image.",
            "Nothing is mounted, and nothing is written outside DIR; devices, and links that lead out of it, are skipped and named.",
            ""
        })
@SuppressWarnings("NullAway.Init")
final class ExtractCommand implements Callable<Integer> {
    private final Streams streams;

    @Mixin
    private final ImageOperand image;

    @Parameters(
            index = "1",
            arity = "0..1",
            paramLabel = "PATH",
            description = "A file, or a directory whose entries are copied. Default: everything.")
    private String path = "/";

    @Option(
            names = "-o",
            paramLabel = "DIR",
            required = true,
            description = "Where the files go; created if it is missing.")
    private Path target;

    ExtractCommand(Streams streams, Surroundings surroundings) {
        this.streams = streams;
        this.image = new ImageOperand(surroundings, new Screen(streams));
    }

    @Override
    public Integer call() throws ConstruirException, IOException {
        Target.checkDirectory("-o", target);
        return Interruption.endsSoon(this::work, new Screen(streams));
    }

    private int work() throws ConstruirException, IOException, InterruptedException {
        return image.read(disk -> {
            image.find(disk, path);
            Screen screen = new Screen(streams);
            Delivery.copyFiles(screen, copy(disk, screen), target);
            return 0;
        });
    }

    private ExtractReport copy(DiskReader disk, Screen screen) throws IOException, InterruptedException {
        try {
            return disk.copyTo(
                    path,
                    target,
                    ExtractOptions.DEFAULT.withProgress(progress -> screen.status(
                            "extracting: " + progress.files() + " files, " + Texts.bytes(progress.bytes()))));
        } finally {
            screen.status("");
        }
    }
}
