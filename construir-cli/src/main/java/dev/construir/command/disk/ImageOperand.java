package dev.construir.command.disk;

import dev.construir.ConstruirException;
import dev.construir.DiskFormatException;
import dev.construir.NotSeekableException;
import dev.construir.disk.DiskEntry;
import dev.construir.disk.Partition;
import dev.construir.disk.compress.CompressedImage;
import dev.construir.disk.read.DiskImage;
import dev.construir.disk.read.DiskReader;
import dev.construir.image.RootImage;
import dev.construir.scratch.Scratch;
import dev.construir.scratch.ScratchDirectory;
import dev.construir.terminal.Environment;
import dev.construir.terminal.Screen;
import dev.construir.text.Reason;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The image that a command reads, and the options that go with it. */
public final class ImageOperand {
    /** What is wrong with pipes, sockets and devices. */
    public static final String NO_FILE =
            "a pipe, a socket or a device, and disk images are read from files only; save it to a file first: cat "
                    + "IMAGE > FILE";

    private final Screen screen;
    private final Path defaultScratch;

    @Parameters(
            index = "0",
            paramLabel = "IMG",
            description = "The image: a disk, with one file system or with partitions, named .qcow2 if it is one, and "
                    + ".xz if it is "
                    + "compressed; or a root image's directory.")
    @SuppressWarnings("NullAway.Init")
    private Path path;

    @Option(
            names = "--partition",
            paramLabel = "N",
            description = "The partition that is read. Default: the only one with a file system of Linux.")
    private @Nullable Integer partition;

    @Option(
            names = "--scratch",
            paramLabel = "DIR",
            description = "Where a compressed image is unpacked while it is in use, if it has blocks too large to be "
                    + "read singly. "
                    + "Default: that of the runs.")
    private @Nullable Path scratch;

    public ImageOperand(Environment surroundings, Screen screen) {
        this.screen = screen;
        this.defaultScratch = surroundings.scratch();
    }

    /** What is done with an open disk. */
    @FunctionalInterface
    interface Use<T, D> {
        T apply(D disk) throws IOException, InterruptedException;
    }

    /** Returns the image's name, for messages. */
    String name() {
        Path absolute = path.toAbsolutePath().normalize();
        return String.valueOf(Objects.requireNonNullElse(absolute.getFileName(), absolute)); // a root has no name
    }

    /** Opens the file system for as long as it is used. */
    <T> T read(Use<T, DiskReader> use) throws ConstruirException, IOException, InterruptedException {
        return with(image -> partition == null ? image.files() : image.files(partition), disk -> {
            try (disk) {
                JournalWarning.report(disk, name(), screen);
                return use.apply(disk);
            }
        });
    }

    /**
     * Finds what a path names on the open disk. Links on the way are followed, and one that it names only if a slash is
     * behind it.
     *
     * @throws NoSuchFileException if it names nothing
     */
    DiskEntry find(DiskReader disk, String name) throws IOException {
        String trimmed = name.endsWith("/") ? name.substring(0, name.length() - 1) : name;
        String last = trimmed.substring(trimmed.lastIndexOf('/') + 1);
        if (last.isEmpty() || name.endsWith("/") || last.equals(".") || last.equals("..")) {
            return disk.follow(name);
        }
        Optional<DiskEntry> found = find(disk, trimmed.substring(0, trimmed.length() - last.length()), last);
        return found.isPresent() ? found.get() : disk.follow(name); // which says why there is none
    }

    private static Optional<DiskEntry> find(DiskReader disk, String above, String last) throws IOException {
        try {
            DiskEntry directory = disk.follow(above);
            return disk.find(directory.path() + "/" + last);
        } catch (FileSystemException e) {
            return Optional.empty();
        }
    }

    List<Partition> partitions() throws ConstruirException, IOException, InterruptedException {
        return with(DiskImage::partitions, partitions -> partitions);
    }

    /** Opens what is used of an image. */
    @FunctionalInterface
    private interface Opening<D> {
        D open(DiskImage image) throws IOException;
    }

    // A directory says its disk's format, and a file says it by its name. What a guest may have written is never asked.
    private <T, D> T with(Opening<D> opening, Use<T, D> use)
            throws ConstruirException, IOException, InterruptedException {
        try {
            return open(opening, use);
        } catch (DiskFormatException e) {
            throw new DiskFormatException(path + ": " + Reason.of(e), e);
        }
    }

    private <T, D> T open(Opening<D> opening, Use<T, D> use)
            throws ConstruirException, IOException, InterruptedException {
        if (Files.isDirectory(path)) {
            return use.apply(opening.open(RootImage.in(path).contents()));
        }
        if (!Files.isRegularFile(path)) {
            throw new NoSuchFileException(
                    path.toString(), null, Files.exists(path) ? NO_FILE : "no disk image: " + Reason.unreadable(path));
        }
        D opened;
        try {
            opened = opening.open(DiskImage.of(path));
        } catch (NotSeekableException e) {
            return unpack(opening, use);
        }
        return use.apply(opened);
    }

    private <T, D> T unpack(Opening<D> opening, Use<T, D> use) throws IOException, InterruptedException {
        Path root = scratch == null ? defaultScratch : scratch;
        try (Scratch place = Scratch.open(root.resolve("command"), leftover -> {});
                ScratchDirectory directory = place.directory("disk")) {
            Path unpacked = directory.path().resolve("disk");
            CompressedImage.unpack(path, unpacked);
            return use.apply(
                    opening.open(new DiskImage(unpacked, DiskImage.of(path).format())));
        }
    }
}
