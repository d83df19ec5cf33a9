package dev.construir.examples.command;

import dev.construir.ConstruirException;
import dev.construir.DataSize;
import dev.construir.disk.DiskOptions;
import dev.construir.disk.JobDisk;
import dev.construir.job.Resources;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code construir pack}: makes a job image of a directory. */
@Command(
        name = "pack",
        description = {
            "Makes a job image of a directory.",
            "The image is a sparse ext2 file system, the same bytes for the same files. Needs no root.",
            ""
        })
@SuppressWarnings("NullAway.Init")
final class PackCommand implements Callable<Integer> {
    private final Streams streams;

    @Parameters(paramLabel = "DIR", description = "The directory; its bin/construir is what will be run.")
    private Path directory;

    @Option(names = "-o", paramLabel = "FILE", required = true, description = "The image to make; must not exist.")
    private Path image;

    @Option(
            names = "--size",
            paramLabel = "SIZE",
            description = "The size of the disk; free space takes no room. Default: ${DEFAULT-VALUE}.")
    private DataSize size = Resources.DEFAULT.disk();

    PackCommand(Streams streams) {
        this.streams = streams;
    }

    @Override
    public Integer call() throws ConstruirException, IOException {
        if (!Files.exists(directory)) {
            throw new NoSuchFileException(directory.toString(), null, "there is no such directory");
        } else if (!Files.isDirectory(directory)) {
            throw new NotDirectoryException(directory.toString());
        }
        Target.checkNewFile("-o", image);
        DiskOptions options = options();
        Screen screen = new Screen(streams);
        return Interruption.ends(
                () -> {
                    NewFile.make(image, file -> JobDisk.create(file, options, disk -> disk.tree("/", directory)));
                    if (!Files.exists(directory.resolve("bin/construir"))) {
                        screen.say("it holds no bin/construir: construir run would refuse it");
                    }
                    return 0;
                },
                screen);
    }

    private DiskOptions options() throws ConstruirException {
        try {
            return DiskOptions.of(size);
        } catch (IllegalArgumentException e) {
            throw new ConstruirException(String.valueOf(e.getMessage()), e); // a size out of its range
        }
    }
}
