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

/** Extracts files and symbolic links, each into a directory that is open, and reports those entries of which the host gets none. */
final class EntryExtractor implements Closeable {
    /** The name of a file that is copied when it is its turn; there is one at a time. */
    private static final Path PART = Path.of("part");

    private final ExtractTarget target;
    private final ExtVolume volume;
    private final ReadLimits limits;
    private final ExtractOptions.Links links;
    private final ExtractionCounter tally;
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
            ExtractionCounter tally)
            throws IOException {
        this.volume = volume;
        this.limits = limits;
        this.links = links;
        this.target = target;
        this.tally = tally;
        int umask = FileExtractor.umask();
        this.extractor = new FileExtractor(volume, umask, tally::progress);
        this.filesAhead = new FilePrefetcher(target, () -> new FileExtractor(volume, umask, position -> {}));
    }

    /** Hears that it will probably be the turn of an entry soon. */
    void announce(VolumeEntry node) throws IOException {
        if (node.inode().links() == 1 && (node.inode().mode() & Inode.KIND) == Inode.FILE) {
            filesAhead.offer(node, limits.bytes().bytes() - copied);
        }
    }

    /** Hears that it is never the turn of an entry that was announced, or has been. */
    void forget(VolumeEntry node) throws IOException {
        filesAhead.forget(node);
    }

    /** Extracts an entry into a directory that is open. What the host refuses is reported. */
    void extract(VolumeEntry node, Name name, HostDirectory into, Path hostName) throws IOException {
        try {
            int kind = node.inode().mode() & Inode.KIND;
            switch (kind) {
                case Inode.FILE -> file(node, name, into, hostName);
                case Inode.LINK -> link(node, name, into, hostName);
                default -> tally.skip(node.path(), special(kind));
            }
        } catch (FileSystemException e) {
            tally.lose(node.path(), target.reason(e));
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

    private void file(VolumeEntry node, Name name, HostDirectory into, Path hostName) throws IOException {
        Path path = into.resolve(hostName);
        boolean isShared = node.inode().links() > 1;
        if (isShared
                && shared.contains(node.number())
                && target.link(path, target.staging().shared(node.number()), name)) {
            target.made(into, hostName);
            tally.name(node.inode());
            return;
        }
        long size = node.inode().size();
        if (size > limits.bytes().bytes() - copied) {
            throw new LimitException(
                    node.path() + ", of " + size + " bytes, would make it more than " + limits.bytes() + ", the limit");
        }
        CompleteFile file = complete(node);
        try {
            name(node, file, name, into, hostName, isShared);
        } catch (AtomicMoveNotSupportedException e) {
            // Another file system begins there.
            try (Staging near = target.stagingIn(into)) {
                name(node, copy(node, near), name, into, hostName, false);
            }
        }
        target.made(into, hostName);
        tally.file(node.inode());
        tally.rights(node, file.rights());
    }

    /** Returns a file that was copied ahead of its turn, or is now. */
    private CompleteFile complete(VolumeEntry node) throws IOException {
        FilePrefetcher.Copy ahead = filesAhead.take(node);
        if (ahead == null) {
            return copy(node, target.staging());
        }
        copied += ahead.copied();
        return ahead.file();
    }

    private CompleteFile copy(VolumeEntry node, Staging staging) throws IOException {
        try {
            return extractor.copy(node, staging, PART);
        } finally {
            copied += extractor.copied();
        }
    }

    /** Gives a file its name, or removes it. One that may get further names is kept where it was written, too. */
    private void name(
            VolumeEntry node, CompleteFile file, Name name, HostDirectory into, Path hostName, boolean isShared)
            throws IOException {
        boolean isNamed = false;
        try {
            file.notes().tell(tally, node);
            if (isShared) {
                share(node, file);
            }
            target.move(file, into, hostName, name);
            isNamed = true;
        } finally {
            if (!isNamed) {
                file.discard();
            }
        }
    }

    private void share(VolumeEntry node, CompleteFile file) throws IOException {
        try {
            file.staging().share(file.part(), node.number());
            shared.add(node.number());
        } catch (FileSystemException | UnsupportedOperationException e) {
            shared.remove(node.number()); // this host has no hard links: there will be copies
        }
    }

    /** Creates one of several names of a link, which is kept for the others. Returns false if this host has no hard links of links. */
    private boolean linkAgain(VolumeEntry node, HostLink made, Path path, Name name) throws IOException {
        Path kept = target.staging().shared(node.number());
        if (!shared.contains(node.number())) {
            made.create(kept);
            shared.add(node.number());
        }
        return target.link(path, kept, name);
    }

    private void link(VolumeEntry node, Name name, HostDirectory into, Path hostName) throws IOException {
        if (links == ExtractOptions.Links.SKIP) {
            tally.skip(node.path(), "a symbolic link");
            return;
        }
        byte[] text = node.target(volume);
        if (!LinkTarget.staysInside(text, into.depth())) {
            tally.skip(node.path(), "a symbolic link that may lead outside, to " + DiskPath.text(text));
            return;
        }
        try {
            Path path = into.resolve(hostName);
            HostLink made = HostLink.of(text);
            if (node.inode().links() == 1 || !linkAgain(node, made, path, name)) {
                target.create(path, name, () -> made.create(path));
            }
            target.made(into, hostName);
            tally.link(node.inode());
            tally.rights(node, KeptRights.ofLink(volume, node));
            if (!made.isExact()) {
                tally.changedLink();
            }
        } catch (InvalidPathException e) {
            tally.lose(node.path(), "a symbolic link to a name this host cannot have");
        } catch (UnsupportedOperationException e) {
            tally.lose(node.path(), "a symbolic link, which this host has none of");
        }
    }

    @Override
    public void close() throws IOException {
        filesAhead.close();
    }
}
