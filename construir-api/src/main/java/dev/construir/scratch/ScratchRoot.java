package dev.construir.scratch;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/**
 * The directory that scratch directories of many processes live in. No other user may be able to write to it, or to put
 * another one in its place: what lies there is believed.
 *
 * @param path its real path
 */
record ScratchRoot(Path path) {
    static final FileAttribute<Set<PosixFilePermission>> PRIVATE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
    private static final Set<PosixFilePermission> WRITABLE_BY_OTHERS =
            Set.of(PosixFilePermission.GROUP_WRITE, PosixFilePermission.OTHERS_WRITE);
    private static final Object ROOT = 0;
    private static final int OTHERS_WRITE = 0002;
    private static final int STICKY = 01000;

    /** Creates the directory if it is missing, and refuses one that others can write to. */
    static ScratchRoot prepare(Path root) throws IOException {
        Path absolute = root.toAbsolutePath().normalize();
        if (!Files.exists(absolute, LinkOption.NOFOLLOW_LINKS)) {
            Files.createDirectories(absolute, PRIVATE);
        }
        return existing(absolute);
    }

    /** Returns the directory, and refuses one that is a link, or that others can write to. */
    static ScratchRoot existing(Path absolute) throws IOException {
        PosixFileAttributes attributes =
                Files.readAttributes(absolute, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        if (!attributes.isDirectory()) {
            throw new IOException("the scratch root " + absolute + " is no directory; remove it or name another one");
        }
        if (attributes.permissions().stream().anyMatch(WRITABLE_BY_OTHERS::contains)) {
            throw new IOException("the scratch root " + absolute + " can be written to by others ("
                    + PosixFilePermissions.toString(attributes.permissions()) + "); chmod 700 it or name another one");
        }
        return new ScratchRoot(absolute.toRealPath());
    }

    /** Returns the number of the user that something belongs to; a link is followed. */
    static Object owner(Path file) throws IOException {
        return Files.getAttribute(file, "unix:uid");
    }

    /**
     * Refuses a root that belongs to another user, or could be replaced by one.
     *
     * @param self the number of this process's user
     */
    void checkOwners(Object self) throws IOException {
        if (!owner(path).equals(self)) {
            throw new IOException("the scratch root " + path + " belongs to "
                    + Files.getOwner(path).getName() + "; name another one");
        }
        for (Path above = path.getParent(); above != null; above = above.getParent()) {
            Object owner = owner(above);
            int mode = (Integer) Files.getAttribute(above, "unix:mode");
            boolean open = (mode & OTHERS_WRITE) != 0 && (mode & STICKY) == 0;
            if (open || (!owner.equals(self) && !owner.equals(ROOT))) {
                throw new IOException("the scratch root " + path + " is not safe: " + above
                        + (open ? " can be written to by everybody" : " belongs to another user")
                        + "; name another one");
            }
        }
    }
}
