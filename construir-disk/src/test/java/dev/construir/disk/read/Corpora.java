package dev.construir.disk.read;

import dev.construir.DataSize;
import dev.construir.DiskFormatException;
import dev.construir.ImageFormat;
import dev.construir.block.BlockSource;
import dev.construir.block.FileSource;
import dev.construir.disk.DiskEntry;
import dev.construir.disk.ReadLimits;
import dev.construir.xz.XzLimits;
import dev.construir.xz.XzSource;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Deque;
import java.util.EnumMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/**
 * Reads the damaged files that others test their programs with, and prints a table of what came of it:
 * {@code Corpora IMAGES XZ-FILES}. Run by {@code src-test-images/corpora}. Ends with 1 if anything was neither read nor
 * clearly refused.
 */
final class Corpora {
    private static final ReadLimits LIMITS =
            ReadLimits.DEFAULT.withBytes(DataSize.ofMebibytes(512)).withEntries(100_000);
    private static final long SECONDS =
            600; // most take milliseconds; extracting the largest takes minutes on a busy host
    /** By path, which is looked up from the root on. Extracting reads the rest. */
    private static final int OPENED = 500;

    private static final String XZ = "xz: ";
    private static final String ALL = "~ all"; // sorts last
    private static final String FOOT = """
            read     all of it was read and extracted
            in part  single entries were refused, each with a clear error, or not extracted: what is damaged, and as always what must not
                     come from a disk, such as devices and links that lead out; all the rest was
            refused  with a clear error: it cannot be opened, or not be listed to its end
            other    anything else: another exception, an endless run, other bytes than those of xz -dc""";

    /** What came of a file. */
    private enum End {
        READ,
        IN_PART,
        REFUSED,
        OTHER
    }

    /** What is done with a file. */
    @FunctionalInterface
    private interface Reading {
        End read(Path file) throws Exception;
    }

    private final PrintStream out;
    private final Map<String, Map<End, Integer>> table = new TreeMap<>();
    private final ExecutorService thread = Executors.newCachedThreadPool(task -> {
        Thread daemon = new Thread(task, "corpora");
        daemon.setDaemon(true); // one that never ends must not keep the program
        return daemon;
    });

    private Corpora(PrintStream out) {
        this.out = out;
    }

    /**
     * Reads everything.
     *
     * @param arguments a directory of images of ext2, ext3 and ext4, and one of .xz files
     * @throws Exception if one of the directories cannot be listed
     */
    public static void main(String[] arguments) throws Exception {
        Corpora corpora = new Corpora(System.out);
        corpora.all(Path.of(arguments[0]), "", Corpora::image);
        corpora.all(Path.of(arguments[1]), ".xz", Corpora::xz);
        System.exit(corpora.print() ? 0 : 1);
    }

    private void all(Path directory, String ending, Reading reading) throws Exception {
        List<Path> files;
        try (Stream<Path> listed = Files.list(directory)) {
            files = listed.filter(file -> file.toString().endsWith(ending))
                    .sorted()
                    .toList();
        }
        for (Path file : files) {
            String name = String.valueOf(file.getFileName());
            String kind = ending.isEmpty()
                    ? name.substring(0, name.indexOf('_')) + "_*"
                    : XZ + name.substring(0, name.indexOf('-'));
            count(kind, end(file, reading));
        }
    }

    private void count(String kind, End end) {
        for (String row : List.of(kind, ALL)) {
            table.computeIfAbsent(row, key -> new EnumMap<>(End.class)).merge(end, 1, Integer::sum);
        }
    }

