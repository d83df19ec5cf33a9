package dev.construir.queue;

import dev.construir.ownership.ProcessIdentity;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * A sign of life of a process that serves a queue, in a small file beside the lock of its claims. Other processes
 * compare the file with its earlier content, never the time in it with their own: clocks of two hosts differ.
 *
 * @param process who wrote it
 * @param host on which host
 * @param boot the boot and process namespace in which the process has its number; empty if unknown
 * @param period how often it is written
 * @param beat counts the signs
 * @param at when it was written, for readers who look at the file
 * @param claims the claims, each as {@code DIRECTORY:ATTEMPT}
 */
record Heartbeat(
        ProcessIdentity process, String host, String boot, Duration period, long beat, Instant at, String claims) {
    /** With a fixed size the file can be overwritten on a full disk. */
    static final int SIZE = 1024;

    private static final String VERSION = "1";
    private static final int LONGEST = 200;

    /** Returns the file's content. */
    byte[] bytes() {
        String text = "version=" + VERSION + "\nprocess=" + process + "\nhost=" + cut(host) + "\nboot=" + cut(boot)
                + "\nperiod=" + period.toMillis() + "\nbeat=" + beat + "\ntime=" + at + "\nclaims=" + cut(claims)
                + "\n";
        byte[] bytes = Arrays.copyOf(text.getBytes(StandardCharsets.US_ASCII), SIZE);
        Arrays.fill(bytes, text.length(), SIZE, (byte) '\n');
        return bytes;
    }

    private static String cut(String value) {
        String line = value.replaceAll("[^ -~]", "?");
        return line.length() <= LONGEST ? line : line.substring(0, LONGEST);
    }

    /** Reads a file's content; empty if it is no heartbeat, or incomplete. */
    static Optional<Heartbeat> parse(byte[] bytes) {
        Map<String, String> fields = new HashMap<>();
        for (String line : new String(bytes, StandardCharsets.US_ASCII).split("\n", -1)) {
            int equals = line.indexOf('=');
            if (equals > 0) {
                fields.put(line.substring(0, equals), line.substring(equals + 1));
            }
        }
        try {
            Optional<ProcessIdentity> process = ProcessIdentity.parse(fields.getOrDefault("process", ""));
            long period = Long.parseLong(fields.getOrDefault("period", ""));
            return VERSION.equals(fields.get("version"))
                            && process.isPresent()
                            && period > 0
                            && period <= QueueOptions.LONGEST_HEARTBEAT.toMillis()
                    ? Optional.of(new Heartbeat(
                            process.get(),
                            fields.getOrDefault("host", ""),
                            fields.getOrDefault("boot", ""),
                            Duration.ofMillis(period),
                            Long.parseLong(fields.getOrDefault("beat", "")),
                            Instant.EPOCH,
                            fields.getOrDefault("claims", "")))
                    : Optional.empty();
        } catch (
                @SuppressWarnings("unused")
                NumberFormatException e) {
            return Optional.empty();
        }
    }

    /** Returns the boot and process namespace in which this process has its number. */
    static String thisBoot() {
        try {
            return Files.readString(Path.of("/proc/sys/kernel/random/boot_id")).strip() + "/"
                    + Files.readSymbolicLink(Path.of("/proc/self/ns/pid"));
        } catch (
                @SuppressWarnings("unused")
                IOException e) {
            return "";
        }
    }
}
