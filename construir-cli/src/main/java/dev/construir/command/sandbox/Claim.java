package dev.construir.command.sandbox;

import dev.construir.ConstruirException;
import dev.construir.thread.Uninterrupted;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The place of a sandbox, claimed by its keeper for as long as that lives. Owns the lock and what is there; closing it
 * removes that, all but the last words of a sandbox that ended by itself.
 */
public final class Claim implements AutoCloseable {
    private final NamedSandbox place;
    private final PlaceLock lock;
    private boolean ended;

    private Claim(NamedSandbox place, PlaceLock lock) {
        this.place = place;
        this.lock = lock;
    }

    /**
     * Claims a place, and clears what a sandbox has left there that ended.
     *
     * @param place the place
     * @param said the file that takes what this process says; it becomes the log, or is removed
     * @throws ConstruirException if another process holds it
     */
    public static Claim of(NamedSandbox place, Path said) throws ConstruirException, IOException, InterruptedException {
        boolean claimed = false;
        Claim claim = null;
        try {
            claim = new Claim(place, place.hold().orElseThrow(place::taken));
            place.clearForNew();
            Files.move(said, place.log());
            claimed = true;
            return claim;
        } finally {
            if (!claimed) {
                Files.deleteIfExists(said);
                if (claim != null) {
                    claim.close();
                }
            }
        }
    }

    /** Returns the place. */
    NamedSandbox place() {
        return place;
    }

    /** Begins to listen. */
    ServerSocketChannel listen() throws IOException {
        return ServerSocketChannel.open(StandardProtocolFamily.UNIX).bind(place.address());
    }

    /** Says that the sandbox ended by itself, and why. */
    public void ended(String why) throws IOException {
        through(() -> place.keepLastWords(why));
        ended = true;
    }

    /** Removes what is there, and lets go of the lock. An interrupt does not cut that short. */
    @Override
    public void close() throws IOException {
        through(() -> lock.release(ended ? place::clear : place::clearAll));
    }

    // An interrupt closes the channel of a file on which its thread is, and a keeper that ends may get several.
    private static void through(PlaceLock.Work work) throws IOException {
        AtomicReference<@Nullable IOException> failure = new AtomicReference<>();
        Thread thread = new Thread(
                () -> {
                    try {
                        work.perform();
                    } catch (IOException e) {
                        failure.set(e);
                    }
                },
                "construir-keeper-place");
        thread.start();
        Uninterrupted.run(thread::join);
        IOException failed = failure.get();
        if (failed != null) {
            throw failed;
        }
    }
}
