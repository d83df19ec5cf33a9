package dev.construir.disk.write;

import dev.construir.disk.Attributes;
import dev.construir.disk.write.AttributeIntake.Taken;
import dev.construir.disk.write.PackOptions.Devices;
import dev.construir.disk.write.PackOptions.Duplicates;
import dev.construir.ext.DiskPath;
import dev.construir.ext.ExtendedAttribute;
import dev.construir.ext.Inode;
import dev.construir.tar.TarEntry;
import dev.construir.tar.TarEntry.Kind;
import dev.construir.tar.TarExtras;
import dev.construir.tar.TarReader;
import dev.construir.tar.Unpacking;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Adds what a tar archive holds to a disk, as it comes. */
final class TarTree {
    /** Linux's PATH_MAX. It bounds how deep directories lie in each other, too. */
    private static final int MAX_PATH = 4096;

    private final DiskWriter disk;
    private final DirectoryNode root;
    private final String rootPath;
    private final PackOptions options;
    private final OwnerNames owners = new OwnerNames(Path.of("/etc"));
    private final AttributeIntake intake;

    TarTree(DiskWriter disk, DirectoryNode root, String rootPath, PackOptions options) {
        this.disk = disk;
        this.root = root;
        this.rootPath = rootPath;
        this.options = options;
        this.intake = new AttributeIntake(options, owners, disk::attributeRoom);
    }

    void add(InputStream archive) throws IOException {
        TarReader tar = new TarReader(Unpacking.of(archive), ExtendedAttribute::isPossible);
        for (TarEntry entry = tar.next(); entry != null; entry = tar.next()) {
            if (Thread.currentThread().isInterrupted()) {
                throw new ClosedByInterruptException();
            }
            try {
                add(entry, tar.content());
            } catch (IllegalArgumentException e) {
                // What the disk cannot have is here no mistake of a caller's.
                throw new IOException(entry.describe() + ": " + e.getMessage(), e);
            } catch (FileAlreadyExistsException e) {
                String what = e.getReason() == null ? "what is on the disk is not replaced" : "it is " + e.getReason();
                FileAlreadyExistsException twice = new FileAlreadyExistsException(
                        e.getFile(),
                        null,
                        "the archive has it a second time, at byte " + entry.offset() + ", or it was there before; "
                                + what);
                twice.initCause(e);
                throw twice;
            }
        }
        if (!tar.isEndMarked()) {
            options.warnings()
                    .accept("the archive has no mark of its end: if it was cut off between two entries, "
                            + "the others are missing");
        }
        intake.report();
    }

    private void add(TarEntry entry, InputStream content) throws IOException {
        List<byte[]> names = names(entry.path());
        if (names.isEmpty()) {
            if (entry.kind() != Kind.DIRECTORY) {
                throw new IllegalArgumentException("it has no name");
            }
            Taken taken = taken(entry);
            disk.setAttributes(root, attributes(entry, taken.mode()));
            setExtended(entry, root.inode, taken);
            return;
        }
        DirectoryNode parent = disk.parent(root, rootPath + " from " + entry.describe(), names);
        byte[] name = names.get(names.size() - 1);
        DiskWriter.checkPath(parent, name);
        if (entry.kind() == Kind.HARD_LINK) {
            List<byte[]> target = names(entry.target());
            disk.addName(parent, name, root, text(entry.target()), target, options.duplicates());
            return;
        }
        Taken taken = taken(entry);
        boolean inTheWay =
                options.duplicates() == Duplicates.REPLACE && disk.vacate(parent, name, entry.kind() == Kind.DIRECTORY);
        setExtended(entry, add(parent, name, entry, attributes(entry, taken.mode()), content), taken);
        if (inTheWay) {
            disk.replaced();
        }
    }

    private int add(DirectoryNode parent, byte[] name, TarEntry entry, Attributes attributes, InputStream content)
            throws IOException {
        return switch (entry.kind()) {
            case DIRECTORY -> disk.addDirectory(parent, name, attributes).inode;
            case FILE -> disk.addFile(parent, name, attributes, entry.size(), content);
            case SYMBOLIC_LINK -> disk.addLink(parent, name, attributes, bytes(entry.target()));
            case CHARACTER_DEVICE, BLOCK_DEVICE, PIPE ->
                addSpecial(parent, name, entry, kind(entry.kind()), attributes);
            case HARD_LINK -> throw new AssertionError(entry); // was added before
        };
    }

    private int addSpecial(DirectoryNode parent, byte[] name, TarEntry entry, int kind, Attributes attributes)
            throws IOException {
        if (options.devices() == Devices.REFUSE) {
            throw new IllegalArgumentException(
                    "it is a device or a pipe; leave it out, or have it made on the disk (pack --devices)");
        }
        return disk.addSpecial(parent, name, kind, attributes, entry.major(), entry.minor());
    }

    private static Attributes attributes(TarEntry entry, int mode) {
        return new Attributes(mode, entry.uid(), entry.gid(), entry.modified());
    }

    private Taken taken(TarEntry entry) {
        TarExtras extras = entry.extras();
        owners.learn(extras.user(), entry.uid(), extras.group(), entry.gid());
        intake.leave(extras.leftOut(), extras.hasForeignList());
        return intake.take(
                kind(entry.kind()), entry.mode(), extras.attributes(), extras.accessList(), extras.defaultList());
    }

    private static int kind(Kind kind) {
        return switch (kind) {
            case DIRECTORY -> Inode.DIRECTORY;
            case FILE, HARD_LINK -> Inode.FILE;
            case SYMBOLIC_LINK -> Inode.LINK;
            case CHARACTER_DEVICE -> Inode.CHARACTER_DEVICE;
            case BLOCK_DEVICE -> Inode.BLOCK_DEVICE;
            case PIPE -> Inode.PIPE;
        };
    }

    private void setExtended(TarEntry entry, int inode, Taken taken) throws IOException {
        if (!taken.attributes().isEmpty()) {
            disk.setExtended(entry.describe(), inode, taken.attributes());
        }
    }

    private static String text(ByteBuffer bytes) {
        return DiskPath.text(bytes(bytes));
    }

    /**
     * Names of a path, which begins at the place the archive goes to, also if it begins with a slash; dots in it stand
     * for nothing.
     */
    private static List<byte[]> names(ByteBuffer path) {
        List<byte[]> names = new ArrayList<>();
        byte[] bytes = bytes(path);
        if (bytes.length > MAX_PATH) {
            throw new IllegalArgumentException(
                    "a path of " + bytes.length + " bytes; no guest opens one of more than " + MAX_PATH);
        }
        for (int from = 0; from < bytes.length; ) {
            int end = from;
            while (end < bytes.length && bytes[end] != '/') {
                end++;
            }
            boolean dot = end == from + 1 && bytes[from] == '.';
            if (end > from && !dot) {
                byte[] name = Arrays.copyOfRange(bytes, from, end);
                String fault = DiskPath.fault(name);
                if (fault != null) {
                    throw new IllegalArgumentException(fault);
                }
                names.add(name);
            }
            from = end + 1;
        }
        return names;
    }

    private static byte[] bytes(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.duplicate().get(bytes);
        return bytes;
    }
}
