package dev.construir.command.sandbox;

import dev.construir.ConstruirException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * The place of a sandbox, claimed by its keeper for as long as that lives. Owns the lock and what is there; closing it
 * removes that, all but the last words of a sandbox that ended by itself.
 */
public final class Claim implements AutoCloseable {
    // Others that only look hold the lock for an instant.
    private static final Duration PATIENCE = Duration.ofSeconds(1);
    private static final int POLL_MILLIS = 20;

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
            claim = new Claim(place, hold(place));
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

    private static PlaceLock hold(NamedSandbox place) throws ConstruirException, IOException, InterruptedException {
        long begin = System.nanoTime();
        Optional<PlaceLock> lock = place.hold();
        while (lock.isEmpty()) {
            if (System.nanoTime() - begin > PATIENCE.toNanos()) {
                throw place.taken();
            }
            TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
            lock = place.hold();
        }
        return lock.get();
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
        place.keepLastWords(why);
        ended = true;
    }

    /** Removes what is there, and lets go of the lock. */
    @Override
    public void close() throws IOException {
        try (lock) {
            if (ended) {
                place.clear();
            } else {
                place.clearAll();
            }
        }
    }
}
