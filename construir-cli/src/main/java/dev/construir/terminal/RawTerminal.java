package dev.construir.terminal;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * This process's terminal while every key goes through as it is, Ctrl-C too. Has its modes back when it is closed, and
 * also when a signal ends the process. Safe for use by many threads.
 */
final class RawTerminal implements AutoCloseable {
    private final String stty;
    private final String modes;
    private final Thread hook = new Thread(this::restore, "construir-terminal");
    private boolean restored; // guarded by this

    private RawTerminal(String stty, String modes) {
        this.stty = stty;
        this.modes = modes;
    }

    /** Lets every key through from now on. */
    static RawTerminal enter(String stty) throws IOException, InterruptedException {
        RawTerminal terminal = new RawTerminal(stty, run(stty, "-g"));
        try {
            Runtime.getRuntime().addShutdownHook(terminal.hook);
        } catch (IllegalStateException e) {
            throw (InterruptedException) new InterruptedException("the process is ending").initCause(e);
        }
        boolean entered = false;
        try {
            terminal.start();
            entered = true;
            return terminal;
        } finally {
            if (!entered) {
                terminal.close();
            }
        }
    }

    // With the lock, so that the hook restores what this has done, and not before it.
    private synchronized void start() throws IOException {
        run(stty, "raw", "-echo", "-iexten");
    }

    private synchronized void restore() {
        if (restored) {
            return;
        }
        restored = true;
        try {
            run(stty, modes);
        } catch (IOException e) {
            System.err.println("construir: " + e.getMessage() + "; type: stty sane");
        }
    }

    @Override
    public void close() {
        restore();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (
                @SuppressWarnings("unused")
                IllegalStateException ending) {
            // the hook runs, and finds nothing to do
        }
    }

    // Heeds no interrupt: it takes a moment, and a terminal must not be left as it is.
    static String run(String stty, String... words) throws IOException {
        List<String> command = new ArrayList<>(List.of(stty));
        command.addAll(List.of(words));
        Process process = new ProcessBuilder(command)
                .redirectInput(ProcessBuilder.Redirect.INHERIT) // the terminal it is about
                .redirectErrorStream(true)
                .start();
        try (InputStream said = process.getInputStream()) {
            String text = new String(said.readAllBytes(), StandardCharsets.UTF_8).strip();
            int status = process.onExit().join().exitValue();
            if (status != 0) {
                throw new IOException("the terminal's modes could not be set: " + String.join(" ", command)
                        + " ended with " + status + ": " + text);
            }
            return text;
        }
    }
}
