package dev.construir.guest;

import dev.construir.DataSize;
import dev.construir.disk.Attributes;
import dev.construir.disk.DiskEntry;
import dev.construir.disk.read.DiskReader;
import dev.construir.disk.write.DiskBuilder;
import dev.construir.disk.write.DiskOptions;
import dev.construir.disk.write.JobDisk;
import dev.construir.disk.write.PackOptions;
import java.io.ByteArrayInputStream;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A job disk as a directory of the host, and back. What the job did not touch keeps its inode and its times, so that
 * its outputs differ from what the disk began with, as after a machine. A job that removes something shifts the inodes
 * behind it, which count as changed then.
 */
public final class UnpackedDisk {
    private static final int BLOCK = 4096;
    private static final String STAMP = "unix:ctime,fileKey";
    private static final PackOptions PACKING = PackOptions.DEFAULT.withDevices(PackOptions.Devices.CREATE);

    /** An entry as it was unpacked. Nothing sets back the time of an inode's last change. */
    private record Original(DiskEntry entry, Path path, Map<String, Object> stamp) {}

    private final Path disk;
    private final Path directory;
    private final List<Original> originals;

    private UnpackedDisk(Path disk, Path directory, List<Original> originals) {
        this.disk = disk;
        this.directory = directory;
        this.originals = originals;
    }

    /**
     * Unpacks a disk. What the host refuses of it is missing.
     *
     * @param disk the disk's image, raw
     * @param directory an empty directory
     * @return the unpacked disk
     * @throws IOException if the disk cannot be read or the directory cannot be written
     * @throws InterruptedException if the thread was interrupted
     */
    public static UnpackedDisk unpack(Path disk, Path directory) throws IOException, InterruptedException {
        Path real = directory.toRealPath();
        List<Original> originals = new ArrayList<>();
        try (DiskReader reader = DiskReader.open(disk)) {
            var unused = reader.copyTo(real);
            reader.walk("/", entry -> {
                if (entry.path().equals("/lost+found")) {
                    return FileVisitResult.SKIP_SUBTREE;
                }
                addOriginal(reader, entry, real, originals);
                return FileVisitResult.CONTINUE;
            });
        }
        originals.sort(Comparator.comparingLong(original -> original.entry().inode()));
        return new UnpackedDisk(disk, real, originals);
    }

    // Files of several names are packed by their names on the host.
    private static void addOriginal(DiskReader reader, DiskEntry entry, Path directory, List<Original> originals)
            throws IOException {
        boolean replayed = entry.kind() == DiskEntry.Kind.DIRECTORY
                || (entry.links() == 1
                        && (entry.kind() == DiskEntry.Kind.FILE || entry.kind() == DiskEntry.Kind.SYMBOLIC_LINK));
        if (replayed) {
            try {
                Path path = directory.resolve(entry.path().substring(1));
                if (entry.kind() == DiskEntry.Kind.SYMBOLIC_LINK) {
                    makeLink(path, reader.readLink(entry));
                }
                if (Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
                    originals.add(new Original(entry, path, stamp(path)));
                }
            } catch (
                    @SuppressWarnings("unused")
                    InvalidPathException e) {
                // the host has no such name, and so it was not unpacked
            }
        }
    }

    // Links that lead out of the directory are not extracted, and a job may need them.
    private static void makeLink(Path path, String target) throws IOException {
        if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS) && isInPlace(path)) {
            Files.createSymbolicLink(path, Path.of(target));
        }
    }

    private static Map<String, Object> stamp(Path path) throws IOException {
        return Files.readAttributes(path, STAMP, LinkOption.NOFOLLOW_LINKS);
    }

    /**
     * Writes what is in the directory to the disk, in place of what is there, and the status with it. The disk is
     * replaced when all of it is written.
     *
     * @param status the status without its padding, for example {@code run=job-0123456789ab}, {@code state=ended} and
     *     {@code exit=0}, each on a line
     * @throws dev.construir.DiskFullException if it does not fit on the disk
     * @throws IOException if something cannot be read or written; the disk is as it was
     */
    public void pack(String status) throws IOException {
        Path packed = disk.resolveSibling(disk.getFileName() + ".packed");
        long size = Files.size(disk) / BLOCK * BLOCK;
        try {
            JobDisk.create(packed, DiskOptions.of(DataSize.ofBytes(size)), builder -> write(builder, status));
            Files.move(packed, disk, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(packed);
        }
    }

    private void write(DiskBuilder builder, String status) throws IOException {
        Set<Path> done = new HashSet<>(Set.of(onHost(JobStatus.PATH), directory.resolve("lost+found")));
        for (Original original : originals) {
            if (!done.contains(original.path()) && isThere(original)) {
                replay(builder, original, done);
            }
        }
        builder.tree("/", directory, path -> !done.contains(path), PACKING);
        byte[] padded =
                String.format("%-" + (JobStatus.SIZE - 1) + "s\n", status).getBytes(StandardCharsets.US_ASCII);
        Attributes attributes = Attributes.ofRoot(0644, Instant.now());
        builder.file(JobStatus.PATH, attributes, padded.length, new ByteArrayInputStream(padded));
    }

    // In its place, so that what follows keeps its inode.
    private static void replay(DiskBuilder builder, Original original, Set<Path> done) throws IOException {
        DiskEntry entry = original.entry();
        boolean touched = !stamp(original.path()).equals(original.stamp());
        if (entry.kind() == DiskEntry.Kind.DIRECTORY) {
            builder.directory(entry.path(), entry.attributes()); // the tree sets what the job has changed
        } else if (entry.kind() == DiskEntry.Kind.FILE) {
            addFile(builder, original, touched);
            done.add(original.path());
        } else if (!touched) {
            String target = Files.readSymbolicLink(original.path()).toString();
            builder.symbolicLink(entry.path(), entry.attributes(), target);
            done.add(original.path());
        }
    }

    private static void addFile(DiskBuilder builder, Original original, boolean touched) throws IOException {
        Path path = original.path();
        Attributes before = original.entry().attributes();
        Attributes attributes = touched ? changed(path, before) : before;
        try (InputStream content = new FileInputStream(path.toFile())) {
            builder.file(original.entry().path(), attributes, Files.size(path), content);
        }
    }

    // A job can set the time back, and nothing else on the disk shows that the content has changed.
    private static Attributes changed(Path path, Attributes before) throws IOException {
        int mode = (Integer) Files.getAttribute(path, "unix:mode") & 07777;
        Instant modified = Files.getLastModifiedTime(path).toInstant();
        return Attributes.ofRoot(mode, modified.equals(before.modified()) ? modified.plusNanos(1) : modified);
    }

    private static boolean isThere(Original original) throws IOException {
        Path path = original.path();
        return isInPlace(path)
                && switch (original.entry().kind()) {
                    case DIRECTORY -> Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS);
                    case FILE -> Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS);
                    default -> Files.isSymbolicLink(path);
                };
    }

    // A job may have put a link in the place of a directory above, which leads anywhere on the host.
    private static boolean isInPlace(Path path) throws IOException {
        Path parent = path.getParent();
        return parent != null
                && Files.isDirectory(parent)
                && parent.toRealPath().equals(parent);
    }

    private Path onHost(String path) {
        return directory.resolve(path.substring(1));
    }

    /** Returns which disk is unpacked where. */
    @Override
    public String toString() {
        return disk + " unpacked in " + directory;
    }
}
