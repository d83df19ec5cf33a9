package dev.construir.testkit;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** As much of a small system as the contract of sandboxes asks for: a few programs and a shell without pipes or loops. */
final class TinyPrograms {
    private static final Map<String, FakeProgram> ALL = Map.ofEntries(
            Map.entry("sh", TinyPrograms::sh),
            Map.entry("cat", TinyPrograms::cat),
            Map.entry("echo", TinyPrograms::echo),
            Map.entry("true", process -> 0),
            Map.entry("false", process -> 1),
            Map.entry("sleep", TinyPrograms::sleep),
            Map.entry("head", TinyPrograms::head),
            Map.entry("wc", TinyPrograms::wc),
            Map.entry("pwd", TinyPrograms::pwd),
            Map.entry("env", TinyPrograms::env),
            Map.entry("mkdir", TinyPrograms::mkdir),
            Map.entry("ls", TinyPrograms::ls));

    private TinyPrograms() {}

    static FakeSandboxGuest guest() {
        FakeSandboxGuest.Builder builder = FakeSandboxGuest.builder();
        ALL.forEach(builder::program);
        return builder.build();
    }

    private static int echo(FakeProcess process) throws IOException {
        List<String> arguments = process.arguments();
        process.print(String.join(" ", arguments.subList(1, arguments.size())) + "\n");
        return 0;
    }

    private static int cat(FakeProcess process) throws IOException {
        if (process.arguments().size() == 1) {
            process.stdin().transferTo(process.stdout());
            return 0;
        }
        for (String path : process.arguments().subList(1, process.arguments().size())) {
            while (path.equals("/dev/zero")) {
                process.stdout().write(new byte[8192]);
            }
            process.stdout().write(process.files().read(process.resolve(path)));
        }
        return 0;
    }

    private static int sleep(FakeProcess process) throws InterruptedException {
        Thread.sleep((long) (1000 * Double.parseDouble(process.arguments().get(1))));
        return 0;
    }

    /** head -c N [/dev/zero]. */
    private static int head(FakeProcess process) throws IOException {
        int left = Integer.parseInt(process.arguments().get(2));
        boolean zeros = process.arguments().size() > 3;
        while (left > 0) {
            int piece = Math.min(left, 8192);
            byte[] bytes = zeros ? new byte[piece] : process.stdin().readNBytes(piece);
            if (bytes.length == 0) {
                return 0;
            }
            process.stdout().write(bytes);
            left -= bytes.length;
        }
        return 0;
    }

    /** wc -c [FILE]. */
    private static int wc(FakeProcess process) throws IOException {
        if (process.arguments().size() > 2) {
            String path = process.arguments().get(2);
            process.print(process.files().read(process.resolve(path)).length + " " + path + "\n");
            return 0;
        }
        byte[] buffer = new byte[8192];
        long count = 0;
        for (int read = process.stdin().read(buffer);
                read >= 0;
                read = process.stdin().read(buffer)) {
            count += read;
        }
        process.print(count + "\n");
        return 0;
    }

    private static int pwd(FakeProcess process) throws IOException {
        process.print(process.directory() + "\n");
        return 0;
    }

    private static int env(FakeProcess process) throws IOException {
        for (Map.Entry<String, String> variable : process.environment().entrySet()) {
            process.print(variable.getKey() + "=" + variable.getValue() + "\n");
        }
        return 0;
    }

    /** mkdir -p DIRECTORY. */
    private static int mkdir(FakeProcess process) throws IOException {
        process.files().makeDirectories(process.resolve(process.arguments().get(2)));
        return 0;
    }

    private static int ls(FakeProcess process) throws IOException {
        String path = process.resolve(process.arguments().get(1));
        for (String name : process.files().list(path)) {
            process.print(name + "\n");
        }
        return 0;
    }

    private static int sh(FakeProcess process) throws IOException, InterruptedException {
        List<String> arguments = process.arguments();
        boolean inPlace = arguments.get(1).equals("-c");
        String script = inPlace ? arguments.get(2) : process.files().readText(process.resolve(arguments.get(1)));
        int status = 0;
        for (String command : script.split("[;\n]")) {
            String text = command.strip();
            if (text.startsWith("exit")) {
                return Integer.parseInt(text.substring(4).strip());
            } else if (!text.isEmpty() && !text.startsWith("#")) {
                status = command(process, text);
            }
        }
        return status;
    }

    private static int command(FakeProcess process, String text) throws IOException, InterruptedException {
        List<String> words = new ArrayList<>();
        OutputStream output = process.stdout();
        Optional<String> file = Optional.empty();
        for (String word : text.split(" +")) {
            if (word.equals(">&2")) {
                output = process.stderr();
            } else if (word.startsWith(">")) {
                file = Optional.of(process.resolve(word.substring(1)));
            } else {
                words.add(word.equals("$$") ? "" + process.number() : variable(process, word));
            }
        }
        if (words.get(0).equals("kill")) {
            process.raise(-Integer.parseInt(words.get(1)));
        }
        FakeProgram program = ALL.get(words.get(0));
        if (program == null) {
            process.printError("sh: " + words.get(0) + ": not found\n");
            return 127;
        }
        ByteArrayOutputStream kept = new ByteArrayOutputStream();
        int status = program.run(process.with(words, file.isPresent() ? kept : output));
        if (file.isPresent()) {
            process.files().write(file.get(), kept.toByteArray());
        }
        return status;
    }

    private static String variable(FakeProcess process, String word) {
        return word.startsWith("$") ? process.environment().getOrDefault(word.substring(1), "") : word;
    }
}
