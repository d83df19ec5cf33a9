package dev.construir.command.disk;

import dev.construir.ConstruirException;
import dev.construir.disk.DiskEntry;
import dev.construir.disk.read.DiskReader;
import dev.construir.disk.read.ExtractOptions;
import dev.construir.disk.read.ExtractReport;
import dev.construir.terminal.CancelOnSignal;
import dev.construir.terminal.Environment;
import dev.construir.terminal.ExitCode;
import dev.construir.terminal.Formats;
import dev.construir.terminal.Screen;
import dev.construir.terminal.Streams;
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
            "Nothing is mounted, and nothing is written outside DIR; devices, and links that lead out of it, are "
                    + "skipped and named.",
            "Set-id bits, access control lists and capabilities are left out and named; a group gets no more than "
                    + "its list grants it.",
            "Exit code: 0, or 125 also if a file is missing because it is damaged or this host refuses it.",
            ""
        })
@SuppressWarnings("NullAway.Init")
public final class ExtractCommand implements Callable<Integer> {
    private final Streams streams;

    @Mixin
    private final ImageOperand image;

    @Parameters(
            index = "1",
            arity = "0..1",
            paramLabel = "PATH",
            description =
                    "A file, or a directory whose entries are copied. Links to it are followed. Default: everything.")
    private String path = "/";

    @Option(
            names = {"-o", "--out"},
            paramLabel = "DIR",
            required = true,
            description = "Where the files go; created if it is missing.")
    private Path target;

    public ExtractCommand(Streams streams, Environment surroundings) {
        this.streams = streams;
        this.image = new ImageOperand(surroundings, new Screen(streams));
    }

    @Override
    public Integer call() throws ConstruirException, IOException {
        Target.checkDirectory("-o", target);
        return CancelOnSignal.endsSoon(this::work, new Screen(streams));
    }

    private int work() throws ConstruirException, IOException, InterruptedException {
        return image.read(disk -> {
            DiskEntry entry = named(disk.follow(path));
            Screen screen = new Screen(streams);
            return ResultExport.copyFiles(screen, copy(disk, entry, screen), target) ? 0 : ExitCode.FAILED;
        });
    }

    /** A file that a link leads to goes by the link's name, as with cp. */
    private DiskEntry named(DiskEntry entry) {
        String last = path.substring(path.lastIndexOf('/') + 1);
        if (entry.kind() == DiskEntry.Kind.DIRECTORY || last.isEmpty() || last.equals(".") || last.equals("..")) {
            return entry;
        }
        return new DiskEntry(
                entry.path().substring(0, entry.path().lastIndexOf('/') + 1) + last,
                entry.kind(),
                entry.attributes(),
                entry.size(),
                entry.inode(),
                entry.links());
    }

    private ExtractReport copy(DiskReader disk, DiskEntry entry, Screen screen)
            throws IOException, InterruptedException {
        try {
            return disk.copyTo(
                    entry,
                    target,
                    ExtractOptions.DEFAULT.withProgress(progress -> screen.status(
                            "extracting: " + progress.files() + " files, " + Formats.bytes(progress.bytes()))));
        } finally {
            screen.status("");
        }
    }
}
