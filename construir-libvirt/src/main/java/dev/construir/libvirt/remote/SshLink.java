package dev.construir.libvirt.remote;

import dev.construir.libvirt.remote.SshCommand.Forward;
import dev.construir.text.Reason;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An ssh that brings a machine's streams here from its host, for as long as the machine is there. It ends with its
 * input, and so with this process, however that ends. Owns the process.
 */
public final class SshLink implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(SshLink.class);
    private static final int END_MILLIS = 1000;
    private static final int COMPARISON_LIMIT_SECONDS = 60; // ssh has 20 of them to reach the host

    private final Process process;

    private SshLink(Process process) {
        this.process = process;
    }

    /**
     * Opens a link, once the other host is seen to have the same files.
     *
     * @param uri which libvirt
     * @param forwards the sockets that are to be there, and where their connections come to here
     * @param shared files of this host that the other one has to have
     * @param log where ssh's own output goes
     * @return the link, to be closed by the caller
     * @throws IOException if the host cannot be reached, or has other files; the message says what to do
     * @throws InterruptedException if the thread was interrupted; the link is ended then
     */
    public static SshLink open(URI uri, List<Forward> forwards, List<Path> shared, Path log)
            throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(SshCommand.of(uri, forwards)).redirectError(log.toFile());
        SshLink link = new SshLink(builder.start());
        boolean opened = false;
        try {
            link.compareInterruptibly(uri, shared, log);
            opened = true;
            return link;
        } finally {
            if (!opened) {
                link.close();
            }
        }
    }

    // Nothing wakes a thread that reads from a process but the process's end.
    private void compareInterruptibly(URI uri, List<Path> shared, Path log) throws IOException, InterruptedException {
        FutureTask<Void> comparison = new FutureTask<>(() -> {
            compare(uri, shared, log);
            return null;
        });
        Thread thread = new Thread(comparison, "construir-libvirt-ssh");
        thread.setDaemon(true);
        thread.start();
        try {
            comparison.get(COMPARISON_LIMIT_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            throw new IOException(
                    "the host of " + uri + " did not say within " + COMPARISON_LIMIT_SECONDS
                            + " s whether it has the same files; see that its storage answers",
                    e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException failure) {
                throw new IOException(Reason.of(failure), failure);
            }
            throw new IllegalStateException("the other host's files could not be compared", e.getCause());
        }
    }

    private void compare(URI uri, List<Path> shared, Path log) throws IOException, InterruptedException {
        BufferedReader answers = process.inputReader();
        BufferedWriter names = process.outputWriter();
        for (Path file : shared) {
            String here =
                    Files.size(file) + " " + Files.getLastModifiedTime(file).to(TimeUnit.SECONDS);
            String there =
                    ask(file.toAbsolutePath().toString(), names, answers).orElseThrow(() -> unreachable(uri, log));
            if (!there.equals(here)) {
                throw new IOException("the host of " + uri + " does not share " + file + " with this one ("
                        + (there.equals("none") ? "it has no such file" : "it has another file of that name")
                        + "); put images and scratch directories on storage that both have in the same place");
            }
        }
        if (!ask("", names, answers).equals(Optional.of("ready"))) {
            throw unreachable(uri, log);
        }
    }

    /** Returns nothing if ssh has ended, or is about to. */
    private Optional<String> ask(String question, BufferedWriter names, BufferedReader answers)
            throws InterruptedException {
        try {
            names.write(question + "\n");
            names.flush();
            Optional<String> answer = Optional.ofNullable(answers.readLine());
            if (answer.isPresent()) {
                return answer;
            }
        } catch (IOException e) {
            LOG.debug("ssh does not listen any more: {}", e.toString());
        }
        process.waitFor(END_MILLIS, TimeUnit.MILLISECONDS); // for its last output
        return Optional.empty();
    }

    private static IOException unreachable(URI uri, Path log) {
        String said;
        try {
            said = Files.readString(log).strip();
        } catch (IOException e) {
            said = Reason.of(e);
        }
        return new IOException("the host of " + uri + " cannot be reached by ssh for the streams of a machine"
                + (said.isEmpty() ? "" : ": " + said)
                + "; see that ssh works without asking for anything, and that sshd forwards Unix sockets"
                + " (AllowStreamLocalForwarding)");
    }

    /**
     * Has something done when ssh ends, on another thread, also when this is closed.
     *
     * @param what receives what happened
     */
    public void whenEnded(Consumer<String> what) {
        var unused = process.onExit()
                .thenAccept(ended -> what.accept(
                        "ssh, which brings the machine's streams here, ended with status " + ended.exitValue()));
    }

    /** Ends it. Idempotent. */
    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(END_MILLIS, TimeUnit.MILLISECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
