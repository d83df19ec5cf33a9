package dev.construir.command.disk;

import dev.construir.ownership.ProcessIdentity;
import dev.construir.ownership.Removal;
import dev.construir.scratch.Scratch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;

/**
 * The name that a file or directory has beside its own until it is whole. It is noted in the scratch directory of this
 * user, so that the next command that makes something removes what a killed one left, wherever that is.
 */
final class PartialFile implements AutoCloseable {
    private static final String MARK = ".part-";
    private static final String NOTE = "path";

    private final Path path;
    private final Optional<Scratch> note; // with a lock that the kernel drops

    private PartialFile(Path path, Optional<Scratch> note) {
        this.path = path;
        this.note = note;
    }

    /** Returns a name beside another one, which nothing has yet. */
    static PartialFile beside(Path target) {
        Path name = target.toAbsolutePath();
        Path partial = name.resolveSibling("." + name.getFileName() + MARK + ProcessIdentity.current());
        return new PartialFile(partial, note(partial));
    }

    // Without a note as well it is made: only its remains would stay.
    private static Optional<Scratch> note(Path partial) {
        try {
            Scratch place = Scratch.open(Scratch.defaultRoot().resolve("partial"), PartialFile::inherit);
            boolean noted = false;
            try {
                Files.writeString(place.directory("file").path().resolve(NOTE), partial.toString());
                noted = true;
                return Optional.of(place);
            } finally {
                if (!noted) {
                    place.close();
                }
            }
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private static void inherit(Path leftover) throws IOException {
        Path note = leftover.resolve(NOTE);
        if (!Files.isRegularFile(note, LinkOption.NOFOLLOW_LINKS)) {
            return; // it was killed before
        }
        Path partial = Path.of(Files.readString(note));
        String owner = Objects.requireNonNull(leftover.getParent(), "owner")
                .getFileName()
                .toString();
        int mark = partial.toString().lastIndexOf(MARK);
        if (mark >= 0 && owner.startsWith(partial.toString().substring(mark + MARK.length()) + "-")) {
            Removal.delete(partial);
        }
    }

    Path path() {
        return path;
    }

    /** Removes what has still this name. */
    @Override
    public void close() throws IOException {
        try {
            Removal.delete(path);
        } finally {
            note.ifPresent(Scratch::close);
        }
    }
}
