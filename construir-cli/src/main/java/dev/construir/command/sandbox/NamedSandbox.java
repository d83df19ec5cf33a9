package dev.construir.command.sandbox;

import dev.construir.ConstruirException;
import dev.construir.command.sandbox.UnservedException.State;
import dev.construir.scratch.Scratch;
import dev.construir.text.Reason;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Where a sandbox with a name is found: a directory that no other user can write to or replace, with the keeper's lock,
 * its socket and its log; when it ended by itself, with its last words.
 *
 * @param directory the directory, below a real path that was found safe
 */
public record NamedSandbox(Path directory) {
    static final FileAttribute<Set<PosixFilePermission>> OWN_FILE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
    private static final FileAttribute<Set<PosixFilePermission>> OWN_DIRECTORY =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
    private static final String NAME = "[A-Za-z0-9][A-Za-z0-9-]{0,62}";
    private static final String ROOT = "named";
    /** What Java takes; the kernel takes one byte more. */
    private static final int LONGEST_SOCKET = 106;

    private static final int LONGEST_WORDS = 2000;

    /**
     * Returns the place of a sandbox that is there, or was.
     *
     * @param scratch the directory of this user's machines
     * @param name the name
     * @throws ConstruirException if there is none, or it can be none
     * @throws IOException if another user could have made it
     */
    public static NamedSandbox of(Path scratch, String name) throws ConstruirException, IOException {
        checkName(name);
        Optional<Path> root = root(scratch);
        if (root.isPresent()) {
            NamedSandbox place = new NamedSandbox(root.get().resolve(name));
            if (Scratch.find(place.directory()).isPresent()) {
                place.checkLength();
                return place;
            }
        }
        throw new ConstruirException("there is no sandbox " + name + "; open it by: construir sandbox open " + name);
    }

    /**
     * Returns the place for a sandbox, which need not be there, and makes the directories above it.
     *
     * @param scratch the directory of this user's machines
     * @param name the name
     * @throws ConstruirException if it can be none, or its socket's path would be too long
     * @throws IOException if another user could have made the directories, or change them
     */
    public static NamedSandbox forNew(Path scratch, String name) throws ConstruirException, IOException {
        checkName(name);
        Path above = safe(scratch.toAbsolutePath().normalize());
        NamedSandbox place = new NamedSandbox(safe(above.resolve(ROOT)).resolve(name));
        Optional<Path> unused = Scratch.find(place.directory()); // refuses one that is not ours
        place.checkLength();
        return place;
    }

    /** Returns the places that there are, in the order of their names. */
    public static List<NamedSandbox> all(Path scratch) throws IOException {
        Optional<Path> root = root(scratch);
        if (root.isEmpty()) {
            return List.of();
        }
        List<NamedSandbox> all = new ArrayList<>();
        try (Stream<Path> names = Files.list(root.get())) {
            for (Path directory : names.sorted().toList()) {
                String name = String.valueOf(directory.getFileName());
                if (name.matches(NAME) && Scratch.find(directory).isPresent()) {
                    all.add(new NamedSandbox(directory));
                }
            }
        }
        return all;
    }

    private static void checkName(String name) throws ConstruirException {
        if (!name.matches(NAME)) {
            throw new ConstruirException(
                    "\"" + name + "\" is no name for a sandbox; take 1 to 63 letters, digits and '-'");
        }
    }

    private static Optional<Path> root(Path scratch) throws IOException {
        Optional<Path> above = Scratch.find(scratch);
        return above.isEmpty() ? above : Scratch.find(above.get().resolve(ROOT));
    }

    private static Path safe(Path directory) throws IOException {
        if (!Files.exists(directory, LinkOption.NOFOLLOW_LINKS)) {
            Files.createDirectories(directory, OWN_DIRECTORY);
        }
        return Scratch.find(directory).orElseThrow(() -> new NoSuchFileException(directory.toString()));
    }

