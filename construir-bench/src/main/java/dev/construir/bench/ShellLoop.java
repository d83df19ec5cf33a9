package dev.construir.bench;

import dev.construir.ConstruirException;
import dev.construir.DataSize;
import dev.construir.job.Job;
import dev.construir.machine.MachineChannel;
import dev.construir.machine.MachineConnection;
import dev.construir.run.JobResult;
import dev.construir.run.Run;
import dev.construir.run.Runner;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;

/**
 * The least that a machine can be used by while it runs: a job whose shell reads lines from the port that sandboxes
 * use, and does what they say. The reference for sandboxes. Owns the machine. Not safe for use by many threads.
 */
final class ShellLoop implements AutoCloseable {
    /** The job. The port can be opened once, gives no more than a page at a time, and takes no more than 32 KiB. */
    static final Job JOB = Job.script("loop", """
            for file in /sys/class/virtio-ports/*/name; do
                read -r name <"$file"
                [ "$name" != dev.construir.sandbox ] || port=${file%/name}
            done
            exec 0<>"/dev/${port##*/}" 1>&0
            while read -r what a b; do
                case $what in
                    e) echo "$a" ;;
                    p) /bin/echo "$a" ;;
                    t) /bin/true; echo $? ;;
                    w) dd if=/dev/zero bs=32768 count="$a" 2>/dev/null ;;
                    W) dd if=/dev/zero bs=32768 count="$a" 2>/dev/null | cat ;;
                    r) dd of=/dev/null bs=4096 count="$a" iflag=fullblock 2>/dev/null; echo $? ;;
                    R) dd bs=4096 count="$a" iflag=fullblock 2>/dev/null | dd of=/dev/null bs=65536 2>/dev/null; echo $? ;;
                    x) mkdir "$b"; dd bs=4096 count="$a" iflag=fullblock 2>/dev/null | tar -xC "$b"; echo $? ;;
                    c) tar -cC "$a" .; echo "$b" ;;
                    d) rm -rf "$a"; echo $? ;;
                esac
            done
            """);

    private static final int PAGE = 4096;
    private static final int PIECE = 32_768;

    private final Run run;
    private final MachineChannel channel;
    private final ByteBuffer bytes = ByteBuffer.allocateDirect(1 << 16); // from position to limit: read and not used
    private final ByteBuffer written = ByteBuffer.allocateDirect(PIECE);

    private ShellLoop(Run run, MachineChannel channel) {
        this.run = run;
        this.channel = channel;
        bytes.limit(0);
    }

    /** The job, with what it is connected by. */
    private record Connected(CompletableFuture<Object> connected) implements Job {
        @Override
        public String name() {
            return JOB.name();
        }

        @Override
        public void createDisk(Path file, DataSize size) throws IOException {
            JOB.createDisk(file, size);
        }

        @Override
        public Optional<Consumer<MachineConnection>> connection() {
            return Optional.of(connected::complete);
        }
    }

    static ShellLoop open(Runner runner) throws ConstruirException, IOException, InterruptedException {
        Connected job = new Connected(new CompletableFuture<>());
        Run run = runner.start(job, event -> {});
        boolean opened = false;
        try {
            Object first =
                    CompletableFuture.anyOf(job.connected(), run.result()).get();
            if (!(first instanceof MachineConnection machine)) {
                throw new ConstruirException("the machine of the shell ended: " + ((JobResult) first).outcome());
            }
            ShellLoop loop = new ShellLoop(run, machine.channel());
            loop.ask("e ready", "ready");
            opened = true;
            return loop;
        } catch (ExecutionException e) {
            throw new ConstruirException("the machine of the shell could not be started: " + e.getCause(), e);
        } finally {
            if (!opened) {
                run.close();
            }
        }
    }

    private static double since(long begin) {
        return (System.nanoTime() - begin) / 1e6;
    }

    private void write(String line) throws IOException {
        written.clear().put((line + "\n").getBytes(StandardCharsets.UTF_8)).flip();
        channel.write(written);
    }

    private void fill() throws IOException {
        bytes.clear();
        int read = channel.read(bytes);
        bytes.flip();
        if (read < 0) {
            throw new IOException("the machine of the shell has ended");
        }
    }

