package dev.construir.guest;

import dev.construir.disk.DiskEntry;
import dev.construir.disk.FileSystemInfo.State;
import dev.construir.disk.read.DiskReader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the guest left in {@code /construir.status} on the job disk: lines of {@code key=value}, padded to 512 bytes.
 * Anything that is not exactly the end of this very run is a fault.
 */
public sealed interface JobStatus {
    /** Where the status is on the disk. */
    String PATH = "/construir.status";

    /** How long it is, in bytes. */
    int SIZE = 512;

    /**
     * The job's process exited.
     *
     * @param code 0 to 255
     */
    record ExitedWith(int code) implements JobStatus {}

    /**
     * The job's process was killed by a signal.
     *
     * @param signal 1 to 64
     */
    record EndedBySignal(int signal) implements JobStatus {}

    /**
     * There is no telling how the job ended.
     *
     * @param why what is wrong with the status
     * @param detail details, for messages; may be empty
     */
    record Faulty(Damage why, String detail) implements JobStatus {
        /**
         * Creates a fault without details.
         *
         * @param why what is wrong with the status
         */
        public Faulty(Damage why) {
            this(why, "");
        }
    }

    /** What can be wrong with a status. */
    enum Damage {
        /** There is none. */
        MISSING,
        /** The job was started, and its end was not recorded. */
        UNFINISHED,
        /** It belongs to another run. */
        STALE,
        /** It is no whole status. */
        TORN,
        /** It reports an end, on a disk whose journal was not replayed: no guest that ended in order leaves that. */
        NOT_UNMOUNTED,
        /** The disk cannot be read. */
        UNREADABLE_DISK
    }

    /**
     * Reads the status on a job disk. Never throws: a disk that cannot be read is one of the faults.
     *
     * @param disk the disk's file
     * @param serial the serial of this run's disk
     * @return the status
     */
    static JobStatus on(Path disk, String serial) {
        try (DiskReader reader = DiskReader.open(disk)) {
            Optional<DiskEntry> entry = reader.find(PATH);
            if (entry.isEmpty()) {
                return new Faulty(Damage.MISSING);
            }
            if (entry.get().kind() != DiskEntry.Kind.FILE || entry.get().size() != SIZE) {
                return new Faulty(Damage.TORN);
            }
            try (InputStream in = reader.open(PATH)) {
                JobStatus status = parse(in.readNBytes(SIZE), serial);
                // What the job left may stand in the journal, where it is not found: an end that promises results is
                // none.
                return !(status instanceof Faulty) && reader.info().state() == State.JOURNAL_NOT_REPLAYED
                        ? new Faulty(Damage.NOT_UNMOUNTED)
                        : status;
            }
        } catch (IOException e) {
            return new Faulty(Damage.UNREADABLE_DISK, String.valueOf(e.getMessage()));
        }
    }

    /**
     * Reads the bytes of a status.
     *
     * @param bytes the content of the file
     * @param serial the serial of this run's disk
     * @return the status
     */
    static JobStatus parse(byte[] bytes, String serial) {
        if (bytes.length != SIZE) {
            return new Faulty(Damage.TORN);
        }
        Map<String, String> values = new HashMap<>();
        for (String line :
                new String(bytes, StandardCharsets.ISO_8859_1).strip().split("\n", -1)) {
            int equals = line.indexOf('=');
            if (equals < 1 || values.put(line.substring(0, equals), line.substring(equals + 1)) != null) {
                return new Faulty(Damage.TORN);
            }
        }
        String run = values.remove("run");
        String state = values.remove("state");
        if (run == null || state == null) {
            return new Faulty(Damage.TORN);
        }
        if (!run.equals(serial)) {
            return new Faulty(Damage.STALE);
        }
        if (state.equals("started")) {
            return new Faulty(Damage.UNFINISHED);
        }
        return state.equals("ended") ? ended(values) : new Faulty(Damage.TORN);
    }

    private static JobStatus ended(Map<String, String> values) {
        OptionalInt exit = number(values.get("exit"), 0, 255);
        OptionalInt signal = number(values.get("signal"), 1, 64);
        if (values.size() != 1 || exit.isPresent() == signal.isPresent()) {
            return new Faulty(Damage.TORN);
        }
        return exit.isPresent() ? new ExitedWith(exit.getAsInt()) : new EndedBySignal(signal.getAsInt());
    }

    private static OptionalInt number(@org.jspecify.annotations.Nullable String text, int min, int max) {
        Matcher matcher = Pattern.compile("\\d{1,3}").matcher(text == null ? "" : text);
        if (!matcher.matches()) {
            return OptionalInt.empty();
        }
        int value = Integer.parseInt(matcher.group());
        return value < min || value > max ? OptionalInt.empty() : OptionalInt.of(value);
    }
}
