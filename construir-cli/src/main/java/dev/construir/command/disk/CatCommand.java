package dev.construir.command.disk;

import dev.construir.ConstruirException;
import dev.construir.disk.DiskEntry;
import dev.construir.disk.read.DiskReader;
import dev.construir.terminal.CancelOnSignal;
import dev.construir.terminal.Environment;
import dev.construir.terminal.Screen;
import dev.construir.terminal.Streams;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileSystemException;
import java.util.Arrays;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code construir cat}: writes a file of a disk image to stdout. */
@Command(
        name = "cat",
        description = {"Writes a file of a disk image to stdout.", ""})
@SuppressWarnings("NullAway.Init")
public final class CatCommand implements Callable<Integer> {
    private static final int CHUNK = 1 << 16;

    private final Streams streams;

    @Mixin
    private final ImageOperand image;

    @Parameters(
            index = "1",
            paramLabel = "PATH",
            description = "The file's path on the disk. Links are followed, and never lead out of the disk.")
    private String path;

    public CatCommand(Streams streams, Environment surroundings) {
        this.streams = streams;
        this.image = new ImageOperand(surroundings, new Screen(streams));
    }

    @Override
    public Integer call() throws ConstruirException, IOException {
        return CancelOnSignal.endsSoon(this::work, new Screen(streams));
    }

    private int work() throws ConstruirException, IOException, InterruptedException {
        return image.read(disk -> {
            DiskEntry entry = file(disk);
            Screen screen = new Screen(streams);
            byte[] chunk = new byte[CHUNK];
            try (InputStream file = disk.open(entry)) {
                for (int n = file.read(chunk); n >= 0; n = file.read(chunk)) {
                    if (Thread.interrupted()) {
                        throw new InterruptedException("interrupted while reading " + path);
                    }
                    screen.output(Arrays.copyOf(chunk, n));
                }
            }
            screen.endOutput();
            return 0;
        });
    }

    private DiskEntry file(DiskReader disk) throws IOException {
        DiskEntry entry = disk.follow(path);
        if (entry.kind() == DiskEntry.Kind.DIRECTORY) {
            throw new FileSystemException(path, null, "it is a directory; list it by construir ls, or extract it");
        }
        return entry;
    }
}
