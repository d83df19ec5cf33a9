package dev.construir.disk.read;

import dev.construir.disk.LimitException;
import dev.construir.disk.ReadLimits;
import dev.construir.disk.read.NameCollisions.Name;
import dev.construir.ext.DiskPath;
import dev.construir.ext.Inode;
import dev.construir.host.HostDirectory;
import dev.construir.host.HostLink;
import dev.construir.volume.ExtVolume;
import dev.construir.volume.VolumeEntry;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.FileSystemException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;

/**
 * Extracts files and symbolic links, each into a directory that is open, and reports those entries of which the host
 * gets none.
 */
final class EntryExtractor implements Closeable {
    /** The name of a file that is copied when it is its turn; there is one at a time. */
    private static final Path PART = Path.of("part");

    private final ExtractTarget target;
    private final ExtVolume volume;
    private final ReadLimits limits;
    private final ExtractOptions.Links links;
    private final ExtractionCounter counter;
    private final FileExtractor extractor;
    private final FilePrefetcher filesAhead;
    private final Set<Long> shared = new HashSet<>();
    /** Also of files that were damaged or refused, as copying them takes as long. */
    private long copied;

    EntryExtractor(
            ExtVolume volume,
            ReadLimits limits,
            ExtractOptions.Links links,
            ExtractTarget target,
            ExtractionCounter counter)
            throws IOException {
        this.volume = volume;
        this.limits = limits;
        this.links = links;
        this.target = target;
        this.counter = counter;
        int umask = FileExtractor.umask();
        this.extractor = new FileExtractor(volume, umask, counter::progress);
        this.filesAhead = new FilePrefetcher(target, () -> new FileExtractor(volume, umask, position -> {}));
    }

    /** Announces that it will probably be the turn of an entry soon. */
    void announce(VolumeEntry entry) throws IOException {
        if (entry.inode().links() == 1 && (entry.inode().mode() & Inode.KIND) == Inode.FILE) {
            filesAhead.offer(entry, limits.bytes().bytes() - copied);
        }
    }

    /** Takes back an announcement: the entry's turn has been, or never comes. */
    void forget(VolumeEntry entry) throws IOException {
        filesAhead.forget(entry);
    }

    /** Extracts an entry into a directory that is open. What the host refuses is reported. */
    void extract(VolumeEntry entry, Name name, HostDirectory into, Path hostName) throws IOException {
        try {
            int kind = entry.inode().mode() & Inode.KIND;
            switch (kind) {
                case Inode.FILE -> file(entry, name, into, hostName);
                case Inode.LINK -> link(entry, name, into, hostName);
                default -> counter.skip(entry.path(), special(kind));
            }
        } catch (FileSystemException e) {
            counter.lose(entry.path(), target.reason(e));
        }
    }

    private static String special(int kind) {
        return switch (kind) {
            case Inode.CHARACTER_DEVICE, Inode.BLOCK_DEVICE -> "a device";
            case Inode.PIPE -> "a pipe";
            case Inode.SOCKET -> "a socket";
            default -> "of no known kind";
        };
    }

    private void file(VolumeEntry entry, Name name, HostDirectory into, Path hostName) throws IOException {
        Path path = into.resolve(hostName);
        boolean isShared = entry.inode().links() > 1;
        if (isShared
                && shared.contains(entry.number())
                && target.link(path, target.staging().shared(entry.number()), name)) {
            target.made(into, hostName);
            counter.name(entry.inode());
            return;
        }
        long size = entry.inode().size();
        if (size > limits.bytes().bytes() - copied) {
            throw new LimitException(entry.path() + ", of " + size + " bytes, would make it more than " + limits.bytes()
                    + ", the limit");
        }
        CompleteFile file = complete(entry);
        try {
            name(entry, file, name, into, hostName, isShared);
        } catch (AtomicMoveNotSupportedException e) {
            // Another file system begins there.
            try (Staging near = target.stagingIn(into)) {
                name(entry, copy(entry, near), name, into, hostName, false);
            }
        }
        target.made(into, hostName);
        counter.file(entry.inode());
        counter.rights(entry, file.rights());
    }

    /** Returns a file that was copied ahead of its turn, or is now. */
    private CompleteFile complete(VolumeEntry entry) throws IOException {
        FilePrefetcher.Copy ahead = filesAhead.take(entry);
        if (ahead == null) {
            return copy(entry, target.staging());
        }
        copied += ahead.copied();
        return ahead.file();
    }

    private CompleteFile copy(VolumeEntry entry, Staging staging) throws IOException {
        try {
            return extractor.copy(entry, staging, PART);
        } finally {
            copied += extractor.copied();
        }
    }

    /** Gives a file its name, or removes it. One that may get further names is kept where it was written, too. */
    private void name(
            VolumeEntry entry, CompleteFile file, Name name, HostDirectory into, Path hostName, boolean isShared)
            throws IOException {
        boolean isNamed = false;
        try {
            file.notes().reportTo(counter, entry);
            if (isShared) {
                share(entry, file);
            }
            target.move(file, into, hostName, name);
            isNamed = true;
        } finally {
            if (!isNamed) {
                file.discard();
            }
        }
    }

    private void share(VolumeEntry entry, CompleteFile file) throws IOException {
        try {
            file.staging().share(file.part(), entry.number());
            shared.add(entry.number());
        } catch (FileSystemException | UnsupportedOperationException e) {
            shared.remove(entry.number()); // this host has no hard links: there will be copies
        }
    }

    /**
     * Creates one of several names of a link, which is kept for the others. Returns false if this host has no hard
     * links of links.
     */
    private boolean linkAgain(VolumeEntry entry, HostLink made, Path path, Name name) throws IOException {
        Path kept = target.staging().shared(entry.number());
        if (!shared.contains(entry.number())) {
            made.create(kept);
            shared.add(entry.number());
        }
        return target.link(path, kept, name);
    }

    private void link(VolumeEntry entry, Name name, HostDirectory into, Path hostName) throws IOException {
        if (links == ExtractOptions.Links.SKIP) {
            counter.skip(entry.path(), "a symbolic link");
            return;
        }
        byte[] text = entry.target(volume);
        if (!LinkTarget.staysInside(text, into.depth())) {
            counter.skip(entry.path(), "a symbolic link that may lead outside, to " + DiskPath.text(text));
            return;
        }
        try {
            Path path = into.resolve(hostName);
            HostLink made = HostLink.of(text);
            if (entry.inode().links() == 1 || !linkAgain(entry, made, path, name)) {
                target.create(path, name, () -> made.create(path));
            }
            target.made(into, hostName);
            counter.link(entry.inode());
            counter.rights(entry, KeptRights.ofLink(volume, entry));
            if (!made.isExact()) {
                counter.changedLink();
            }
        } catch (InvalidPathException e) {
            counter.lose(entry.path(), "a symbolic link to a name this host cannot have");
        } catch (UnsupportedOperationException e) {
            counter.lose(entry.path(), "a symbolic link, which this host has none of");
        }
    }

    @Override
    public void close() throws IOException {
        filesAhead.close();
    }
}
