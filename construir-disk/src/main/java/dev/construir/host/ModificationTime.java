package dev.construir.host;

import java.io.IOException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A time to set on the host. Java rounds times before 1970 towards zero, so that the host refuses the fraction, and
 * cuts times after 2262 to the last that 64 bits of nanoseconds hold. For these, this calls the C library if available.
 */
public final class ModificationTime {
    private static final long MAX_NANOS_SECONDS = Long.MAX_VALUE / TimeUnit.SECONDS.toNanos(1);

    private final Instant time;
    private final boolean needsCall;
    private final Supplier<Optional<SystemCalls>> available;

    public ModificationTime(Instant time) {
        this(time, SystemCalls::available);
    }

    /**
     * Creates the time.
     *
     * @param available called late, as the first call is slow
     */
    public ModificationTime(Instant time, Supplier<Optional<SystemCalls>> available) {
        this.available = available;
        this.time = time;
        this.needsCall = time.getEpochSecond() < 0 ? time.getNano() != 0 : time.getEpochSecond() >= MAX_NANOS_SECONDS;
    }

    /** Whether a link is followed: the path to an open directory is one. */
    public enum Follow {
        YES,
        NO
    }

    /**
     * Sets both times: to keep one of them, Java would have to ask for it.
     *
     * @param byPath a view that knows nanoseconds
     * @param byStream a view that may know microseconds alone, but takes less time; or null if there is none
     * @return whether the time is right to the microsecond
     */
    public boolean set(
            Path path, Follow follow, BasicFileAttributeView byPath, @Nullable BasicFileAttributeView byStream)
            throws IOException {
        if (needsCall && call(path, follow)) {
            return true;
        }
        Instant rounded = time.getEpochSecond() < 0 ? time.truncatedTo(ChronoUnit.SECONDS) : time;
        FileTime floored = FileTime.from(rounded);
        boolean micros = rounded.equals(rounded.truncatedTo(ChronoUnit.MICROS));
        BasicFileAttributeView view = byStream != null && (micros || needsCall) ? byStream : byPath;
        view.setTimes(floored, floored, null);
        return !needsCall || isSet(view);
    }

    private boolean isSet(BasicFileAttributeView view) throws IOException {
        Instant found = view.readAttributes().lastModifiedTime().toInstant();
        return found.truncatedTo(ChronoUnit.MICROS).equals(time.truncatedTo(ChronoUnit.MICROS));
    }

    private boolean call(Path path, Follow follow) throws IOException {
        Optional<SystemCalls> calls = available.get();
        if (calls.isEmpty()) {
            return false;
        }
        calls.get().setTimes(HostName.ofPath(path), time.getEpochSecond(), time.getNano(), follow == Follow.YES);
        return true;
    }
}
