package dev.construir.command.sandbox;

import dev.construir.thread.Uninterrupted;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The process that opens a sandbox and keeps it, seen from the process that started it. Owns it until the sandbox is
 * open, and a daemon thread that reads what it says.
 */
public final class KeeperProcess implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(KeeperProcess.class);
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String END = "";

    private final Process process;
    private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();
    private boolean ready;

    private KeeperProcess(Process process) {
        this.process = process;
    }

    /**
     * Starts it.
     *
     * @param command the program and its arguments
     * @param said the file that takes what it says to users
     */
    public static KeeperProcess start(List<String> command, Path said) throws IOException {
        KeeperProcess keeper = new KeeperProcess(new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.appendTo(said.toFile()))
                .start());
        Thread thread = new Thread(keeper::read, "construir-keeper-start");
        thread.setDaemon(true); // an interrupt does not end it
        thread.start();
        return keeper;
    }

    private void read() {
        try (BufferedReader reader =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                lines.add(line);
            }
        } catch (IOException e) {
            LOG.debug("the keeper says no more: {}", e.toString());
        }
        lines.add(END);
    }

    /**
     * Waits until the sandbox is open, from which on its keeper stays.
     *
     * @param status receives what that waits for
     * @return false if the process has ended instead
     * @throws InterruptedException if the thread was interrupted
     */
    public boolean awaitReady(Consumer<String> status) throws InterruptedException {
        for (String line = lines.take(); !line.equals(END); line = lines.take()) {
            if (line.equals(KeeperSignal.READY)) {
                ready = true;
                return true;
            } else if (line.startsWith(KeeperSignal.STATUS)) {
                status.accept(line.substring(KeeperSignal.STATUS.length()));
            }
        }
        int unused = process.waitFor(); // its last words come behind the end of its output
        return false;
    }

    /** Ends the process, unless the sandbox is open, and waits for that. */
    @Override
    public void close() {
        if (ready) {
            return;
        }
        process.destroy();
        Uninterrupted.run(() -> {
            if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        });
    }
}
