package dev.construir.libvirt.domain;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The user and the group that a file belongs to.
 *
 * @param user the user's number
 * @param group the group's number
 */
public record FileOwner(int user, int group) {
    /**
     * Looks at a file.
     *
     * @param file the file
     * @return its owner
     * @throws IOException if it cannot be looked at
     */
    public static FileOwner of(Path file) throws IOException {
        return new FileOwner(
                (Integer) Files.getAttribute(file, "unix:uid"), (Integer) Files.getAttribute(file, "unix:gid"));
    }
}
