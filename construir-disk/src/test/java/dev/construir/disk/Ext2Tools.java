package dev.construir.disk;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs the tools of e2fsprogs, which know the format better than we do. */
public final class Ext2Tools {
    private Ext2Tools() {}

    /** Asserts that a check finds nothing to say besides its passes and its summary. */
    public static void assertClean(Path image) throws IOException, InterruptedException {
        String said = run("e2fsck", "-fn", image.toString());
        assertThat(said.lines().filter(line -> !line.startsWith("Pass ") && !line.startsWith("e2fsck ")))
                .as("what e2fsck says of %s", image)
                .hasSize(1)
                .first()
                .asString()
                .contains("files (", "blocks");
    }

    public static String debugfs(Path image, String request) throws IOException, InterruptedException {
        return run("debugfs", "-R", request, image.toString());
    }

    public static void modify(Path image, List<String> requests) throws IOException, InterruptedException {
        Path script = Files.write(image.resolveSibling("debugfs.txt"), requests);
        run("debugfs", "-w", "-f", script.toString(), image.toString());
    }

    public static String run(String tool, String... words) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(program(tool));
        command.addAll(List.of(words));
        Path output = Files.createTempFile("e2fsprogs", ".txt");
        try {
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile())
                    .redirectInput(
                            ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                    .start();
            if (!process.waitFor(60, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new AssertionError(command + " hangs");
            }
            String said = Files.readString(output, java.nio.charset.StandardCharsets.ISO_8859_1);
            assertThat(process.exitValue()).as("%s says: %s", command, said).isZero();
            return said;
        } finally {
            Files.delete(output);
        }
    }

    private static String program(String tool) {
        for (String directory : (System.getenv("PATH") + ":/usr/sbin:/sbin").split(":")) {
            Path program = Path.of(directory, tool);
            if (Files.isExecutable(program)) {
                return program.toString();
            }
        }
        throw new AssertionError(tool + " is missing; these tests need it: apt-get install e2fsprogs");
    }
}
