package dev.construir.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Programs of the host that tests make use of, such as mount and debugfs. */
public final class HostCommand {
    private HostCommand() {}

    /**
     * Runs a program, and fails unless it ends with 0.
     *
     * @param words the program and its arguments
     * @return what it printed
     * @throws IOException if it cannot be started
     * @throws InterruptedException if the thread is interrupted
     */
    public static String run(String... words) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(words).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as("%s says: %s", List.of(words), said).isZero();
        return said;
    }
}
