package dev.construir.command.sandbox;

import dev.construir.ConstruirException;
import dev.construir.disk.read.ExtractReport;
import dev.construir.ownership.Removal;
import dev.construir.sandbox.Sandbox;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/** Copies between the host and a sandbox as cp does: where a file goes depends on what is there. */
final class SandboxFiles {
    private SandboxFiles() {}

    /**
     * Copies a directory's content to a directory, or a file to a path; to a directory that is there, or a path that
     * ends in a slash, by its name.
     */
    static void copyIn(Sandbox sandbox, Path source, String target)
            throws ConstruirException, IOException, InterruptedException {
        boolean into = !Files.isDirectory(source) && (target.endsWith("/") || isDirectory(sandbox, target));
        sandbox.copyIn(source, into ? target + (target.endsWith("/") ? "" : "/") + source.getFileName() : target);
    }

    /**
     * Copies a directory's content to a directory, or a file to a path; to a directory that is there, or a path that
     * ends in {@code /.}, by its name. A file gets its name when it is complete.
     */
    static ExtractReport copyOut(Sandbox sandbox, String source, Path target)
            throws ConstruirException, IOException, InterruptedException {
        if (isDirectory(sandbox, source)) {
            return sandbox.copyOut(source, target);
        }
        String name = source.substring(source.lastIndexOf('/') + 1);
        boolean named = target.endsWith("."); // as a directory
        boolean into = named || Files.isDirectory(target);
        Path place = resolve(named ? target.resolveSibling(name) : into ? target.resolve(name) : target);
        Path directory = Objects.requireNonNullElse(place.getParent(), place);
        if (into) {
            Files.createDirectories(directory);
        } else if (!Files.isDirectory(directory)) {
            throw new IOException("there is no directory " + directory);
        }
        Path staging = Files.createTempDirectory(directory, ".construir-copy-");
        try {
            ExtractReport report = sandbox.copyOut(source, staging);
            if (isAlone(staging, name)) {
                Files.move(staging.resolve(name), place, StandardCopyOption.ATOMIC_MOVE); // which replaces a file
                return report;
            }
        } finally {
            Removal.removeTree(staging);
        }
        return sandbox.copyOut(source, target); // it is a directory, of which the guest cannot be asked
    }

    /** Returns what a file takes the place of: a link stays, and what it leads to is replaced. */
    private static Path resolve(Path file) throws IOException {
        Path place = Files.isSymbolicLink(file) ? file.toRealPath() : file;
        if (Files.isDirectory(place)) {
            throw new IOException(place + " is a directory, which only a directory can be copied to");
        } else if (Files.exists(place) && !Files.isRegularFile(place)) {
            throw new IOException(place + " is no regular file, and is not replaced");
        }
        return place;
    }

    private static boolean isAlone(Path directory, String name) throws IOException {
        try (Stream<Path> all = Files.list(directory)) {
            List<Path> entries = all.toList();
            return entries.equals(List.of(directory.resolve(name)))
                    && Files.isRegularFile(entries.get(0), LinkOption.NOFOLLOW_LINKS);
        }
    }

    private static boolean isDirectory(Sandbox sandbox, String path) throws ConstruirException, InterruptedException {
        return sandbox.exec("test", "-d", path).run().isSuccess();
    }
}
