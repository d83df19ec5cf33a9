package dev.construir.procfs;

import dev.construir.DataSize;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The lines of Linux' text files that hold a size, such as {@code VmHWM:    215040 kB} (proc(5)). */
public final class ProcFile {
    private ProcFile() {}

    /**
     * Finds a size.
     *
     * @param text the file's text
     * @param key what stands before the colon
     * @return the size, or empty if the text does not have it
     */
    public static Optional<DataSize> size(String text, String key) {
        Matcher line = Pattern.compile("(?m)^" + key + ":\\s*(\\d{1,15}) kB$").matcher(text);
        return line.find() ? Optional.of(DataSize.ofKibibytes(Long.parseLong(line.group(1)))) : Optional.empty();
    }
}
