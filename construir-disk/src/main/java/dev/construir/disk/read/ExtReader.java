package dev.construir.disk.read;

import dev.construir.DiskFormatException;
import dev.construir.block.BlockSource;
import dev.construir.disk.DiskEntry;
import dev.construir.disk.FileSystemInfo;
import dev.construir.disk.LimitException;
import dev.construir.disk.ReadLimits;
import dev.construir.ext.DiskPath;
import dev.construir.ext.Inode;
import dev.construir.host.ProcFdPaths;
import dev.construir.thread.InterruptPolicy;
import dev.construir.volume.DirectoryBudget;
import dev.construir.volume.DirectoryLookupCache;
import dev.construir.volume.DirectoryRecords;
import dev.construir.volume.ExtVolume;
import dev.construir.volume.ExtendedAttributes;
import dev.construir.volume.FileContent;
import dev.construir.volume.LinkWalk;
import dev.construir.volume.PathLimit;
import dev.construir.volume.TreeWalk;
import dev.construir.volume.VolumeEntry;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileVisitResult;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.NotLinkException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads ext2, ext3 and ext4 as they stand on the disk: a journal is not looked at. */
final class ExtReader implements DiskReader {
    /** How many characters of paths a list keeps for each entry that it may have. */
    private static final int LISTED = 256;

    private final ExtVolume volume;
    private final ReadLimits limits;
    private final DirectoryLookupCache lastFound = new DirectoryLookupCache();

    private ExtReader(ExtVolume volume, ReadLimits limits) {
        this.volume = volume;
        this.limits = limits;
    }

    /** Reads a file system that begins at the first byte; the source is closed with the reader, if there comes one. */
    static DiskReader on(BlockSource source, ReadLimits limits) throws IOException {
        Objects.requireNonNull(limits, "limits");
        return new ExtReader(new ExtVolume(source), limits);
    }

    @Override
    public FileSystemInfo info() {
        return volume.info();
    }

    @Override
    public Optional<DiskEntry> find(String path) throws IOException {
        VolumeEntry entry = locate(path);
        return entry == null ? Optional.empty() : Optional.of(entry.toDiskEntry());
    }

    @Override
    public DiskEntry follow(String path) throws IOException {
        return new LinkWalk(volume, limits, lastFound).follow(root(), path).toDiskEntry();
    }

    @Override
    public List<DiskEntry> list(String path) throws IOException {
        VolumeEntry entry = directory(path);
        List<DiskEntry> entries = new ArrayList<>();
        DirectoryRecords records = entry.records(volume, budget());
        long room = (long) limits.entries() * LISTED;
        while (records.next()) {
            if (entries.size() == limits.entries()) {
                throw new LimitException(entry.path() + " has more than " + limits.entries() + " entries");
            }
            VolumeEntry child = entry.child(records.name(), records.number(), records.inode());
            PathLimit.check(child.path(), limits);
            room -= child.path().length();
            if (room < 0) {
                throw new LimitException("the paths of what is in " + entry.path() + " are longer in all than "
                        + (long) limits.entries() * LISTED + " characters, the limit; walk does not keep them");
            }
            entries.add(child.toDiskEntry());
        }
        return entries;
    }

    @Override
    public void walk(String path, DiskVisitor visitor) throws IOException {
        Objects.requireNonNull(visitor, "visitor");
        new TreeWalk(volume, limits, InterruptPolicy.RESPECTED, entry -> visitor.visit(entry.toDiskEntry()))
                .run(directory(path));
    }

    private VolumeEntry directory(String path) throws IOException {
        VolumeEntry entry = existing(path);
        if (!entry.inode().isDirectory()) {
            throw new NotDirectoryException(path);
        }
        return entry;
    }

    @Override
    public InputStream open(String path) throws IOException {
        return content(existing(path));
    }

    @Override
    public InputStream open(DiskEntry file) throws IOException {
        return content(volumeEntry(file));
    }

    private InputStream content(VolumeEntry entry) throws IOException {
        if (!entry.inode().isFile()) {
            throw new NoSuchFileException(entry.path(), null, "is no regular file");
        }
        if (entry.inode().size() > limits.bytes().bytes()) {
            throw new LimitException(
                    entry.path() + " has " + entry.inode().size() + " bytes; the limit is " + limits.bytes());
        }
        return new FileContent(volume, entry.number(), entry.inode());
    }

    @Override
    public String readLink(String path) throws IOException {
        return target(existing(path));
    }

    @Override
    public String readLink(DiskEntry link) throws IOException {
        return target(volumeEntry(link));
    }

    private VolumeEntry volumeEntry(DiskEntry entry) throws IOException {
        return new VolumeEntry(entry.path(), entry.inode(), volume.inode(entry.inode()));
    }

    private String target(VolumeEntry entry) throws IOException {
        if (!entry.inode().isLink()) {
            throw new NotLinkException(entry.path(), null, "it is no symbolic link");
        }
        return DiskPath.text(entry.target(volume));
    }

    @Override
    public Map<String, byte[]> extendedAttributes(String path) throws IOException {
        VolumeEntry entry = existing(path);
        return ExtendedAttributes.of(volume, entry.number(), entry.inode());
    }

    @Override
    public DiskSnapshot snapshot() throws IOException {
        DiskSnapshot.Builder snapshot = new DiskSnapshot.Builder();
        new TreeWalk(volume, limits, InterruptPolicy.RESPECTED, entry -> {
                    snapshot.add(entry);
                    return FileVisitResult.CONTINUE;
                })
                .run();
        return snapshot.build();
    }

    @Override
    public ExtractReport copyTo(String path, Path target, ExtractOptions options)
            throws IOException, InterruptedException {
        return new Extraction(volume, limits, options, new ProcFdPaths()).run(existing(path), target);
    }

    @Override
    public ExtractReport copyTo(DiskEntry entry, Path target, ExtractOptions options)
            throws IOException, InterruptedException {
        return new Extraction(volume, limits, options, new ProcFdPaths()).run(volumeEntry(entry), target);
    }

    @Override
    public void close() throws IOException {
        volume.close();
    }

    private VolumeEntry existing(String path) throws IOException {
        VolumeEntry entry = locate(path);
        if (entry == null) {
            throw DiskPath.missing(path);
        }
        return entry;
    }

    /** What machines left is read after a run was cancelled, too. */
    private DirectoryBudget budget() {
        return new DirectoryBudget(volume.geometry(), limits, InterruptPolicy.IGNORED);
    }

    private VolumeEntry root() throws IOException {
        VolumeEntry entry = new VolumeEntry("/", Inode.ROOT, volume.inode(Inode.ROOT));
        if (!entry.inode().isDirectory()) {
            throw new DiskFormatException(volume.describe(Inode.ROOT) + " is no directory, but should be the root");
        }
        return entry;
    }

    private @Nullable VolumeEntry locate(String path) throws IOException {
        PathLimit.check(path, limits);
        VolumeEntry entry = root();
        DirectoryBudget budget = budget();
        for (byte[] name : DiskPath.namesAsShown(path)) {
            DirectoryRecords records = entry.inode().isDirectory() ? entry.records(volume, budget) : null;
            if (records == null || !records.find(name, lastFound.block(entry.number()))) {
                return null;
            }
            lastFound.found(entry.number(), records.index());
            entry = entry.child(records.name(), records.number(), records.inode());
        }
        return entry;
    }

    /** Returns the file system that it reads. */
    @Override
    public String toString() {
        return "reader of " + info();
    }
}
