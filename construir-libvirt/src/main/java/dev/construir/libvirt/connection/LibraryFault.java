package dev.construir.libvirt.connection;

import java.util.List;
import java.util.Optional;

/** Says why native code cannot be called: JNA's own texts are long, list the class path, and name no cure. */
final class LibraryFault {
    private static final int LONGEST = 160;

    private LibraryFault() {}

    /** Returns a sentence with the cause and the cure. */
    static String describe(LinkageError e) {
        List<String> lines = Optional.ofNullable(e.getMessage())
                .orElse("")
                .lines()
                .map(String::strip)
                .filter(line -> !line.isEmpty())
                .toList();
        if (lines.stream().anyMatch(line -> line.contains("Unable to load library"))) {
            String reason = lines.stream()
                    .filter(line -> line.contains(".so: ") && !line.startsWith("Native library ("))
                    .findFirst()
                    .map(line -> " (" + brief(line) + ")")
                    .orElse("");
            return "libvirt's client library cannot be loaded" + reason + "; install it: apt-get install libvirt0";
        }
        String reason = lines.isEmpty() ? e.getClass().getSimpleName() : brief(lines.get(0));
        return "JNA, which calls libvirt's client library, cannot be used (" + reason
                + "); if the temporary directory is mounted noexec, set JAVA_TOOL_OPTIONS=-Djna.tmpdir=DIR to"
                + " one that is not";
    }

    private static String brief(String line) {
        return line.length() <= LONGEST ? line : line.substring(0, LONGEST) + " ...";
    }
}
