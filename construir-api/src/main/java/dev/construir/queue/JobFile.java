package dev.construir.queue;

import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The name of something in the queue's directory.
 *
 * @param name the whole name
 */
record JobFile(String name) {
    /** The most urgent first: names that begin with {@code p1-} to {@code p9-}, and all others as 5. */
    private static final Pattern PRIORITY = Pattern.compile("p([1-9])-.+", Pattern.DOTALL);

    private static final int USUAL = 5;
    private static final Pattern IMAGE = Pattern.compile("(.+?)((?:\\.img|\\.raw)?(?:\\.xz)?)", Pattern.DOTALL);
    /** The endings of a result's other files, which no base name may have. */
    private static final Pattern RESULT = Pattern.compile("\\.(json|log)$");

    private static final String PAST = ".past";
    /** File systems allow 255 bytes; the rest is for the endings of files beside it. */
    private static final int LONGEST = 240;

    private static final int LONGEST_BASE = LONGEST - "-1234567890.img.xz".length();

    static final Comparator<JobFile> BY_PRIORITY = Comparator.comparingInt(JobFile::priority);

    /**
     * Returns whether something of that name may be a job: names that begin with a dot, or end in {@code .part}, never
     * are.
     */
    static boolean isJob(String name) {
        return !name.startsWith(".") && !name.endsWith(".part");
    }

    /** Returns the job whose past a file of this name records, by {@link #past}; empty if it is no such file. */
    static Optional<String> ofPast(String name) {
        return name.startsWith(".") && name.endsWith(PAST) && name.length() > PAST.length() + 1
                ? Optional.of(name.substring(1, name.length() - PAST.length()))
                : Optional.empty();
    }

    /**
     * Returns the name of the file, beside a waiting job, that records its past; empty if that would be too long, as
     * then there is none.
     */
    Optional<String> past() {
        return length(name) > LONGEST ? Optional.empty() : Optional.of("." + name + PAST);
    }

    int priority() {
        Matcher matcher = PRIORITY.matcher(name);
        return matcher.matches() ? Integer.parseInt(matcher.group(1)) : USUAL;
    }

    /** Returns the name without its image ending, cut so that longer names can be made of it. */
    String base() {
        String base = matched(1);
        while (length(base) > LONGEST_BASE) {
            base = base.substring(0, base.offsetByCodePoints(base.length(), -1));
        }
        return RESULT.matcher(base).replaceFirst("-$1");
    }

    /** Returns the ending that marks it as a disk image. */
    String extension() {
        return matched(2);
    }

    private String matched(int group) {
        Matcher matcher = IMAGE.matcher(name);
        if (!matcher.matches()) {
            throw new IllegalStateException("a file without a name");
        }
        return matcher.group(group);
    }

    /**
     * Returns one of many names of the same kind, {@code hello.img}, {@code hello-2.img}, and so on, none of which is
     * too long.
     */
    JobFile numbered(int number) {
        return number == 1 && length(name) <= LONGEST ? this : new JobFile(numbered(number, extension()));
    }

    /** Returns one of many names with the same base. */
    String numbered(int number, String extension) {
        return number == 1 ? base() + extension : base() + "-" + number + extension;
    }

    private static int length(String name) {
        return name.getBytes(StandardCharsets.UTF_8).length;
    }
}
