package dev.construir.queue;

import java.util.Comparator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The name of something in the queue's directory.
 *
 * @param name the whole name
 */
record JobFile(String name) {
    /** The most urgent first, by a name that begins with {@code p1-} to {@code p9-}; every other one has 5. */
    private static final Pattern PRIORITY = Pattern.compile("p([1-9])-.+");

    private static final int USUAL = 5;
    private static final Pattern IMAGE = Pattern.compile("(.+?)((?:\\.img|\\.raw)?(?:\\.xz)?)");

    static final Comparator<JobFile> BY_PRIORITY = Comparator.comparingInt(JobFile::priority);

    /** Tells whether something of that name may be a job: names that begin with a dot, or end in {@code .part}, never are. */
    static boolean isJob(String name) {
        return !name.startsWith(".") && !name.endsWith(".part");
    }

    int priority() {
        Matcher matcher = PRIORITY.matcher(name);
        return matcher.matches() ? Integer.parseInt(matcher.group(1)) : USUAL;
    }

    /** Returns the name without what tells that it is a disk image. */
    String base() {
        Matcher matcher = IMAGE.matcher(name);
        return matcher.matches() ? matcher.group(1) : name;
    }

    /** Returns what {@link #base} leaves out. */
    String extension() {
        return name.substring(base().length());
    }

    /** Returns another with the same base: {@code hello.img}, {@code hello-2.img}, and so on. */
    JobFile numbered(int number) {
        return new JobFile(numbered(base(), number, extension()));
    }

    static String numbered(String base, int number, String extension) {
        return number == 1 ? base + extension : base + "-" + number + extension;
    }

    boolean isCompressed() {
        return name.endsWith(".xz");
    }
}
