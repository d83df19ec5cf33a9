package dev.construir.command.disk;

import dev.construir.ConstruirException;
import dev.construir.disk.Attributes;
import dev.construir.disk.DiskEntry;
import dev.construir.disk.DiskFullException;
import dev.construir.disk.edit.DiskEditor;
import dev.construir.disk.read.DiskImage;
import dev.construir.disk.read.DiskReader;
import dev.construir.terminal.CancelOnSignal;
import dev.construir.terminal.ChannelInput;
import dev.construir.terminal.Screen;
import dev.construir.terminal.Streams;
import dev.construir.text.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code construir put}: copies a file onto a disk image, in place. */
@Command(
        name = "put",
        description = {
            "Copies a file onto a disk image, without mounting it.",
            "",
            "The image is changed in place. A file that is refused or does not fit leaves the image as it was. "
                    + "Only if there is no room for the old and the new content of a file together, the old one "
                    + "goes first.",
            "A new file belongs to root and has the permissions of FILE. A file that is replaced keeps owner and "
                    + "permissions.",
            ""
        })
@SuppressWarnings("NullAway.Init")
public final class PutCommand implements Callable<Integer> {
    private static final int MAX_MODE = 07777;

    private final Streams streams;

    @Mixin
    private final EditedImage image = new EditedImage();

    @Parameters(index = "1", paramLabel = "FILE", description = "The file of this host.")
    private Path file;

    @Parameters(
            index = "2",
            paramLabel = "PATH",
            description = "Its path on the disk; the directory must exist. "
                    + "If it names a directory, the file goes into that under its own name. Links are not followed.")
    private String path;

    @Option(
            names = "--mode",
            paramLabel = "OCTAL",
            description = "The permissions on the disk, for example 755, also of a file that is replaced.")
    private @Nullable String mode;

    /**
     * Creates the command.
     *
     * @param streams where it reports
     */
    public PutCommand(Streams streams) {
        this.streams = streams;
    }

    @Override
    public Integer call() throws ConstruirException, IOException {
        int permissions = mode == null ? -1 : permissions(mode);
        checkFile();
        image.check();
        return CancelOnSignal.ends(() -> put(permissions), new Screen(streams));
    }

    private static int permissions(String text) throws ConstruirException {
        if (text.matches("0*[0-7]{1,4}") && text.length() <= 5) {
            int permissions = Integer.parseInt(text, 8);
            if (permissions <= MAX_MODE) {
                return permissions;
            }
        }
        throw new ConstruirException("--mode takes an octal number from 0 to 7777, not \"" + text + "\"");
    }

    private void checkFile() throws IOException {
        if (Files.isDirectory(file)) {
            throw new FileSystemException(
                    file.toString(), null, "a directory; put takes one file, and pack makes an image of a directory");
        } else if (!Files.isRegularFile(file)) {
            throw new NoSuchFileException(file.toString(), null, "no file to copy: " + Reason.unreadable(file));
        } else if (!Files.isReadable(file)) {
            throw new AccessDeniedException(
                    file.toString(), null, "this user may not read the file; see its owner and mode");
        } else if (Files.exists(image.path()) && Files.isSameFile(file, image.path())) {
            throw new FileSystemException(file.toString(), null, "the image cannot be put onto itself");
        }
    }

    // The image is read before it is opened for the change: closing a second handle would give up the editor's lock.
    private int put(int permissions) throws ConstruirException, IOException {
        Place place = place();
        image.change(disk -> {
            try (FileChannel content = FileChannel.open(file, StandardOpenOption.READ);
                    InputStream in = new ChannelInput(content)) {
                write(disk, place, permissions, content.size(), in);
            } catch (DiskFullException e) {
                throw new IOException(
                        image.path() + " has no room for " + file + ": " + Reason.of(e)
                                + "; remove what is not needed, by: construir rm, or pack a larger image (--size)",
                        e);
            }
        });
        return 0;
    }

    private void write(DiskEditor disk, Place place, int permissions, long size, InputStream in) throws IOException {
        Instant modified = Files.getLastModifiedTime(file).toInstant();
        Attributes old = place.replaced;
        if (old != null && permissions < 0) {
            disk.replace(place.path, modified, size, in);
            return;
        }
        long uid = old == null ? 0 : old.uid();
        long gid = old == null ? 0 : old.gid();
        disk.file(place.path, new Attributes(permissions < 0 ? own() : permissions, uid, gid, modified), size, in);
    }

    /** Where a file goes, and the attributes of the file that it replaces. */
    private record Place(String path, @Nullable Attributes replaced) {}

    private Place place() throws ConstruirException, IOException {
        try (DiskReader disk = DiskImage.of(image.path()).files()) {
            Optional<DiskEntry> found = disk.find(path);
            String target = path;
            if (found.isPresent() && found.get().kind() == DiskEntry.Kind.DIRECTORY) {
                target = path + "/" + Objects.requireNonNull(file.getFileName());
                found = disk.find(target);
            } else if (path.endsWith("/")) {
                throw new NoSuchFileException(path, null, "there is no such directory on the disk");
            }
            if (found.isPresent() && found.get().kind() != DiskEntry.Kind.FILE) {
                throw new FileSystemException(target, null, describe(found.get().kind()));
            }
            return new Place(target, found.map(DiskEntry::attributes).orElse(null));
        } catch (IllegalArgumentException e) {
            throw new ConstruirException(String.valueOf(e.getMessage()), e); // a path that no disk can have
        }
    }

    private static String describe(DiskEntry.Kind kind) {
        return switch (kind) {
            case DIRECTORY -> "a directory on the disk; a file cannot replace it";
            case SYMBOLIC_LINK ->
                "a symbolic link on the disk; name the file that it leads to, or remove the link first";
            default -> "not a regular file on the disk; remove it first";
        };
    }

    /** Returns the permissions of the host's file. */
    private int own() throws IOException {
        Set<PosixFilePermission> found = Files.getPosixFilePermissions(file);
        int bits = 0;
        for (PosixFilePermission permission : PosixFilePermission.values()) { // from the owner's reading on
            bits = bits << 1 | (found.contains(permission) ? 1 : 0);
        }
        return bits;
    }
}
