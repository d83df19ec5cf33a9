package dev.construir.command.sandbox;

import dev.construir.ConstruirException;
import dev.construir.text.Reason;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Where a sandbox with a name is found: a directory that only this user can enter, with a socket and a log.
 *
 * @param directory the directory, which is there while the sandbox is
 */
public record NamedSandbox(Path directory) {
    private static final String NAME = "[A-Za-z0-9][A-Za-z0-9-]{0,62}";

    /**
     * Returns the place for a name.
     *
     * @param scratch the directory of this user's machines
     * @param name the name
     * @throws ConstruirException if it is no name for a sandbox
     */
    public static NamedSandbox of(Path scratch, String name) throws ConstruirException {
        if (!name.matches(NAME)) {
            throw new ConstruirException(
                    "\"" + name + "\" is no name for a sandbox; take 1 to 63 letters, digits and '-'");
        }
        return new NamedSandbox(root(scratch).resolve(name));
    }

    /** Returns the places that there are, in the order of their names. */
    public static List<NamedSandbox> all(Path scratch) throws IOException {
        if (!Files.isDirectory(root(scratch))) {
            return List.of();
        }
        try (Stream<Path> names = Files.list(root(scratch))) {
            return names.sorted().map(NamedSandbox::new).toList();
        }
    }

    private static Path root(Path scratch) {
        return scratch.resolve("named");
    }

    /** Returns the name. */
    public String name() {
        return String.valueOf(directory.getFileName());
    }

    /** Returns the file that takes what the keeper has to say. */
    public Path log() {
        return directory.resolve("log");
    }

    private Path socket() {
        return directory.resolve("socket");
    }

    /** Makes the directory. What a killed keeper left is removed. */
    public void claim() throws ConstruirException, IOException {
        Path root = directory.getParent();
        Files.createDirectories(root);
        Files.setPosixFilePermissions(
                root, PosixFilePermissions.fromString("rwx------")); // fails for others' directories
        if (Files.exists(directory, LinkOption.NOFOLLOW_LINKS)) {
            if (isOpen()) {
                throw new ConstruirException(
                        "the sandbox " + name() + " is open already; close it by: construir sandbox close " + name());
            }
            remove();
        }
        Files.createDirectory(
                directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }

    /** Begins to listen. */
    ServerSocketChannel listen() throws IOException {
        return ServerSocketChannel.open(StandardProtocolFamily.UNIX).bind(UnixDomainSocketAddress.of(socket()));
    }

    /** Returns whether a keeper answers. */
    public boolean isOpen() {
        try {
            SocketChannel.open(UnixDomainSocketAddress.of(socket())).close();
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    /** Connects to the keeper. */
    SocketChannel connect() throws ConstruirException {
        try {
            return SocketChannel.open(UnixDomainSocketAddress.of(socket()));
        } catch (IOException e) {
            throw new ConstruirException(
                    "there is no sandbox " + name() + " (" + Reason.of(e) + "); open it by: construir sandbox open "
                            + name(),
                    e);
        }
    }

    /** Removes the directory and its files. */
    public void remove() throws IOException {
        if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        List<Path> files = new ArrayList<>();
        try (Stream<Path> all = Files.list(directory)) {
            all.forEach(files::add);
        }
        for (Path file : files) {
            Files.deleteIfExists(file);
        }
        Files.deleteIfExists(directory);
    }
}
