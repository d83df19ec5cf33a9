package dev.construir.testkit;

import dev.construir.DataSize;
import dev.construir.disk.Attributes;
import dev.construir.disk.edit.DiskEditor;
import dev.construir.disk.write.DiskOptions;
import dev.construir.disk.write.JobDisk;
import dev.construir.machine.Machine;
import dev.construir.machine.MachineChannel;
import dev.construir.machine.MachineExit;
import dev.construir.machine.MachineInfo;
import dev.construir.machine.MachineListener;
import dev.construir.machine.MachineSpec;
import dev.construir.machine.Usage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * A machine that is a thread. Its guest uses the methods that are not those of {@link Machine}.
 *
 * @since 0.1
 */
public final class FakeMachine implements Machine {
    private static final int KEYBOARD_BYTES = 4096;

    private final MachineSpec spec;
    private final MachineListener listener;
    private final Thread thread;
    private final CompletableFuture<MachineExit> exit = new CompletableFuture<>();
    private final AtomicReference<@Nullable String> killedFor = new AtomicReference<>();
    private final Deque<Byte> typed = new ArrayDeque<>(); // guarded by itself
    private final FakePort port = new FakePort();
    private volatile Usage usage = Usage.NONE;

    FakeMachine(MachineSpec spec, MachineListener listener, FakeGuest guest) {
        this.spec = spec;
        this.listener = listener;
        this.thread = new Thread(() -> play(guest), "fake-" + spec.name());
        this.thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    private void play(FakeGuest guest) {
        MachineExit end;
        try {
            listener.running();
            end = guest.run(this);
        } catch (InterruptedException | InterruptedIOException e) {
            end = new MachineExit.Killed(String.valueOf(killedFor.get()));
        } catch (IOException e) {
            String why = killedFor.get(); // which closed what it used
            end = why == null ? new MachineExit.Died(1, e.toString()) : new MachineExit.Killed(why);
        } catch (RuntimeException | Error e) {
            end = new MachineExit.Died(1, e.toString());
        }
        port.end();
        exit.complete(end);
        synchronized (typed) {
            typed.notifyAll();
        }
    }

    /**
     * Returns what was asked for.
     *
     * @return the specification
     */
    public MachineSpec spec() {
        return spec;
    }

    /**
     * Returns the job disk's serial.
     *
     * @return the serial of the second disk
     */
    public String serial() {
        return spec.disks().get(1).serial().orElseThrow();
    }

    /**
     * Prints to the console.
     *
     * @param text the text
     */
    public void console(String text) {
        listener.console(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)).asReadOnlyBuffer());
    }

    /**
     * Prints to the output port.
     *
     * @param text the text
     */
    public void output(String text) {
        listener.output(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)).asReadOnlyBuffer());
    }

    /**
     * Waits for what is typed on the console.
     *
     * @return the next byte
     * @throws InterruptedException if the machine was killed
     */
    public byte readKey() throws InterruptedException {
        synchronized (typed) {
            while (typed.isEmpty()) {
                typed.wait();
            }
            typed.notifyAll();
            return typed.remove();
        }
    }

    /**
     * Waits for a line typed on the console.
     *
     * @return the line without its end, a carriage return or a line feed
     * @throws InterruptedException if the machine was killed
     */
    public String readLine() throws InterruptedException {
        StringBuilder line = new StringBuilder();
        for (char c = (char) readKey(); c != '\r' && c != '\n'; c = (char) readKey()) {
            line.append(c);
        }
        return line.toString();
    }

    /**
     * Returns what the host writes to the sandbox port. A read waits for more, and throws an {@link
     * InterruptedIOException} when the machine is killed.
     *
     * @return the stream, the same at every call; it ends when the host closes its {@link #channel}
     */
    public InputStream fromHost() {
        return port.fromHost();
    }

    /**
     * Returns where the guest writes to the sandbox port. A write waits while the host does not read, and throws an
     * {@link IOException} when the machine is killed or the host closes its {@link #channel}; an interrupt does not cut
     * it short, so that frames stay whole.
     *
     * @return the stream, the same at every call
     */
    public OutputStream toHost() {
        return port.toHost();
    }

    /**
     * Claims to have used something.
     *
     * @param sinceStart what it has used since its start
     */
    public void use(Usage sinceStart) {
        usage = sinceStart;
    }

    /**
     * Writes a file to the job disk, in place of one that is there, and keeps everything else on it.
     *
     * @param path its path on the disk, as {@code "sum.txt"}; its directory must exist
     * @param text its content, written in UTF-8
     * @throws IOException if it cannot be written
     */
    public void write(String path, String text) throws IOException {
        byte[] content = text.getBytes(StandardCharsets.UTF_8);
        Path disk = spec.disks().get(1).file();
        try (DiskEditor editor = DiskEditor.open(disk)) {
            editor.removeIfExists(path);
            editor.file(
                    path, Attributes.ofRoot(0644, Instant.EPOCH), content.length, new ByteArrayInputStream(content));
        }
    }

    /**
     * Writes the status of a job that exited to the job disk, and keeps everything else on it.
     *
     * @param code the job's exit status, 0 to 255
     * @throws IOException if it cannot be written
     */
    public void exited(int code) throws IOException {
        write("construir.status", padded("run=" + serial() + "\nstate=ended\nexit=" + code + "\n"));
    }

    /**
     * Leaves a job disk behind that holds nothing but a status.
     *
     * @param text the status, padded by this method to its full size
     * @throws IOException if the disk cannot be written
     */
    public void leaveStatus(String text) throws IOException {
        byte[] status = padded(text).getBytes(StandardCharsets.UTF_8);
        Path disk = spec.disks().get(1).file();
        Path fresh = disk.resolveSibling("fresh.img");
        JobDisk.create(
                fresh,
                DiskOptions.of(DataSize.ofMebibytes(1)),
                builder -> builder.file(
                        "construir.status",
                        Attributes.ofRoot(0644, Instant.EPOCH),
                        status.length,
                        new ByteArrayInputStream(status)));
        Files.deleteIfExists(disk);
        Files.move(fresh, disk);
    }

    private static String padded(String status) {
        return String.format("%-511s\n", status);
    }

    /**
     * Does nothing until the machine is killed.
     *
     * @return never
     * @throws InterruptedException when the machine is killed
     */
    public MachineExit hang() throws InterruptedException {
        new CountDownLatch(1).await();
        throw new IllegalStateException("a latch opened by itself");
    }

    @Override
    public MachineInfo info() {
        return new MachineInfo("fake", "1", "none", "there are no instructions", false, Optional.empty(), List.of());
    }

    @Override
    public CompletableFuture<MachineExit> exit() {
        return exit;
    }

    @Override
    public Usage usage() {
        return usage;
    }

    @Override
    public void writeConsole(ByteBuffer bytes) throws IOException, InterruptedException {
        synchronized (typed) {
            while (bytes.hasRemaining()) {
                if (exit.isDone()) {
                    throw new IOException("the machine has ended");
                } else if (typed.size() < KEYBOARD_BYTES) {
                    typed.add(bytes.get());
                    typed.notifyAll();
                } else {
                    typed.wait();
                }
            }
        }
    }

    @Override
    public Optional<MachineChannel> channel() {
        return Optional.of(port.channel());
    }

    @Override
    public void kill(String why) {
        if (killedFor.compareAndSet(null, why)) {
            port.end();
            thread.interrupt();
        }
    }

    @Override
    public void close() {
        kill("closed");
        exit.join();
    }
}