    private End end(Path file, Reading reading) throws InterruptedException {
        Future<End> future = thread.submit(() -> {
            try {
                return reading.read(file);
            } catch (Throwable e) { // of any kind: that is what is asked here
                return clear(e) ? refused(file, e) : other(file, e.toString(), e);
            }
        });
        try {
            return future.get(SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            return other(file, "did not end in " + SECONDS + " s", e);
        } catch (ExecutionException e) {
            return other(file, "did not end", e);
        }
    }

    private End refused(Path file, Throwable why) {
        out.println("refused " + file.getFileName() + ": " + why.getMessage());
        return End.REFUSED;
    }

    private End other(Path file, String why, Throwable cause) {
        out.println("OTHER   " + file.getFileName() + ": " + why);
        Arrays.stream(cause.getStackTrace()).limit(6).forEach(line -> out.println("            " + line));
        return End.OTHER;
    }

    private static boolean clear(Throwable end) {
        return end instanceof DiskFormatException
                && end.getMessage() != null
                && end.getMessage().length() > 15;
    }

    /** Lists everything, reads every file to its end, and extracts. */
    private static End image(Path file) throws Exception {
        int damaged = 0;
        try (DiskReader disk =
                new DiskImage(file, ImageFormat.RAW).withLimits(LIMITS).whole()) {
            Deque<String> directories = new ArrayDeque<>(List.of("/"));
            long seen = 0;
            int opened = 0;
            int listed = 0;
            while (!directories.isEmpty()) {
                List<DiskEntry> entries;
                try {
                    entries = disk.list(directories.pop());
                } catch (IOException e) {
                    damaged += told(e);
                    continue;
                }
                for (DiskEntry entry : entries) {
                    seen++;
                    if (entry.kind() == DiskEntry.Kind.DIRECTORY
                            && listed++ < OPENED
                            && seen < LIMITS.entries()
                            && entry.path().chars().filter(c -> c == '/').count() < 20) {
                        directories.push(entry.path());
                    } else if (entry.kind() == DiskEntry.Kind.FILE && opened++ < OPENED) {
                        damaged += drain(disk, entry.path());
                    }
                }
            }
            damaged += extract(disk);
            disk.snapshot();
        }
        return damaged == 0 ? End.READ : End.IN_PART;
    }

    private static int drain(DiskReader disk, String path) throws IOException {
        byte[] chunk = new byte[1 << 16];
        try (InputStream content = disk.open(path)) {
            long room = LIMITS.bytes().bytes();
            for (int n = content.read(chunk); n >= 0 && room > 0; n = content.read(chunk)) {
                room -= n;
            }
            return 0;
        } catch (IOException e) {
            return told(e);
        }
    }

    private static int extract(DiskReader disk) throws Exception {
        Path target = Files.createTempDirectory("construir-corpora-");
        try {
            return disk.copyTo(target).skippedTotal() > 0 ? 1 : 0;
        } catch (IOException e) {
            return told(e);
        } finally {
            remove(target);
        }
    }

    private static void remove(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path each : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(each);
            }
        }
    }

    /** Counts damage that was told as such; what was not comes out. */
    private static int told(IOException e) throws IOException {
        if (clear(e) || (e instanceof FileSystemException && e.getMessage() != null)) {
            return 1;
        }
        throw e;
    }

    /** What its name says is good must be what xz makes of it; all else must be refused. */
    private static End xz(Path file) throws Exception {
        boolean good = String.valueOf(file.getFileName()).startsWith("good-");
        MessageDigest read = MessageDigest.getInstance("SHA-256");
        FileSource source = new FileSource(file);
        try (source;
                BlockSource disk = XzSource.open(source, XzLimits.DEFAULT)) {
            byte[] chunk = new byte[1 << 16];
            for (long at = 0; at < disk.size(); at += chunk.length) {
                int count = (int) Math.min(chunk.length, disk.size() - at);
                disk.read(at, chunk, 0, count);
                read.update(chunk, 0, count);
            }
        } catch (DiskFormatException e) {
            if (good) {
                throw new AssertionError("refused, although it is good: " + e.getMessage(), e);
            }
            throw e;
        }
        if (!good) {
            throw new AssertionError("read, although it is not good");
        }
        if (!Arrays.equals(read.digest(), unpacked(file))) {
            throw new AssertionError("other bytes than those of xz -dc");
        }
        return End.READ;
    }

    private static byte[] unpacked(Path file) throws Exception {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        Process xz = new ProcessBuilder("xz", "-dc", file.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (InputStream content = xz.getInputStream()) {
            digest.update(content.readAllBytes());
        }
        if (xz.waitFor() != 0) {
            throw new AssertionError("xz -dc refuses it: " + HexFormat.of().formatHex(Files.readAllBytes(file), 0, 12));
        }
        return digest.digest();
    }

    /** Returns whether all is as it should be. */
    private boolean print() {
        out.println();
        out.printf("%-18s %8s %8s %8s %8s%n", "files", "read", "in part", "refused", "other");
        table.forEach((row, ends) -> {
            out.printf("%-18s", row);
            for (End end : End.values()) {
                out.printf(" %8d", ends.getOrDefault(end, 0));
            }
            out.println();
        });
        out.println();
        out.println(FOOT);
        Map<End, Integer> all = table.getOrDefault(ALL, Map.of());
        return all.getOrDefault(End.READ, 0) > 0 && !all.containsKey(End.OTHER);
    }
}
