package dev.construir.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** A file system in memory that can be filled. Mounting needs root, or {@code unshare -rm} around the tests. */
final class SmallDisk implements AutoCloseable {
    private static final int CHUNK = 4096;

    private final Path place;
    private int mounts = 1; // one above the other

    private SmallDisk(Path place) {
        this.place = place;
    }

    /** Mounts a file system with so many bytes and inodes. */
    static SmallDisk mount(Path place, long bytes, int inodes) throws IOException, InterruptedException {
        Files.createDirectories(place);
        run(
                "mount",
                "-t",
                "tmpfs",
                "-o",
                "size=" + bytes + ",nr_inodes=" + inodes + ",mode=700",
                "tmpfs",
                place.toString());
        return new SmallDisk(place);
    }

    private static void run(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor())
                .as("%s said: %s (as an ordinary user run the tests in `unshare -rm`)", List.of(command), said)
                .isZero();
    }

    Path path() {
        return place;
    }

    /** Fills the file system and leaves so many bytes free. */
    void fill(long left) throws IOException {
        Path ballast = Files.createDirectories(place.resolve("ballast")).resolve("bytes");
        try (RandomAccessFile file = new RandomAccessFile(ballast.toFile(), "rw")) {
            file.seek(file.length());
            while (Files.getFileStore(place).getUsableSpace() > left) {
                file.write(new byte[CHUNK]);
            }
        }
    }

    /** Uses up all free inodes. */
    void fillInodes() throws IOException {
        Path ballast = Files.createDirectories(place.resolve("ballast"));
        try {
            for (int i = 0; ; i++) {
                Files.createFile(ballast.resolve("inode" + i));
            }
        } catch (java.nio.file.FileAlreadyExistsException e) {
            throw e;
        } catch (IOException e) {
            assertThat(e).hasMessageContaining("No space left on device");
        }
    }

    /** Makes room again. */
    void empty() throws IOException {
        try (Stream<Path> files = Files.list(place.resolve("ballast"))) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
    }

    /** Forbids all changes, by a mount above: a file system with files open for writing cannot be remounted. */
    void forbid() throws IOException, InterruptedException {
        run("mount", "--bind", place.toString(), place.toString());
        mounts++;
        run("mount", "-o", "remount,bind,ro", place.toString());
    }

    /** Hides all files, as if the file system were not mounted. */
    void hide() throws IOException, InterruptedException {
        run("mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", place.toString());
        mounts++;
    }

    /** Ends {@link #forbid} or {@link #hide}. */
    void restore() throws IOException, InterruptedException {
        run("umount", place.toString());
        mounts--;
    }

    @Override
    public void close() throws IOException, InterruptedException {
        for (; mounts > 0; mounts--) { // also of a test that failed
            run("umount", "-l", place.toString());
        }
        Files.deleteIfExists(place);
    }
}