    private void expect(String answer) throws IOException {
        StringBuilder line = new StringBuilder();
        while (true) {
            if (!bytes.hasRemaining()) {
                fill();
            }
            char next = (char) bytes.get();
            if (next == '\n') {
                break;
            }
            line.append(next);
        }
        if (!line.toString().equals(answer)) {
            throw new IOException("the shell answered " + line + ", and not " + answer);
        }
    }

    /** Sends a line and waits for an answer, and returns how long that took in milliseconds. */
    double ask(String line, String answer) throws IOException {
        long begin = System.nanoTime();
        write(line);
        expect(answer);
        return since(begin);
    }

    /**
     * Has the guest send bytes, a multiple of 32 KiB.
     *
     * @param piped whether they go through a pipe in the guest, as those of a sandbox do
     */
    double out(long size, boolean piped) throws IOException {
        long begin = System.nanoTime();
        write((piped ? "W " : "w ") + size / PIECE);
        for (long left = size; left > 0; left -= bytes.remaining()) {
            fill();
        }
        bytes.limit(0);
        return since(begin);
    }

    /**
     * Sends bytes to the guest, a multiple of 32 KiB.
     *
     * @param piped whether they go through a pipe in the guest, as those of a sandbox do
     */
    double in(long size, boolean piped) throws IOException {
        long begin = System.nanoTime();
        write((piped ? "R " : "r ") + size / PAGE);
        for (long left = size; left > 0; left -= PIECE) {
            written.clear();
            channel.write(written);
        }
        expect("0");
        return since(begin);
    }

    /** The words of a tar of the host that writes a directory's tree, in whole pages. */
    private static ProcessBuilder packer(NativeTool tar, Path tree) {
        return new ProcessBuilder(tar.program().toString(), "-c", "-b", "8", "-C", tree.toString(), ".")
                .redirectError(ProcessBuilder.Redirect.INHERIT);
    }

    /** Returns how many bytes tar makes of a tree. */
    static long packed(NativeTool tar, Path tree) throws IOException {
        try (InputStream archive = packer(tar, tree).start().getInputStream()) {
            return archive.transferTo(OutputStream.nullOutputStream());
        }
    }

    /**
     * Copies a tree into the guest by tar.
     *
     * @param packed how many bytes tar makes of it
     * @param directory the directory in the guest, which is made
     */
    double copyIn(NativeTool tar, Path tree, long packed, String directory) throws IOException, InterruptedException {
        long begin = System.nanoTime();
        Process process = packer(tar, tree).start();
        write("x " + packed / PAGE + " " + directory);
        byte[] piece = new byte[PIECE];
        try (InputStream archive = process.getInputStream()) {
            for (int read = archive.read(piece); read >= 0; read = archive.read(piece)) {
                written.clear().put(piece, 0, read).flip();
                channel.write(written);
            }
        }
        check(process);
        expect("0");
        return since(begin);
    }

    /** Copies a directory of the guest into one of the host by tar. */
    double copyOut(NativeTool tar, String directory, Path target) throws IOException, InterruptedException {
        long begin = System.nanoTime();
        Process process = new ProcessBuilder(tar.program().toString(), "-x", "-o", "-C", target.toString())
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String end = UUID.randomUUID().toString(); // behind the archive, whose length is not known
        write("c " + directory + " " + end);
        byte[] mark = (end + "\n").getBytes(StandardCharsets.US_ASCII);
        byte[] tail = new byte[0];
        byte[] piece = new byte[1 << 16];
        try (OutputStream archive = process.getOutputStream()) {
            while (!Arrays.equals(tail, mark)) {
                fill();
                int read = bytes.remaining();
                bytes.get(piece, 0, read);
                byte[] joined = Arrays.copyOf(tail, tail.length + read);
                System.arraycopy(piece, 0, joined, tail.length, read);
                int keep = Math.min(mark.length, joined.length);
                archive.write(joined, 0, joined.length - keep);
                tail = Arrays.copyOfRange(joined, joined.length - keep, joined.length);
            }
        }
        check(process);
        return since(begin);
    }

    private static void check(Process process) throws IOException, InterruptedException {
        int status = process.waitFor();
        if (status != 0) {
            throw new IOException("tar ended with " + status);
        }
    }

    /** Ends the machine. */
    @Override
    public void close() {
        run.close();
    }
}
