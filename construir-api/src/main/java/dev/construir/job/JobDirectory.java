package dev.construir.job;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Objects;
import java.util.stream.Stream;

/** Checks whether a directory can be a job, before its content is read: that takes long for the root of a host. */
final class JobDirectory {
    private static final String REMEDY = "name a directory with an executable bin/construir";

    private JobDirectory() {}

    /**
     * Refuses a directory without {@code bin/construir}. What is behind links is for the disk to say, or for the guest.
     *
     * @throws NotAJobException if it is no job
     * @throws IOException if it cannot be read
     */
    static void check(Path directory) throws IOException {
        refuseRoot(directory);
        Path bin = directory.resolve("bin");
        boolean ownBin = Files.isDirectory(bin, LinkOption.NOFOLLOW_LINKS);
        if (Files.isDirectory(directory) && (isMissing(bin) || (ownBin && isMissing(bin.resolve("construir"))))) {
            throw new NotAJobException(directory + " is no job: its bin/construir is not there; " + hint(directory));
        }
    }

    /** Refuses the root of the host's file system, by whatever name. */
    static void refuseRoot(Path directory) throws IOException {
        Path root = Objects.requireNonNull(directory.toAbsolutePath().getRoot(), "root");
        if (Files.exists(directory) && Files.isSameFile(directory, root)) {
            throw new NotAJobException(directory + " is no job: it is the root file system of this host; " + REMEDY);
        }
    }

    private static String hint(Path directory) {
        if (Files.exists(directory.resolve("image.properties"))) {
            return "it is a root image: name it by --root, and a job to run on it";
        }
        boolean system =
                Stream.of("usr", "etc", "dev", "var").allMatch(name -> Files.isDirectory(directory.resolve(name)));
        return (system ? "it looks like a root file system: " : "")
                + REMEDY
                + (system ? "" : ", or put an executable file of that name there");
    }

    private static boolean isMissing(Path path) {
        return Files.notExists(path, LinkOption.NOFOLLOW_LINKS);
    }
}
