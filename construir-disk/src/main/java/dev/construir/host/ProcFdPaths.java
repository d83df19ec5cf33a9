package dev.construir.host;

import dev.construir.thread.InterruptPolicy;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.Serial;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Finds the numbers of descriptors, which Java hides. It sets a channel to a random position and looks for that among
 * the positions of all descriptors, which Linux shows. So it never mistakes another thread's descriptor for the
 * channel's.
 */
public final class ProcFdPaths {
    private static final Path THIS_PROCESS = Path.of("/proc/self");
    private static final String POSITION = "pos:";
    /** Two positions of 31 bits, which all file systems accept for a directory, do not match by chance. */
    private static final int PROOFS = 2;

    private static final int REMEMBERED = 6;
    /** More than the first line takes. */
    private static final int BEGINNING = 64;

    private final Path open;
    private final Path positions;
    /** Those found last, the latest first: directories that are opened one after the other mostly get one of a few. */
    private final Deque<String> recent = new ArrayDeque<>();

    public ProcFdPaths() {
        this(THIS_PROCESS);
    }

    /** Finds them where the host shows those of this process, if it does. */
    public ProcFdPaths(Path process) {
        this.open = process.resolve("fd");
        this.positions = process.resolve("fdinfo");
    }

    /** This host does not show the positions of descriptors. */
    static final class UnknownException extends FileSystemException {
        @Serial
        private static final long serialVersionUID = 1L;

        UnknownException(Path positions) {
            super(positions.toString(), null, "no descriptor has the position of the directory that was opened");
        }
    }

    /**
     * Returns a path that leads to what a channel has open, for as long as it is.
     *
     * @throws UnknownException if this host does not show it
     * @throws IOException if the channel was closed, or nothing can be opened any more
     */
    Path path(FileChannel channel) throws IOException {
        String number = find(channel);
        channel.position(0);
        recent.remove(number);
        recent.addFirst(number);
        if (recent.size() > REMEMBERED) {
            recent.removeLast();
        }
        return open.resolve(number);
    }

    private String find(FileChannel channel) throws IOException {
        for (String number : recent) {
            if (isOf(channel, number)) {
                return number;
            }
        }
        for (String number : Files.isDirectory(positions) ? numbers() : List.<String>of()) {
            if (isOf(channel, number)) {
                return number;
            }
        }
        throw new UnknownException(positions);
    }

    /** Returns the numbers that are in use, the highest first, as it is often the newest. */
    private List<String> numbers() throws IOException {
        List<String> numbers = new ArrayList<>();
        try (DirectoryStream<Path> all = Files.newDirectoryStream(positions)) {
            all.forEach(each -> numbers.add(each.getFileName().toString()));
        }
        numbers.sort(Comparator.comparingInt(String::length)
                .thenComparing(Comparator.naturalOrder())
                .reversed());
        return numbers;
    }

    private boolean isOf(FileChannel channel, String number) throws IOException {
        for (int i = 0; i < PROOFS; i++) {
            long position = ThreadLocalRandom.current().nextInt(1 << 16, Integer.MAX_VALUE);
            channel.position(position);
            if (position(number) != position) {
                return false;
            }
        }
        return true;
    }

    private long position(String number) throws IOException {
        InterruptPolicy.RESPECTED.check();
        byte[] beginning = new byte[BEGINNING];
        int length;
        try (FileInputStream info = new FileInputStream(positions + "/" + number)) {
            length = Math.max(0, info.read(beginning));
        } catch (IOException e) {
            return -1; // another thread closed it meanwhile
        }
        String text = new String(beginning, 0, length, StandardCharsets.US_ASCII);
        int end = text.indexOf('\n');
        try {
            return text.startsWith(POSITION) && end > 0
                    ? Long.parseLong(text.substring(POSITION.length(), end).strip())
                    : -1;
        } catch (NumberFormatException e) {
            return -1;
        }
    }
}
