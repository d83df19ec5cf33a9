package dev.construir.queue;

import dev.construir.ConstruirException;
import dev.construir.NotSeekableException;
import dev.construir.disk.DiskEntry;
import dev.construir.disk.read.DiskImage;
import dev.construir.disk.read.DiskReader;
import dev.construir.text.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributeView;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads {@link JobSettings} from an untrusted job: follows no link, and reads at most the allowed size. */
final class SettingsFile {
    private static final Logger LOG = LoggerFactory.getLogger(SettingsFile.class);
    private static final Path BIN = Path.of("bin");
    private static final Path NAME = Path.of("construir.properties");

    private SettingsFile() {}

    /**
     * Reads the settings of a job.
     *
     * @param job a directory, or a disk image
     * @return its settings; empty if it has no such file, or is no job at all, which its run reports
     * @throws ConstruirException if there is such a file, and it is wrong
     */
    static Optional<JobSettings> read(Path job) throws ConstruirException {
        try {
            Optional<byte[]> content = Files.isDirectory(job, LinkOption.NOFOLLOW_LINKS)
                    ? inDirectory(job)
                    : Files.isRegularFile(job, LinkOption.NOFOLLOW_LINKS) ? inImage(job) : Optional.empty();
            return content.isPresent() ? Optional.of(JobSettings.parse(content.get())) : Optional.empty();
        } catch (ClosedByInterruptException e) {
            return Optional.empty(); // the run ends by the same interrupt
        } catch (IOException e) {
            throw new ConstruirException(JobSettings.FILE + " cannot be read: " + Reason.of(e), e);
        }
    }

    private static Optional<byte[]> inDirectory(Path job) throws IOException {
        try (DirectoryStream<Path> top = Files.newDirectoryStream(job)) {
            if (top instanceof SecureDirectoryStream<Path> held) {
                try (SecureDirectoryStream<Path> bin = held.newDirectoryStream(BIN, LinkOption.NOFOLLOW_LINKS)) {
                    return inBin(bin);
                }
            }
            throw new IOException("this host cannot read a directory safely that others may change");
        } catch (NoSuchFileException | NotDirectoryException e) {
            return Optional.empty();
        } catch (FileSystemException e) {
            if (Files.isSymbolicLink(job.resolve(BIN))) {
                return Optional.empty();
            }
            throw e;
        }
    }

    private static Optional<byte[]> inBin(SecureDirectoryStream<Path> bin) throws IOException {
        boolean regular = bin.getFileAttributeView(NAME, BasicFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
                .readAttributes()
                .isRegularFile();
        if (!regular) { // opening a pipe would block
            throw new IOException("it is no regular file");
        }
        try (InputStream in = Channels.newInputStream(
                bin.newByteChannel(NAME, Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS)))) {
            return Optional.of(in.readNBytes(JobSettings.LARGEST + 1));
        }
    }

    private static Optional<byte[]> inImage(Path image) throws IOException {
        try (DiskReader disk = DiskImage.of(image).files()) {
            Optional<DiskEntry> found = disk.find("/" + JobSettings.FILE);
            if (found.isEmpty()) {
                return Optional.empty();
            } else if (found.get().kind() != DiskEntry.Kind.FILE) {
                throw new IOException("it is no regular file");
            }
            try (InputStream in = disk.open(found.get())) {
                return Optional.of(in.readNBytes(JobSettings.LARGEST + 1));
            }
        } catch (NotSeekableException e) {
            LOG.warn(
                    "the settings of {} are not read: xz made one block of it, "
                            + "which cannot be read in part; compress it by xz -T2",
                    SkippedEntryLog.line(String.valueOf(image.getFileName())));
            return Optional.empty();
        } catch (dev.construir.DiskFormatException e) {
            LOG.debug("no settings are read from {}: {}", image, e.getMessage()); // the run reports what is wrong
            return Optional.empty();
        }
    }
}
