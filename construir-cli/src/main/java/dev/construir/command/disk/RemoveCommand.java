package dev.construir.command.disk;

import dev.construir.ConstruirException;
import dev.construir.terminal.CancelOnSignal;
import dev.construir.terminal.Screen;
import dev.construir.terminal.Streams;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code construir rm}: removes files from a disk image, in place. */
@Command(
        name = "rm",
        description = {
            "Removes files from a disk image, without mounting it.",
            "",
            "The image is changed in place, one path after the other; the first that cannot be removed ends the "
                    + "command. "
                    + "Links are removed, not followed. Directories are refused.",
            ""
        })
@SuppressWarnings("NullAway.Init")
public final class RemoveCommand implements Callable<Integer> {
    private final Streams streams;

    @Mixin
    private final EditedImage image = new EditedImage();

    @Parameters(index = "1..*", arity = "1..*", paramLabel = "PATH", description = "The files' paths on the disk.")
    private List<String> paths;

    @Option(
            names = {"-f", "--force"},
            description = "Ignores paths that do not exist.")
    private boolean force;

    /**
     * Creates the command.
     *
     * @param streams where it reports
     */
    public RemoveCommand(Streams streams) {
        this.streams = streams;
    }

    @Override
    public Integer call() throws ConstruirException, IOException {
        image.check();
        return CancelOnSignal.ends(this::remove, new Screen(streams));
    }

    private int remove() throws ConstruirException, IOException {
        image.change(disk -> {
            for (String path : paths) {
                if (force) {
                    disk.removeIfExists(path);
                } else {
                    disk.remove(path);
                }
            }
        });
        return 0;
    }
}
