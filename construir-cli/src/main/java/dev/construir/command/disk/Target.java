package dev.construir.command.disk;

import dev.construir.text.ControlCharacters;
import dev.construir.text.Reason;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * Looks whether something can be brought to where it is wanted, before it is made. What changes in the meantime shows
 * then.
 */
public final class Target {
    private Target() {}

    /** Checks a directory that results are to be put into: it can be written to, or made. */
    public static void checkDirectory(String option, Path directory) throws IOException {
        if (Files.isDirectory(directory)) {
            checkWritable(option, directory, directory);
        } else if (Files.exists(directory, LinkOption.NOFOLLOW_LINKS)) {
            throw refused(option, directory, "it is there and no directory; name another one");
        } else {
            Path existing = directory.toAbsolutePath().getParent();
            while (existing != null && !Files.exists(existing, LinkOption.NOFOLLOW_LINKS)) {
                existing = existing.getParent();
            }
            if (existing != null) {
                checkWritable(option, directory, existing);
            }
        }
    }

    /**
     * Checks a directory that is to appear whole: what is in its place is an empty directory at most, and it can be
     * made there.
     */
    public static void checkNewDirectory(String option, Path directory) throws IOException {
        if (!Files.exists(directory, LinkOption.NOFOLLOW_LINKS)) {
            checkParent(option, directory);
        } else if (!Files.isDirectory(directory) || !isEmpty(directory)) {
            throw refused(option, directory, "it exists already, and is no empty directory; name another one");
        }
    }

    private static boolean isEmpty(Path directory) throws IOException {
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.findAny().isEmpty();
        }
    }

    /** Checks a file that is to be made: nothing is in its place, and it can be made there. */
    public static void checkNewFile(String option, Path file) throws IOException {
        if (Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
            throw refused(option, file, "it exists already; name another one, or remove it");
        }
        checkParent(option, file);
    }

    /** Checks a file that is to be made or replaced. */
    public static void checkFile(String option, Path file) throws IOException {
        if (Files.isDirectory(file)) {
            throw refused(option, file, "it is a directory; name a file");
        }
        if (!Files.exists(file)) {
            checkParent(option, file);
        } else if (!Files.isWritable(file)) {
            throw refused(option, file, "this user may not write to it; name another one");
        }
    }

    private static void checkParent(String option, Path file) throws IOException {
        Path parent = file.toAbsolutePath().getParent();
        if (parent == null || !Files.exists(parent)) {
            throw refused(option, file, "its directory is missing; make it first");
        }
        checkWritable(option, file, parent);
    }

    private static void checkWritable(String option, Path target, Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            throw refused(option, target, directory + " is no directory; name another one");
        }
        try {
            // A file system that is read-only or full says so only when something is made.
            Path probe = Files.createTempFile(directory, ".construir-", ".probe");
            try {
                Files.write(probe, new byte[1]);
            } finally {
                Files.delete(probe);
            }
        } catch (FileSystemException e) {
            String why = e.getReason() == null ? "permission denied" : ControlCharacters.escape(e.getReason());
            throw refused(option, target, directory + " cannot be written to (" + why + "); name another one");
        } catch (IOException e) {
            throw refused(option, target, directory + " cannot be written to (" + Reason.of(e) + "); name another one");
        }
    }

    private static IOException refused(String option, Path target, String why) {
        return new FileSystemException(option + " " + target, null, why);
    }
}
