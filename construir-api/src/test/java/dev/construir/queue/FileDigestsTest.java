package dev.construir.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.construir.image.RootImage;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileDigestsTest {
    private static final String NOTED = "0123456789abcdef".repeat(4);

    @TempDir
    Path dir;

    private Path file;
    private Path note;

    @BeforeEach
    void image() throws IOException {
        Files.createFile(dir.resolve(RootImage.PROPERTIES));
        file = Files.writeString(dir.resolve("root.img"), "content");
        note = dir.resolve("root.img.sha256");
    }

    private static String sha256(String text) throws Exception {
        return HexFormat.of()
                .formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
    }

    private void note() throws IOException {
        Files.writeString(note, FileStamp.of(file).text() + " " + NOTED + "\n");
    }

    @Test
    void aDigestThatIsFoundOutIsWrittenDown() throws Exception {
        assertThat(new FileDigests().sha256(file)).isEqualTo(sha256("content"));
        assertThat(note).hasContent(FileStamp.of(file).text() + " " + sha256("content"));
    }

    @Test
    void whatIsWrittenDownIsNotReadAgain() throws Exception {
        note();
        assertThat(new FileDigests().sha256(file)).isEqualTo(NOTED);
    }

    @Test
    void aFileThatWasChangedIsRead() throws Exception {
        note();
        FileTime before = Files.getLastModifiedTime(file);
        Files.writeString(file, "CONTENT");
        Files.setLastModifiedTime(file, before);
        FileDigests digests = new FileDigests();
        assertThat(digests.sha256(file)).isEqualTo(sha256("CONTENT"));
        Files.writeString(file, "another");
        assertThat(digests.sha256(file)).isEqualTo(sha256("another"));
        assertThat(note).hasContent(FileStamp.of(file).text() + " " + sha256("another"));
    }

    @Test
    void aFileInThePlaceOfAnotherIsRead() throws Exception {
        note();
        Path other = Files.writeString(dir.resolve("other"), "CONTENT");
        Files.setLastModifiedTime(other, Files.getLastModifiedTime(file));
        Files.move(other, file, StandardCopyOption.REPLACE_EXISTING);
        assertThat(new FileDigests().sha256(file)).isEqualTo(sha256("CONTENT"));
    }

    @Test
    void aNoteThatIsNoneIsNotBelieved() throws Exception {
        for (String text : new String[] {"", "x", FileStamp.of(file).text() + " xyz", "1 2 3.0 4.0 " + NOTED}) {
            Files.writeString(note, text);
            assertThat(new FileDigests().sha256(file)).isEqualTo(sha256("content"));
        }
    }

    @Test
    void whoMayReadTheFileMayReadItsNote() throws Exception {
        for (String permissions : new String[] {"rw-r--r--", "rw-r-----", "rw-------"}) {
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(permissions));
            Files.deleteIfExists(note);
            assertThat(new FileDigests().sha256(file)).isEqualTo(sha256("content"));
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(note)))
                    .isEqualTo(permissions);
        }
    }

    @Test
    void aNoteThatCannotBeReadIsNone() throws Exception {
        Files.createSymbolicLink(note, Path.of("/proc/self/mem")); // opens, but its first byte cannot be read
        assertThat(new FileDigests().sha256(file)).isEqualTo(sha256("content"));
    }

    @Test
    void whyAFileCannotBeReadIsSaid() throws Exception {
        try (RandomAccessFile large = new RandomAccessFile(file.toFile(), "rw")) {
            large.setLength(600L << 20);
        }
        FutureTask<String> digest = new FutureTask<>(() -> new FileDigests().sha256(file));
        Thread reading = new Thread(digest, "reading");
        reading.start();
        await().pollInterval(Duration.ofMillis(5)).until(() -> isIn(reading, "read"));
        Files.delete(file);
        assertThatThrownBy(digest::get).rootCause().hasMessage(file.toString());
        assertThatThrownBy(digest::get).cause().hasMessage(file + ": there is no such file or directory");
    }

    @Test
    void besideOtherFilesNothingIsWritten() throws Exception {
        Files.delete(dir.resolve(RootImage.PROPERTIES));
        note();
        assertThat(new FileDigests().sha256(file)).isEqualTo(sha256("content"));
        Files.delete(note);
        assertThat(new FileDigests().sha256(file)).isEqualTo(sha256("content"));
        assertThat(note).doesNotExist();
    }

    @Test
    void whatCannotBeReadIsReportedEachTime() throws Exception {
        FileDigests digests = new FileDigests();
        Files.delete(file);
        for (int i = 0; i < 2; i++) {
            assertThatThrownBy(() -> digests.sha256(file)).isInstanceOf(NoSuchFileException.class);
        }
        Files.writeString(file, "content");
        assertThat(digests.sha256(file)).isEqualTo(sha256("content"));
    }

    /** The file is large, so that the first call still reads when the second waits for it. */
    @Test
    void whoWaitsForAnInterruptedReaderReadsTheFileItself() throws Exception {
        try (RandomAccessFile large = new RandomAccessFile(file.toFile(), "rw")) {
            large.setLength(600L << 20);
        }
        FileDigests digests = new FileDigests();
        FutureTask<String> first = new FutureTask<>(() -> digests.sha256(file));
        FutureTask<String> second = new FutureTask<>(() -> digests.sha256(file));
        Thread reading = new Thread(first, "reading");
        Thread waiting = new Thread(second, "waiting");
        reading.start();
        await().pollInterval(Duration.ofMillis(5)).until(() -> isIn(reading, "read"));
        waiting.start();
        await().pollInterval(Duration.ofMillis(5)).until(() -> isIn(waiting, "awaitDone"));
        reading.interrupt();
        assertThatThrownBy(first::get).hasCauseInstanceOf(InterruptedException.class);
        assertThat(second.get()).isEqualTo(new FileDigests().sha256(file));
    }

    @Test
    void closingEndsWhatIsReadInAdvance() throws Exception {
        try (RandomAccessFile large = new RandomAccessFile(file.toFile(), "rw")) {
            large.setLength(600L << 20);
        }
        CompletableFuture<Thread> reading = new CompletableFuture<>();
        FileDigests digests = new FileDigests();
        digests.begin(() -> {
            reading.complete(Thread.currentThread());
            return List.of(file, file).iterator();
        });
        await().pollInterval(Duration.ofMillis(5)).until(() -> isIn(reading.get(), "update"));
        digests.close();
        reading.get().join();
        assertThat(note).doesNotExist();
        Files.writeString(file, "content");
        assertThat(digests.sha256(file)).isEqualTo(sha256("content"));
        digests.begin(() -> {
            throw new IllegalStateException("it is closed");
        });
    }

    private static boolean isIn(Thread thread, String method) {
        return Arrays.stream(thread.getStackTrace())
                .anyMatch(frame -> frame.getMethodName().equals(method));
    }
}
