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
     * Writes all entries of a disk and the end of the tree. Leaves the stream open.
     *
     * @param disk the disk
     * @param out takes the tree
     * @throws IOException if the disk cannot be read, or the stream cannot be written
     */
    public static void write(DiskReader disk, OutputStream out) throws IOException {
        TreeWriter writer = new TreeWriter(disk, out);
        disk.walk("/", entry -> {
            if (entry.path().equals(OWN_DIRECTORY)) {
                return FileVisitResult.SKIP_SUBTREE;
            }
            writer.write(entry);
            return FileVisitResult.CONTINUE;
        });
        writer.out.writeByte(EntryType.END.number());
        writer.out.flush();
    }

    private void write(DiskEntry entry) throws IOException {
        String path = entry.path().substring(1);
        if (path.indexOf('\ufffd') >= 0) {
            throw new IOException("the name of " + path + " is no UTF-8, which is not copied; rename the file");
        }
        boolean several = entry.kind() == DiskEntry.Kind.FILE && entry.links() > 1;
        String first = several ? linked.putIfAbsent(entry.inode(), path) : null;
        if (first != null) {
            begin(EntryType.HARD_LINK, entry.attributes(), path, first);
        } else if (entry.kind() == DiskEntry.Kind.SYMBOLIC_LINK) {
            begin(EntryType.SYMBOLIC_LINK, entry.attributes(), path, disk.readLink(entry));
        } else {
            begin(EntryType.of(entry.kind()), entry.attributes(), path, "");
            if (entry.kind() == DiskEntry.Kind.FILE) {
                content(entry);
            }
        }
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
