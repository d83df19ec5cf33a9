package dev.construir.run;

import dev.construir.scratch.ScratchDirectory;
import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.stream.Stream;

/** Makes directories that have their name only when they are whole. */
final class NewDirectory {
    private static final String PARTIAL = ".construir-";

    private NewDirectory() {}

    /** What puts the files into a directory. */
    @FunctionalInterface
    interface Filling {
        void write(Path directory) throws IOException, InterruptedException;
    }

    /**
     * Makes a directory, readable by its owner only, under another name beside it, and renames it.
     *
     * @throws FileAlreadyExistsException if there is something of that name that is no directory
     * @throws DirectoryNotEmptyException if there is a directory of that name with something in it
     */
    static void make(Path target, Filling content) throws IOException, InterruptedException {
        Path name = target.toAbsolutePath().normalize();
        checkFree(name);
        Path parent = name.getParent();
        try (ScratchDirectory partial = ScratchDirectory.in(parent == null ? name : parent, PARTIAL)) {
            content.write(partial.path());
            Files.move(partial.path(), name, StandardCopyOption.ATOMIC_MOVE); // takes the place of an empty directory
        }
    }

    private static void checkFree(Path name) throws IOException {
        if (!Files.exists(name, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        if (!Files.isDirectory(name, LinkOption.NOFOLLOW_LINKS)) {
            throw new FileAlreadyExistsException(
                    name.toString(), null, "it exists already and is no directory; name another one");
        }
        try (Stream<Path> entries = Files.list(name)) {
            if (entries.findAny().isPresent()) {
                throw new DirectoryNotEmptyException(name.toString());
            }
        }
    }
}
