package dev.construir.queue;

import dev.construir.image.RootImage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A file beside a file of an image directory, {@code NAME.sha256}, that holds its stamp and its digest. Written when an
 * image is built or first read. A user who can write it can write the image.
 */
final class DigestNote {
    private static final Logger LOG = LoggerFactory.getLogger(DigestNote.class);
    private static final Pattern DIGEST = Pattern.compile("[0-9a-f]{64}");
    private static final int LONGEST = 256;
    private static final Set<PosixFilePermission> READABLE = PosixFilePermissions.fromString("rw-r--r--");

    private DigestNote() {}

    private static Path beside(Path file) {
        return file.resolveSibling(file.getFileName() + ".sha256");
    }

    private static boolean isInImage(Path file) {
        return Files.isRegularFile(file.resolveSibling(RootImage.PROPERTIES));
    }

    /** Returns the recorded digest, if it can be read and the file is unchanged. */
    static Optional<String> read(Path file, FileStamp stamp) {
        Path note = beside(file);
        try {
            if (!isInImage(file) || !Files.isRegularFile(note) || Files.size(note) > LONGEST) {
                return Optional.empty();
            }
            String text = Files.readString(note, StandardCharsets.ISO_8859_1).strip();
            String start = stamp.text() + " ";
            return Optional.of(text)
                    .filter(each -> each.startsWith(start))
                    .map(each -> each.substring(start.length()))
                    .filter(each -> DIGEST.matcher(each).matches());
        } catch (IOException e) {
            LOG.debug("The digest in {} could not be read", note, e);
            return Optional.empty();
        }
    }

    /** Records the digest if possible; otherwise the next process reads the file again. */
    static void write(Path file, FileStamp stamp, String digest) {
        Path directory = file.toAbsolutePath().getParent();
        if (directory == null || !isInImage(file) || !Files.isWritable(directory)) {
            return;
        }
        try {
            Path part = Files.createTempFile(directory, ".digest", ".part");
            try {
                Files.writeString(part, stamp.text() + " " + digest + "\n");
                Files.setPosixFilePermissions(part, permissions(file));
                Files.move(part, beside(file), StandardCopyOption.ATOMIC_MOVE);
            } finally {
                Files.deleteIfExists(part);
            }
        } catch (IOException e) {
            LOG.debug("The digest of {} could not be written down", file, e);
        }
    }

    /** Returns who may read the note: all who may read the file. */
    private static Set<PosixFilePermission> permissions(Path file) throws IOException {
        Set<PosixFilePermission> permissions =
                EnumSet.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);
        permissions.addAll(Files.getPosixFilePermissions(file));
        permissions.retainAll(READABLE);
        return permissions;
    }
}
