package dev.construir.testkit;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.function.IntConsumer;

/**
 * What a {@link FakeProgram} sees of its guest. For the program's thread; its streams may be used by many.
 *
 * @since 0.1
 */
public final class FakeProcess {
    private final int number;
    private final Request request;
    private final Streams streams;
    private final FakeFiles files;
    private final IntConsumer signals;

    /** How it was started. */
    record Request(List<String> arguments, Map<String, String> environment, String user, String directory) {}

    /** What it reads and writes. */
    record Streams(InputStream input, OutputStream output, OutputStream errors) {}

    FakeProcess(int number, Request request, Streams streams, FakeFiles files, IntConsumer signals) {
        this.number = number;
        this.request = request;
        this.streams = streams;
        this.files = files;
        this.signals = signals;
    }

    /** Returns the same process with other arguments and another output: what a shell starts. */
    FakeProcess with(List<String> arguments, OutputStream output) {
        Request other = new Request(arguments, request.environment(), request.user(), request.directory());
        return new FakeProcess(number, other, new Streams(streams.input(), output, streams.errors()), files, signals);
    }

    /**
     * Returns the number of the process.
     *
     * @return a positive number
     */
    public int number() {
        return number;
    }

    /**
     * Returns the arguments.
     *
     * @return the program's name, and what it was given
     */
    public List<String> arguments() {
        return List.copyOf(request.arguments());
    }

    /**
     * Returns the environment.
     *
     * @return the values by their names
     */
    public Map<String, String> environment() {
        return Map.copyOf(request.environment());
    }

    /**
     * Returns the user, as the host named it.
     *
     * @return the user; {@code root} if none was named
     */
    public String user() {
        return request.user();
    }

    /**
     * Returns the working directory.
     *
     * @return an absolute path in {@link #files}
     */
    public String directory() {
        return request.directory();
    }

    /**
     * Returns the standard input.
     *
     * @return the stream, the same at every call
     */
    public InputStream stdin() {
        return streams.input();
    }

    /**
     * Returns the standard output. A write waits while the host does not take more than 256 KiB.
     *
     * @return the stream, the same at every call
     */
    public OutputStream stdout() {
        return streams.output();
    }

    /**
     * Returns the standard error; the rules of {@link #stdout} hold.
     *
     * @return the stream, the same at every call
     */
    public OutputStream stderr() {
        return streams.errors();
    }

    /**
     * Prints on stdout.
     *
     * @param text the text, written in UTF-8
     * @throws IOException if the process was killed or the sandbox is closed
     */
    public void print(String text) throws IOException {
        stdout().write(text.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Prints on stderr.
     *
     * @param text the text, written in UTF-8
     * @throws IOException if the process was killed or the sandbox is closed
     */
    public void printError(String text) throws IOException {
        stderr().write(text.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Ends the process by a signal.
     *
     * @param signal the number, 1 to 64
     * @throws InterruptedException always; the program must let it pass
     */
    public void raise(int signal) throws InterruptedException {
        signals.accept(signal);
        throw new InterruptedException("signal " + signal);
    }

    /**
     * Returns the guest's files, which all programs and copies of its sandbox share.
     *
     * @return the files
     */
    public FakeFiles files() {
        return files;
    }

    /**
     * Returns the absolute path of one that may be relative to the working directory.
     *
     * @param path a path
     * @return the path for {@link #files}
     */
    public String resolve(String path) {
        return path.startsWith("/") ? path : directory() + "/" + path;
    }
}
