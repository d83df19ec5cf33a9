package dev.construir.command.disk;

import dev.construir.ConstruirException;
import dev.construir.ImageFormat;
import dev.construir.disk.SparseCopy;
import dev.construir.disk.read.DiskImage;
import dev.construir.image.BadImageException;
import dev.construir.image.RootImage;
import dev.construir.machine.Boot;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A copy of a root image that may be written to, and has its name only when it is kept: until then it is beside that
 * under another one. Closing it removes what was not kept.
 */
public final class NewImage implements AutoCloseable {
    private final Path target;
    private final PartialFile partial;
    private final RootImage image;
    private final Map<Path, Path> sources; // by the copy of each

    private NewImage(Path target, PartialFile partial, RootImage image, Map<Path, Path> sources) {
        this.target = target;
        this.partial = partial;
        this.image = image;
        this.sources = sources;
    }

    /**
     * Copies an image.
     *
     * @param source an image directory or a disk
     * @param target what the copy will be called: of the same kind, and it must not exist
     */
    public static NewImage copyOf(Path source, Path target) throws ConstruirException, IOException {
        if (Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
            throw new FileAlreadyExistsException(target.toString());
        }
        RootImage image = RootImage.at(source);
        PartialFile partial = PartialFile.beside(target);
        boolean copied = false;
        try {
            NewImage copy = Files.isDirectory(source)
                    ? ofDirectory(source.toRealPath(), image, target, partial)
                    : ofDisk(image, target, partial);
            copied = true;
            return copy;
        } finally {
            if (!copied) {
                partial.close();
            }
        }
    }

    private static NewImage ofDisk(RootImage image, Path target, PartialFile name)
            throws ConstruirException, IOException {
        if (DiskFiles.isCompressed(target)) {
            throw new ConstruirException(
                    "a machine's disk is not compressed: choose a name that does not end in .xz instead of " + target);
        }
        ImageFormat format = DiskImage.of(target).format();
        if (format != image.format()) {
            throw new ConstruirException("the name of a disk says its format, and the copy has that of " + image.disk()
                    + ": choose a name that " + (format == ImageFormat.QCOW2 ? "does not end" : "ends")
                    + " in .qcow2 instead of " + target);
        }
        Path partial = name.path();
        SparseCopy.copy(image.disk(), partial);
        return new NewImage(
                target,
                name,
                new RootImage(
                        image.name(), partial, image.format(), image.architecture(), image.boot(), image.memory()),
                Map.of(partial, image.disk()));
    }

    private static NewImage ofDirectory(Path source, RootImage image, Path target, PartialFile name)
            throws ConstruirException, IOException {
        Path partial = name.path();
        Map<Path, Path> sources = new TreeMap<>();
        Files.createDirectory(partial);
        for (Path file : files(source, image)) {
            Path copy = partial.resolve(inside(source, file));
            Files.createDirectories(copy.getParent());
            if (sources.put(copy, file) == null) {
                SparseCopy.copy(file, copy);
            }
        }
        RootImage copied = RootImage.in(partial);
        Path real = partial.toRealPath();
        for (Path file : files(real, copied)) {
            inside(real, file); // it leads back to the original where a path is absolute
        }
        return new NewImage(target, name, copied, sources);
    }

    private static List<Path> files(Path directory, RootImage image) {
        Path properties = directory.resolve(RootImage.PROPERTIES);
        return image.boot() instanceof Boot.Kernel kernel
                ? List.of(properties, kernel.kernel(), kernel.initrd(), image.disk())
                : List.of(properties, image.disk());
    }

    private static Path inside(Path directory, Path file) throws BadImageException {
        Path relative = directory.relativize(file).normalize();
        if (relative.startsWith("..")) {
            throw new BadImageException("the image cannot be copied: its " + RootImage.PROPERTIES + " leads to " + file
                    + ", which is not in its directory; name its files by paths relative to that, and move them there");
        }
        return relative;
    }

    /** Returns the copy. */
    public RootImage image() {
        return image;
    }

    /** Gives it its name, if there is still nothing of that name. */
    public void keep() throws IOException {
        for (Map.Entry<Path, Path> file : sources.entrySet()) {
            try (FileChannel channel = FileChannel.open(file.getKey(), StandardOpenOption.WRITE)) {
                channel.force(true);
            }
            Files.setPosixFilePermissions(file.getKey(), Files.getPosixFilePermissions(file.getValue()));
        }
        AtomicOutput.appear(partial.path(), target);
    }

    @Override
    public void close() throws IOException {
        partial.close();
    }
}
