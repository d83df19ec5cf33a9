package dev.construir.ownership;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Identifies a process among all that had or will have its number: process numbers are used again, the pair of number
 * and start time is not.
 *
 * @param pid the process's number
 * @param start when it started: clock ticks since the host's boot where {@code /proc} has them (proc(5), field 22 of
 *     {@code /proc/PID/stat}), else milliseconds since the epoch
 */
public record ProcessIdentity(long pid, long start) {
    private static final Pattern TEXT = Pattern.compile("(\\d{1,10})-(\\d{1,19})");
    private static final int START_TIME_FIELD = 22;

    /**
     * Returns the identity of this process.
     *
     * @return the identity
     */
    public static ProcessIdentity current() {
        long pid = ProcessHandle.current().pid();
        return of(pid).orElseGet(() -> new ProcessIdentity(pid, 0));
    }

    /**
     * Finds the identity of a process.
     *
     * @param pid its number
     * @return its identity, or empty if there is no such process any more; one that ended but was not waited for yet
     *     has ended
     */
    public static Optional<ProcessIdentity> of(long pid) {
        Path stat = Path.of("/proc/" + pid + "/stat");
        try {
            return fromStat(pid, Files.readString(stat, StandardCharsets.ISO_8859_1));
        } catch (IOException e) {
            if (Files.isReadable(Path.of("/proc/self/stat"))) {
                return Optional.empty();
            }
            return ProcessHandle.of(pid)
                    .flatMap(p -> p.info().startInstant())
                    .map(at -> new ProcessIdentity(pid, at.toEpochMilli()));
        }
    }

    /**
     * Reads an identity that {@link #toString} wrote.
     *
     * @param text the text
     * @return the identity, or empty if the text is none
     */
    public static Optional<ProcessIdentity> parse(String text) {
        Matcher matcher = TEXT.matcher(text.strip());
        try {
            return matcher.matches()
                    ? Optional.of(
                            new ProcessIdentity(Long.parseLong(matcher.group(1)), Long.parseLong(matcher.group(2))))
                    : Optional.empty();
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }

    /**
     * Returns whether this process still runs.
     *
     * @return whether it runs
     */
    public boolean isAlive() {
        return of(pid).filter(this::equals).isPresent();
    }

    /** Returns number and start time as {@link #parse} reads them. */
    @Override
    public String toString() {
        return pid + "-" + start;
    }

    // "42 (name that may hold anything) S 1 ...": what follows the last parenthesis starts with field 3
    static Optional<ProcessIdentity> fromStat(long pid, String stat) {
        String[] fields = stat.substring(stat.lastIndexOf(')') + 1).strip().split(" ", -1);
        if (fields.length <= START_TIME_FIELD - 3) {
            return Optional.empty();
        }
        boolean ended = fields[0].equals("Z") || fields[0].equals("X");
        return ended
                ? Optional.empty()
                : Optional.of(new ProcessIdentity(pid, Long.parseLong(fields[START_TIME_FIELD - 3])));
    }
}