    private void checkLength() throws ConstruirException {
        Charset encoding = Charset.forName(System.getProperty("sun.jnu.encoding", "UTF-8"));
        int length = socket().toString().getBytes(encoding).length;
        if (length > LONGEST_SOCKET) {
            throw new ConstruirException("the path of a sandbox's socket has at most " + LONGEST_SOCKET + " bytes, and "
                    + socket() + " has " + length + "; name a directory with a shorter path by --scratch");
        }
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

    Path lock() {
        return directory.resolve("lock");
    }

    private Path end() {
        return directory.resolve("end");
    }

    SocketAddress address() {
        return UnixDomainSocketAddress.of(socket());
    }

    /**
     * Makes a file for what a keeper says until it holds the place, as only then there is one for its log.
     *
     * @return the file, which {@link Claim} moves or the caller removes
     */
    public Path newLog() throws IOException {
        return Files.createTempFile(directory.resolveSibling(""), ".opening-" + name() + "-", ".log", OWN_FILE);
    }

    /**
     * Refuses a sandbox that is open, or being opened. That it passes promises nothing: only a {@link Claim} does.
     *
     * @throws ConstruirException if it is there
     */
    public void checkFree() throws ConstruirException, IOException {
        if (PlaceLock.isHeld(lock())) {
            throw taken();
        }
    }

    /** Returns why it cannot be claimed while another holds the lock. */
    ConstruirException taken() {
        return Files.exists(socket(), LinkOption.NOFOLLOW_LINKS)
                ? new ConstruirException(
                        "the sandbox " + name() + " is open already; close it by: construir sandbox close " + name())
                : busy(null);
    }

    private UnservedException busy(@Nullable Throwable cause) {
        return new UnservedException(
                name(), State.BUSY, "is being opened, or closed; try again when that is done", cause);
    }

    /**
     * Takes the lock, and makes the directory for it.
     *
     * @return the lock; empty if another holds it
     */
    Optional<PlaceLock> hold() throws IOException {
        return PlaceLock.take(lock(), () -> {
            if (!Files.exists(directory, LinkOption.NOFOLLOW_LINKS)) {
                Files.createDirectory(directory, OWN_DIRECTORY);
            }
            Path unused = Scratch.find(directory).orElse(directory); // refuses what is not ours
        });
    }

    /**
     * Connects a channel to the keeper, which is of this user.
     *
     * @throws UnservedException if there is none
     * @throws ClosedChannelException if the channel was closed meanwhile
     */
    void connect(SocketChannel channel) throws ConstruirException, ClosedChannelException {
        try {
            boolean unused = channel.connect(address());
            Peer.check(channel, Files.getOwner(directory, LinkOption.NOFOLLOW_LINKS));
        } catch (ClosedChannelException e) {
            throw e;
        } catch (Peer.ForeignException e) {
            throw new UnservedException(
                    name(),
                    State.REFUSED,
                    "is served by " + e.getMessage() + ", which is not used; see " + directory,
                    e);
        } catch (IOException e) {
            throw unserved(e);
        }
    }

    /** Returns why nobody answers. */
    private ConstruirException unserved(IOException cause) {
        try {
            String last = lastWords();
            if (!last.isEmpty()) {
                return new UnservedException(name(), State.ENDED, "ended: " + last, cause);
            } else if (PlaceLock.isHeld(lock())) {
                return busy(cause);
            } else if (!Files.exists(directory, LinkOption.NOFOLLOW_LINKS)) {
                return new ConstruirException(
                        "there is no sandbox " + name() + "; open it by: construir sandbox open " + name(), cause);
            } else if (!(cause instanceof java.net.ConnectException) && Files.exists(socket())) {
                return new UnservedException(name(), State.REFUSED, "cannot be reached: " + Reason.of(cause), cause);
            }
            return new UnservedException(name(), State.ENDED, "ended: its keeper was killed", cause);
        } catch (IOException e) {
            cause.addSuppressed(e);
            return new UnservedException(name(), State.REFUSED, "cannot be reached: " + Reason.of(cause), cause);
        }
    }

    /** Returns that it does not answer, and who should. */
    UnservedException silent(long seconds, @Nullable Throwable cause) {
        String who = PlaceLock.holder(lock())
                .map(process -> "; its keeper is process " + process + ", which can be killed")
                .orElse("");
        return new UnservedException(name(), State.SILENT, "does not answer within " + seconds + " s" + who, cause);
    }

    /** Returns why a sandbox ended by itself; empty if it did not. */
    private String lastWords() throws IOException {
        try (var in = Files.newInputStream(end(), LinkOption.NOFOLLOW_LINKS)) {
            return new String(in.readNBytes(LONGEST_WORDS), StandardCharsets.UTF_8).strip();
        } catch (
                @SuppressWarnings("unused")
                NoSuchFileException e) {
            return "";
        }
    }

    /** Keeps why it ends, for who asks next. Called by the lock's holder. */
    void keepLastWords(String why) throws IOException {
        String words = why.length() > LONGEST_WORDS / 4 ? why.substring(0, LONGEST_WORDS / 4) + "..." : why;
        Files.deleteIfExists(end());
        Files.writeString(Files.createFile(end(), OWN_FILE), words);
    }

    /** Removes what a keeper makes, other than the lock and last words. Called by the lock's holder. */
    void clear() throws IOException {
        Files.deleteIfExists(socket());
        Files.deleteIfExists(log());
    }

    /** The same, with the last words of the sandbox before. */
    void clearForNew() throws IOException {
        clear();
        Files.deleteIfExists(end());
    }

    /** Removes what a keeper makes, and the lock; what is not of it stays. Called by the lock's holder. */
    void clearAll() throws IOException {
        clearForNew();
        Files.deleteIfExists(lock());
        try {
            Files.deleteIfExists(directory);
        } catch (
                @SuppressWarnings("unused")
                DirectoryNotEmptyException e) {
            // the next one is being opened there, or somebody put something in
        }
    }

    /**
     * Removes what a sandbox left that has ended.
     *
     * @throws ConstruirException if it has not: it is being opened or closed
     */
    public void remove() throws ConstruirException, IOException {
        hold().orElseThrow(() -> busy(null)).release(this::clearAll);
    }

    /** Returns its name. */
    @Override
    public String toString() {
        return name();
    }
}
