package dev.construir.command.disk;

import dev.construir.disk.write.DiskBuilder;
import dev.construir.disk.write.DiskContent;
import dev.construir.disk.write.PackOptions;
import dev.construir.terminal.ChannelInput;
import dev.construir.text.Reason;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * A tar archive that an operand names: a file, a pipe, whatever can be read, or the standard input.
 *
 * @param name the operand
 * @param stdin what {@code -} stands for
 * @param options how it is packed
 */
record TarOperand(String name, InputStream stdin, PackOptions options) implements DiskContent {
    static final String STDIN = "-";

    @Override
    public void writeTo(DiskBuilder disk) throws IOException {
        try (InputStream archive = open()) {
            disk.tar("/", archive, options);
        } catch (ClosedByInterruptException | FileAlreadyExistsException e) {
            throw e; // it has its own name
        } catch (IOException e) {
            throw new IOException((name.equals(STDIN) ? "stdin" : name) + ": " + Reason.of(e), e);
        }
    }

    @Override
    public long inodes() {
        return options.inodes();
    }

    private InputStream open() throws IOException {
        if (!name.equals(STDIN)) {
            return new ChannelInput(channel(Path.of(name)));
        }
        return stdin instanceof FileInputStream file ? new ChannelInput(file.getChannel()) : stdin;
    }

    /**
     * Opens a file. Opening a named pipe waits for a writer, and no interrupt ends that: another thread waits for it.
     */
    private static FileChannel channel(Path path) throws IOException {
        if (Files.isRegularFile(path)) {
            return FileChannel.open(path, StandardOpenOption.READ);
        }
        FutureTask<FileChannel> opening = new FutureTask<>(() -> FileChannel.open(path, StandardOpenOption.READ));
        Thread thread = new Thread(opening, "construir-open");
        thread.setDaemon(true);
        thread.start();
        try {
            return opening.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ClosedByInterruptException();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException cause) {
                throw cause;
            }
            throw new IOException(e.getCause());
        }
    }
}
