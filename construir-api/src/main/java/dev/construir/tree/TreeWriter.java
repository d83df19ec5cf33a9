package dev.construir.tree;

import dev.construir.disk.Attributes;
import dev.construir.disk.DiskEntry;
import dev.construir.disk.read.DiskReader;
import java.io.BufferedOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/** Writes what is on a disk as a tree: directories, files, links. Used by one thread, once. */
public final class TreeWriter {
    private static final int BUFFER = 64 << 10;
    private static final String OWN_DIRECTORY = "/lost+found"; // every ext file system has it

    private final DiskReader disk;
    private final DataOutputStream out;
    private final Map<Long, String> linked = new HashMap<>(); // inodes of several names, by their first one
    private final byte[] buffer = new byte[BUFFER];

    private TreeWriter(DiskReader disk, OutputStream out) {
        this.disk = disk;
        this.out = new DataOutputStream(new BufferedOutputStream(out, BUFFER));
    }

    /**
     * Writes all entries of a disk and the end of the tree, but for a {@code /lost+found} that is empty. Leaves the
     * stream open.
     *
     * @param disk the disk
     * @param out takes the tree
     * @throws IOException if the disk cannot be read, the stream cannot be written, or a name or a link's target is not
     *     UTF-8
     */
    public static void write(DiskReader disk, OutputStream out) throws IOException {
        TreeWriter writer = new TreeWriter(disk, out);
        disk.walk("/", entry -> {
            if (entry.path().equals(OWN_DIRECTORY) && isEmptyDirectory(disk, entry)) {
                return FileVisitResult.SKIP_SUBTREE;
            }
            writer.write(entry);
            return FileVisitResult.CONTINUE;
        });
        writer.out.writeByte(EntryType.END.number());
        writer.out.flush();
    }

    private static boolean isEmptyDirectory(DiskReader disk, DiskEntry entry) throws IOException {
        return entry.kind() == DiskEntry.Kind.DIRECTORY
                && disk.list(entry.path()).isEmpty();
    }

    private void write(DiskEntry entry) throws IOException {
        String path = entry.path().substring(1);
        if (isReplaced(path)) {
            throw TreeFormat.foreignName(path);
        }
        boolean several = entry.kind() == DiskEntry.Kind.FILE && entry.links() > 1;
        String first = several ? linked.putIfAbsent(entry.inode(), path) : null;
        if (first != null) {
            begin(EntryType.HARD_LINK, entry.attributes(), path, first);
        } else if (entry.kind() == DiskEntry.Kind.SYMBOLIC_LINK) {
            String target = disk.readLink(entry);
            if (isReplaced(target)) {
                throw TreeFormat.foreignTarget(path);
            }
            begin(EntryType.SYMBOLIC_LINK, entry.attributes(), path, target);
        } else {
            begin(EntryType.of(entry.kind()), entry.attributes(), path, "");
            if (entry.kind() == DiskEntry.Kind.FILE) {
                content(entry);
            }
        }
    }

    /** Returns whether a text of the disk stands for other bytes. */
    private static boolean isReplaced(String text) {
        return text.indexOf('\ufffd') >= 0;
    }

    @SuppressWarnings("JavaInstantGetSecondsGetNano") // the format has both
    private void begin(EntryType type, Attributes attributes, String path, String target) throws IOException {
        out.writeInt(type.number() << 24);
        out.writeInt(attributes.mode());
        out.writeInt((int) attributes.uid());
        out.writeInt((int) attributes.gid());
        out.writeLong(attributes.modified().getEpochSecond());
        out.writeInt(attributes.modified().getNano());
        out.writeLong(0); // device numbers, which disks written here do not have
        string(path);
        string(target);
    }

    private void string(String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        out.writeInt(bytes.length);
        out.write(bytes);
    }

    private void content(DiskEntry entry) throws IOException {
        out.writeLong(entry.size());
        long holes = 0; // in units, not written yet
        try (InputStream in = disk.open(entry)) {
            int length;
            while ((length = in.readNBytes(buffer, 0, BUFFER)) > 0) {
                if (isZero(length)) {
                    holes += (length + TreeFormat.HOLE_UNIT - 1) / TreeFormat.HOLE_UNIT;
                } else {
                    holes(holes);
                    holes = 0;
                    out.writeInt(length);
                    out.write(buffer, 0, length);
                }
            }
        }
        holes(holes);
    }

    private void holes(long units) throws IOException {
        for (long left = units; left > 0; ) {
            int piece = (int) Math.min(left, Integer.MAX_VALUE);
            out.writeInt(TreeFormat.HOLE | piece);
            left -= piece;
        }
    }

    private boolean isZero(int length) {
        return buffer[0] == 0 && Arrays.equals(buffer, 0, length - 1, buffer, 1, length);
    }
}
