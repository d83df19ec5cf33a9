package dev.construir.queue;

import dev.construir.ConstruirException;
import dev.construir.DataSize;
import dev.construir.job.Job;
import dev.construir.job.Limits;
import dev.construir.job.Resources;
import dev.construir.machine.Network;
import dev.construir.text.ControlCharacters;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a queued job asks for in its file {@value #FILE}: limits, resources, a network, variables. The file is
 * untrusted: it is bounded in size and parsed strictly, and {@link #applyTo} grants nothing beyond what the operator
 * allows.
 *
 * <p>A line is {@code KEY = VALUE}; lines that begin with {@code #} are comments. The keys are {@code timeout}, {@code
 * boot-timeout}, {@code idle-timeout}, {@code output}, {@code cpus}, {@code memory}, {@code disk}, {@code network} and
 * {@code env.NAME}.
 *
 * <p>Immutable.
 *
 * @since 0.1
 */
public final class JobSettings {
    /** Where the file is on a job's disk or in its directory. */
    public static final String FILE = "bin/construir.properties";

    /** The most that the file may have, in bytes. */
    public static final int LARGEST = 16 << 10;

    private static final int MOST_LINES = 500;
    private static final int SHOWN = 40;
    private static final String VARIABLE = "env.";
    private static final Set<String> KEYS =
            Set.of("timeout", "boot-timeout", "idle-timeout", "output", "cpus", "memory", "disk", "network");
    private static final Pattern VARIABLE_NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]{0,99}");
    private static final Pattern DURATION = Pattern.compile("(?:(\\d{1,4})h)?(?:(\\d{1,6})m)?(?:(\\d{1,8})s)?");
    private static final Pattern NUMBER = Pattern.compile("\\d{1,4}");

    private final Map<String, String> values;

    private JobSettings(Map<String, String> values) {
        this.values = values;
    }

    /**
     * Reads the content of the file.
     *
     * @param content the bytes
     * @return the settings, whose values are checked by {@link #applyTo}
     * @throws ConstruirException if it is not UTF-8, larger than {@link #LARGEST}, or a line is wrong; the message
     *     names the line
     */
    public static JobSettings parse(byte[] content) throws ConstruirException {
        if (content.length > LARGEST) {
            throw new ConstruirException(FILE + " is larger than " + DataSize.ofBytes(LARGEST));
        }
        Map<String, String> values = new TreeMap<>();
        List<String> lines = text(content).lines().limit(MOST_LINES + 1L).toList();
        if (lines.size() > MOST_LINES) {
            throw new ConstruirException(FILE + " has more than " + MOST_LINES + " lines");
        }
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i).strip();
            if (!line.isEmpty() && !line.startsWith("#")) {
                put(values, line, FILE + ", line " + (i + 1));
            }
        }
        return new JobSettings(values);
    }

    private static String text(byte[] content) throws ConstruirException {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(content))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new ConstruirException(FILE + " is no text in UTF-8", e);
        }
    }

    private static void put(Map<String, String> values, String line, String place) throws ConstruirException {
        int equals = line.indexOf('=');
        if (equals < 0) {
            throw new ConstruirException(place + ": no setting; write KEY = VALUE, or begin a comment with #");
        }
        String key = line.substring(0, equals).strip();
        String value = line.substring(equals + 1).strip();
        if (key.startsWith(VARIABLE)) {
            String name = key.substring(VARIABLE.length());
            if (!VARIABLE_NAME.matcher(name).matches() || name.startsWith("CONSTRUIR")) {
                throw new ConstruirException(place + ": no name of a variable that a job can set: " + shown(name));
            }
        } else if (!KEYS.contains(key)) {
            throw new ConstruirException(
                    place + ": there is no setting " + shown(key) + "; see docs/howto/job-settings.md");
        }
        if (value.chars().anyMatch(Character::isISOControl)) {
            throw new ConstruirException(place + ": a value has no control characters");
        }
        if (values.putIfAbsent(key, value) != null) {
            throw new ConstruirException(place + ": " + key + " is set twice");
        }
    }

    private static String shown(String text) {
        String brief = text.length() <= SHOWN ? text : text.substring(0, SHOWN) + "...";
        return "\"" + ControlCharacters.escape(brief, " ") + "\"";
    }

    /**
     * Returns the job with what it asks for.
     *
     * @param job the job, with what jobs have that ask for nothing
     * @param bounds what is allowed
     * @return the job as it is run
     * @throws ConstruirException if a value is wrong, or beyond what is allowed; the message names both
     */
    public Job applyTo(Job job, JobBounds bounds) throws ConstruirException {
        Objects.requireNonNull(bounds, "bounds");
        Limits limits = limits(job.limits(), bounds.limits());
        Resources resources = resources(job.resources(), bounds.resources());
        Network network = network(job.network(), bounds.network());
        Map<String, String> variables = variables();
        Job own = variables.isEmpty() ? job : new EnvironmentJob(job, variables);
        return own.withLimits(limits).withResources(resources).withNetwork(network);
    }

    private Limits limits(Limits usual, Limits most) throws ConstruirException {
        Limits limits = usual.withTotal(duration("timeout", usual.total(), most.total()))
                .withIdle(duration("idle-timeout", usual.idle(), most.idle()))
                .withOutput(value("output", usual.output(), most.output(), DataSize::parse));
        Duration boot = duration("boot-timeout", limits.boot(), most.boot());
        return limits.withBoot(boot.compareTo(limits.total()) > 0 ? limits.total() : boot);
    }

    private Resources resources(Resources usual, Resources most) throws ConstruirException {
        int cpus = value("cpus", usual.cpus(), most.cpus(), JobSettings::number);
        DataSize memory = value("memory", usual.memory(), most.memory(), DataSize::parse);
        DataSize disk = value("disk", usual.disk(), most.disk(), DataSize::parse);
        try {
            return new Resources(cpus, memory, disk);
        } catch (IllegalArgumentException e) {
            throw new ConstruirException(FILE + ": " + e.getMessage(), e);
        }
    }

    private Network network(Network usual, boolean allowed) throws ConstruirException {
        String wanted = values.getOrDefault("network", "");
        return switch (wanted) {
            case "" -> usual;
            case "false" -> Network.NONE;
            case "true" -> {
                if (!allowed && !usual.outbound()) {
                    throw new ConstruirException(FILE + " asks for a network, and this queue allows none");
                }
                yield usual.outbound() ? usual : Network.OUTBOUND;
            }
            default -> throw new ConstruirException(FILE + ": network is true or false, not " + shown(wanted));
        };
    }

    private Map<String, String> variables() {
        Map<String, String> variables = new TreeMap<>();
        values.forEach((key, value) -> {
            if (key.startsWith(VARIABLE)) {
                variables.put(key.substring(VARIABLE.length()), value);
            }
        });
        return variables;
    }

    private Duration duration(String key, Duration usual, Duration most) throws ConstruirException {
        Duration wanted = value(key, usual, most, JobSettings::duration);
        if (wanted.isZero()) {
            throw new ConstruirException(FILE + ": " + key + " is more than zero");
        }
        return wanted;
    }

    private <T extends Comparable<T>> T value(String key, T usual, T most, Function<String, T> reader)
            throws ConstruirException {
        Optional<String> text = Optional.ofNullable(values.get(key));
        if (text.isEmpty()) {
            return usual;
        }
        T wanted;
        try {
            wanted = reader.apply(text.get());
        } catch (IllegalArgumentException e) {
            throw new ConstruirException(
                    FILE + ": " + key + " has no value that is understood: " + shown(text.get()), e);
        }
        if (wanted.compareTo(most) > 0 && wanted.compareTo(usual) > 0) {
            throw new ConstruirException(FILE + " asks for " + key + " = " + shown(text.get())
                    + ", and this queue allows " + written(most) + " at most");
        }
        return wanted;
    }

    private static String written(Object value) {
        return value instanceof Duration time ? time.toSeconds() + "s" : value.toString();
    }

    private static int number(String text) {
        if (!NUMBER.matcher(text).matches()) {
            throw new IllegalArgumentException("no number");
        }
        return Integer.parseInt(text);
    }

    private static Duration duration(String text) {
        Matcher matcher = DURATION.matcher(text);
        if (text.isEmpty() || !matcher.matches()) {
            throw new IllegalArgumentException("no duration");
        }
        return Duration.ofHours(part(matcher, 1)).plusMinutes(part(matcher, 2)).plusSeconds(part(matcher, 3));
    }

    private static long part(Matcher matcher, int group) {
        String digits = matcher.group(group);
        return digits == null ? 0 : Long.parseLong(digits);
    }

    /** Returns the keys in alphabetical order. */
    @Override
    public String toString() {
        return "settings of a job: " + values.keySet();
    }
}
