package dev.construir.examples.documents;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a document shows of a terminal: commands, and what each printed. A block is fenced as {@code console}; a command
 * begins with {@code $} and goes on in lines that begin with {@code >}.
 */
final class Transcript {
    private static final Pattern BLOCK = Pattern.compile("(?ms)^```console\n(.*?)^```$");
    private static final Pattern SET_UP = Pattern.compile("(?m)^(construir: (building|waiting)|build: ).*\n?");

    /**
     * A command and its output.
     *
     * @param script the command, for a shell
     * @param output what it printed, to stdout and stderr
     */
    record Step(String script, String output) {}

    private Transcript() {}

    static List<Step> of(String document) {
        List<Step> steps = new ArrayList<>();
        Matcher block = BLOCK.matcher(document);
        while (block.find()) {
            addTo(steps, block.group(1));
        }
        return steps;
    }

    private static void addTo(List<Step> steps, String block) {
        StringBuilder output = new StringBuilder();
        @Nullable StringBuilder script = null;
        for (String line : block.split("\n")) {
            if (line.startsWith("$ ")) {
                if (script != null) {
                    steps.add(new Step(script.toString(), output.toString()));
                    output.setLength(0);
                }
                script = new StringBuilder(line.substring(2));
            } else if (script == null) {
                throw new IllegalArgumentException("a transcript begins with a command, not with: " + line);
            } else if (line.startsWith("> ")) {
                script.append('\n').append(line.substring(2));
            } else {
                output.append(line).append('\n');
            }
        }
        if (script != null) {
            steps.add(new Step(script.toString(), output.toString()));
        }
    }

    /** Replaces what differs from run to run and from host to host: times, sizes, versions, identities, reasons. */
    static String normalise(String output) {
        return SET_UP.matcher(output)
                .replaceAll("")
                .replaceAll(" on qemu \\S+ \\((kvm|hvf|tcg).*\\)", " on qemu VERSION")
                .replaceAll("\\bjob-[0-9a-f]{12}\\b", "job-ID")
                .replaceAll("\\b\\d+\\.\\d+\\.\\d+-\\d+-cloud-\\w+ \\w+", "KERNEL")
                .replaceAll("\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d", "DATE")
                .replaceAll("\\((waited [^,]*, )?prepared [^)]*\\)", "(TIMES)")
                .replaceAll("\\b\\d+(\\.\\d+)? (bytes|KiB|MiB|GiB)\\b", "SIZE")
                .stripTrailing();
    }
}
