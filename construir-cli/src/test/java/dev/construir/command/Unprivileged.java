package dev.construir.command;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Programs that take from root what makes it exempt, for a command that follows; an ordinary user needs none (setpriv,
 * prlimit: util-linux).
 */
final class Unprivileged {
    private static final int NOBODY_ELSE = 123_456; // a user without other processes, so that all that count are ours
    private static final String FILES_OF_ALL =
            "-all,+dac_override,+dac_read_search"; // of a checkout in root's home too
    private static final Pattern STATUS = Pattern.compile("(?s)\\nUid:\\t(\\d+)\\t.*\\nThreads:\\t(\\d+)\\n");

    private Unprivileged() {}

    /** A user who must keep to the modes of files. */
    static List<String> byModes() throws IOException {
        return uid() == 0 ? List.of("setpriv", "--inh-caps=-all", "--bounding-set=-all") : List.of();
    }

    /** A user who may have that many processes and threads. */
    static List<String> withTasks(int most) throws IOException {
        if (uid() != 0) {
            return List.of("prlimit", "--nproc=" + (tasksOf(uid()) + most));
        }
        List<String> words = new ArrayList<>(List.of("setpriv", "--reuid=" + NOBODY_ELSE, "--clear-groups"));
        words.add("--securebits=+no_setuid_fixup"); // access(2) heeds what is left of the capabilities then
        words.addAll(List.of("--inh-caps=" + FILES_OF_ALL, "--ambient-caps=" + FILES_OF_ALL));
        words.addAll(List.of("prlimit", "--nproc=" + most));
        return words;
    }

    private static int uid() throws IOException {
        return (Integer) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
    }

    private static int tasksOf(int uid) throws IOException {
        int tasks = 0;
        try (Stream<Path> processes = Files.list(Path.of("/proc"))) {
            for (Path process : processes.filter(Files::isDirectory).toList()) {
                Matcher status = STATUS.matcher(status(process));
                if (status.find() && Integer.parseInt(status.group(1)) == uid) {
                    tasks += Integer.parseInt(status.group(2));
                }
            }
        }
        return tasks;
    }

    private static String status(Path process) {
        try {
            return Files.readString(process.resolve("status"), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            return ""; // no process, or one that has ended
        }
    }
}
