package dev.construir.command;

import dev.construir.DataSize;
import dev.construir.command.disk.PackCommand;
import dev.construir.disk.write.PackOptions.Duplicates;
import dev.construir.job.Limits;
import dev.construir.machine.Architecture;
import dev.construir.machine.Preference;
import dev.construir.machine.Subnet;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads the values of options. */
public final class Converters {
    private static final Pattern DURATION = Pattern.compile(
            "(?:(\\d{1,6})d)?(?:(\\d{1,8})h)?(?:(\\d{1,9})m)?(?:(\\d{1,9})s)?(?:(\\d{1,9})ms)?",
            Pattern.CASE_INSENSITIVE);

    private Converters() {}

    public static void register(CommandLine command) {
        register(command, Duration.class, Converters::duration);
        register(command, DataSize.class, DataSize::parse);
        register(command, Preference.class, text -> word(Preference.class, text));
        register(command, Duplicates.class, text -> word(Duplicates.class, text));
        register(command, PackCommand.Xattrs.class, text -> word(PackCommand.Xattrs.class, text));
        register(command, CompletionCommand.Shell.class, text -> word(CompletionCommand.Shell.class, text));
        register(command, Architecture.class, Architecture::of);
        register(command, BudgetLimits.class, BudgetLimits::parse);
        register(command, Subnet.class, Subnet::parse);
        register(command, Path.class, Converters::path);
    }

    private static <T> void register(CommandLine command, Class<T> type, Function<String, T> reader) {
        command.registerConverter(type, new Converter<>(reader));
    }

    /** Reads {@code 2h}, {@code 90s}, {@code 1h30m}, {@code 500ms}; {@code none} is no limit. */
    static Duration duration(String text) {
        if (text.equalsIgnoreCase("none")) {
            return Limits.UNLIMITED;
        }
        Matcher matcher = DURATION.matcher(text.strip());
        if (text.isBlank() || !matcher.matches()) {
            throw new TypeConversionException(
                    "not a duration: \"" + text + "\"; write numbers and units, for example 2h, 1h30m, 90s or 500ms");
        }
        return Duration.ofDays(part(matcher, 1))
                .plusHours(part(matcher, 2))
                .plusMinutes(part(matcher, 3))
                .plusSeconds(part(matcher, 4))
                .plusMillis(part(matcher, 5));
    }

    private static long part(Matcher matcher, int group) {
        String digits = matcher.group(group);
        return digits == null ? 0 : Long.parseLong(digits);
    }

    /** Takes the names of constants in small letters. */
    private static <E extends Enum<E>> E word(Class<E> type, String text) {
        for (E each : type.getEnumConstants()) {
            if (each.name().equalsIgnoreCase(text)) {
                return each;
            }
        }
        List<String> words = Arrays.stream(type.getEnumConstants())
                .map(each -> each.name().toLowerCase(Locale.ROOT))
                .toList();
        int last = words.size() - 1;
        throw new TypeConversionException(
                String.join(", ", words.subList(0, last)) + " or " + words.get(last) + ", not \"" + text + "\"");
    }

    // In a locale without UTF-8 Java cannot take names of files beyond ASCII from its command line.
    private static Path path(String text) {
        if (text.isEmpty()) {
            throw new TypeConversionException("an empty name names no file");
        }
        try {
            return Path.of(text);
        } catch (InvalidPathException e) {
            throw new TypeConversionException("not a name of a file in this locale ("
                    + System.getProperty("sun.jnu.encoding") + "): \"" + text + "\"; set LC_ALL=C.UTF-8, or rename it");
        }
    }

    /** A class, as lambdas of picocli's interfaces are not among the classes that the launcher keeps. */
    private record Converter<T>(Function<String, T> reader) implements ITypeConverter<T> {
        @Override
        public T convert(String text) {
            try {
                return reader.apply(text);
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException(e.getMessage()); // the only exception whose message picocli shows
            }
        }
    }
}
