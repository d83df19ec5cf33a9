package dev.construir.bench;

import dev.construir.ConstruirException;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A program of this host that the library is compared with.
 *
 * @param program where it is
 */
record NativeTool(Path program) {
    private static final int QUOTED = 500;

    /**
     * Finds a program where those are that only root is expected to need as well.
     *
     * @param debianPackage the package of Debian that has it
     * @throws ConstruirException if it is missing; the message says what to install
     */
    static NativeTool find(String name, String debianPackage) throws ConstruirException {
        for (String directory : (System.getenv().getOrDefault("PATH", "") + ":/usr/sbin:/sbin").split(":")) {
            Path program = Path.of(directory, name);
            if (Files.isExecutable(program)) {
                return new NativeTool(program);
            }
        }
        throw new ConstruirException(
                name + " is missing, which the library is compared with; run: sudo apt-get install "
                        + "--no-install-recommends -y " + debianPackage);
    }

    /**
     * Runs it to its end.
     *
     * @param output where its stdout goes; its stderr goes to a file beside it, which is removed
     * @throws ConstruirException if it says that it failed
     * @throws InterruptedException if the thread was interrupted; the process is gone then
     */
    void run(Path output, String... words) throws ConstruirException, IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(program.toString()));
        command.addAll(List.of(words));
        Path errors = output.resolveSibling(output.getFileName() + ".errors");
        Process process = new ProcessBuilder(command)
                .redirectInput(Redirect.from(Path.of("/dev/null").toFile()))
                .redirectOutput(output.toFile())
                .redirectError(errors.toFile())
                .start();
        int status;
        try {
            status = process.waitFor();
        } catch (InterruptedException e) {
            process.destroyForcibly().onExit().join();
            throw e;
        }
        if (status != 0) {
            throw new ConstruirException(
                    String.join(" ", command) + " ended with " + status + " and said: " + beginning(errors));
        }
        Files.delete(errors);
    }

    private static String beginning(Path file) throws IOException {
        String said = Files.readString(file, StandardCharsets.ISO_8859_1).strip();
        return said.isEmpty() ? "nothing" : said.substring(0, Math.min(QUOTED, said.length()));
    }
}
