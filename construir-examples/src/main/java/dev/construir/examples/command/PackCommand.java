package dev.construir.examples.command;

import dev.construir.ConstruirException;
import dev.construir.DataSize;
import dev.construir.disk.DiskContent;
import dev.construir.disk.DiskOptions;
import dev.construir.disk.DiskReader;
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

/** {@code construir pack}: makes a job image of a directory or a tar archive. */
@Command(
        name = "pack",
        description = {
            "Makes a job image of a directory or a tar archive.",
            "The image is a sparse ext2 file system, the same bytes for the same files. Needs no root.",
            ""
        })
@SuppressWarnings("NullAway.Init")
final class PackCommand implements Callable<Integer> {
    private final Streams streams;

    @Parameters(
            paramLabel = "DIR|TAR",
            description = {
                "The directory, or the archive: FILE.tar, FILE.tar.gz, FILE.tar.xz, or - for one on stdin, not compressed.",
                "Its bin/construir is what will be run."
            })
    private String content;

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
        Target.checkNewFile("-o", image);
        DiskContent from = content();
        DiskOptions options = options();
        Screen screen = new Screen(streams);
        return Interruption.ends(
                () -> {
                    NewFile.make(image, file -> JobDisk.create(file, options, from));
                    if (!holdsEntryPoint()) {
                        screen.say("it holds no bin/construir: construir run would refuse it");
                    }
                    return 0;
                },
                screen);
    }

    private DiskContent content() throws IOException {
        Path path = Path.of(content);
        if (Files.isDirectory(path)) {
            return disk -> disk.tree("/", path);
        } else if (TarOperand.isMeant(content)) {
            return disk ->
                    new TarOperand(content).writeTo(disk, streams.keyboard().in());
        } else if (!Files.exists(path)) {
            throw new NoSuchFileException(content, null, "there is no such directory");
        }
        throw new NotDirectoryException(content);
    }

    private boolean holdsEntryPoint() throws IOException {
        try (DiskReader disk = DiskReader.open(image)) {
            return disk.find("/bin/construir").isPresent();
        }
    }

    private DiskOptions options() throws ConstruirException {
        try {
            return DiskOptions.of(size);
        } catch (IllegalArgumentException e) {
            throw new ConstruirException(String.valueOf(e.getMessage()), e); // a size out of its range
        }
    }
}
