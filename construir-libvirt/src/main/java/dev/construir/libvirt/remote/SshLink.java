package dev.construir.libvirt.remote;

import dev.construir.libvirt.remote.SshCommand.Forward;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * An ssh that brings a machine's streams here from its host, for as long as the machine is there. It ends with its input, and so with this
 * process, however that ends. Owns the process.
 */
public final class SshLink implements AutoCloseable {
    private static final int END_MILLIS = 1000;

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
     * @param words where ssh's own words go
     * @return the link, to be closed by the caller
     * @throws IOException if the host cannot be reached, or has other files; the message says what to do
     */
    public static SshLink open(URI uri, List<Forward> forwards, List<Path> shared, Path words) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(SshCommand.of(uri, forwards)).redirectError(words.toFile());
        SshLink link = new SshLink(builder.start());
        boolean opened = false;
        try {
            link.compare(uri, shared, words);
            opened = true;
            return link;
        } finally {
            if (!opened) {
                link.close();
            }
        }
    }

    private void compare(URI uri, List<Path> shared, Path words) throws IOException {
        try {
            BufferedWriter names = process.outputWriter();
            BufferedReader answers = process.inputReader();
            for (Path file : shared) {
                names.write(file.toAbsolutePath() + "\n");
                names.flush();
                String here =
                        Files.size(file) + " " + Files.getLastModifiedTime(file).to(TimeUnit.SECONDS);
                String there = answers.readLine();
                if (there == null) {
                    throw unreachable(uri, words);
                }
                if (!there.equals(here)) {
                    throw new IOException("the host of " + uri + " does not share " + file + " with this one ("
                            + (there.equals("none") ? "it has no such file" : "it has another file of that name")
                            + "); put images and scratch directories on storage that both have in the same place");
                }
            }
            names.write("\n");
            names.flush();
            if (!"ready".equals(answers.readLine())) {
                throw unreachable(uri, words);
            }
        } catch (IOException e) {
            throw process.isAlive() ? e : unreachable(uri, words);
        }
    }

    private IOException unreachable(URI uri, Path words) throws IOException {
        String said = Files.readString(words).strip();
        return new IOException("the host of " + uri + " cannot be reached by ssh for the streams of a machine"
                + (said.isEmpty() ? "" : ": " + said)
                + "; see that ssh works without asking for anything, and that sshd forwards Unix sockets"
                + " (AllowStreamLocalForwarding)");
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
