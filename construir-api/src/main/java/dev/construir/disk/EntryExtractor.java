package dev.construir.disk;

import dev.construir.disk.Siblings.Name;
import dev.construir.ext.Inode;
import java.io.IOException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.FileSystemException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;

/** Extracts files and symbolic links, each into a directory that is open, and reports those entries of which the host gets none. */
final class EntryExtractor {
    private final ExtractTarget target;
    private final Volume volume;
    private final ReadLimits limits;
    private final ExtractOptions.Links links;
    private final Tally tally;
    private final FileExtractor extractor;
    private final Set<Long> shared = new HashSet<>();
    /** Also of files that were damaged or refused, as copying them takes as long. */
    private long copied;

    EntryExtractor(
            Volume volume,
            ReadLimits limits,
            ExtractOptions.Links links,
            ExtractTarget target,
            HostMetadata metadata,
            Tally tally)
            throws IOException {
        this.volume = volume;
        this.limits = limits;
        this.links = links;
        this.target = target;
        this.tally = tally;
        this.extractor = new FileExtractor(volume, metadata, tally);
    }

    /** Extracts an entry into a directory that is open. What the host refuses is reported. */
    void extract(Node node, Name name, HostDirectory into, Path hostName) throws IOException {
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

    private void file(Node node, Name name, HostDirectory into, Path hostName) throws IOException {
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
        KeptRights rights = KeptRights.of(volume, node);
        try {
            write(node, rights.mode(), name, into, hostName, target.staging(), isShared);
        } catch (AtomicMoveNotSupportedException e) {
            // Another file system begins there.
            try (Staging near = target.stagingIn(into)) {
                write(node, rights.mode(), name, into, hostName, near, false);
            }
        } finally {
            copied += extractor.copied();
        }
        target.made(into, hostName);
        tally.file(node.inode());
        tally.rights(node, rights);
    }

    /** Writes a file in a place of its own and gives it its name. One that may get further names is kept there, too. */
    private void write(
            Node node, int mode, Name name, HostDirectory into, Path hostName, Staging staging, boolean isShared)
            throws IOException {
        boolean moved = false;
        try {
            extractor.copy(node, mode, staging.directory(), Staging.PART);
            if (isShared) {
                share(node, staging);
            }
            target.move(staging, into, hostName, name);
            moved = true;
        } finally {
            if (!moved) {
                staging.discard();
            }
        }
    }

    private void share(Node node, Staging staging) throws IOException {
        try {
            staging.share(node.number());
            shared.add(node.number());
        } catch (FileSystemException | UnsupportedOperationException e) {
            shared.remove(node.number()); // this host has no hard links: there will be copies
        }
    }

    private void link(Node node, Name name, HostDirectory into, Path hostName) throws IOException {
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
            target.create(path, name, () -> made.create(path));
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
}
