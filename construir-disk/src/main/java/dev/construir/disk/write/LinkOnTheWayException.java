package dev.construir.disk.write;

import java.io.Serial;
import java.nio.file.NotDirectoryException;

/**
 * A path leads through a symbolic link that is on the disk already: the author of the link decides where that leads.
 */
final class LinkOnTheWayException extends NotDirectoryException {
    @Serial
    private static final long serialVersionUID = 1;

    LinkOnTheWayException(String link) {
        super(link);
    }

    @Override
    public String getReason() {
        return "it is a symbolic link, and nothing is packed through links; unpack the archive with tar, "
                + "and pack the directory";
    }
}
