package dev.construir.tree;

import dev.construir.DataSize;
import dev.construir.disk.Attributes;
import dev.construir.disk.LimitException;
import dev.construir.disk.ReadLimits;
import dev.construir.disk.write.DiskBuilder;
import dev.construir.disk.write.DiskContent;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Reads a tree that a guest has sent, whatever it sends, onto a disk. Used by one thread, once.
 *
 * <p>Needs no more memory than one entry; what the limits forbid ends the reading. Devices, pipes and sockets are
 * skipped and listed.
 */
public final class TreeReader implements DiskContent {
    private static final int MOST_LISTED = 1000;
    private static final int BILLION = 1_000_000_000;
    private static final String LOST_AND_FOUND = "lost+found"; // every disk has it
    private static final long EARLIEST = Instant.MIN.getEpochSecond();
    private static final long LATEST = Instant.MAX.getEpochSecond();

    private final DataInputStream in;
    private final ReadLimits limits;
    private final String rootName;
    private final List<String> skipped = new ArrayList<>();
    private long skippedTotal;
    private int entries;
    private long bytes;
    private boolean rootIsFile;
    private boolean hasLostAndFound;

    /**
     * Creates a reader.
     *
     * @param in the tree
     * @param limits how much of it is read at most
     * @param rootName the name on the disk of a tree that is no directory but one file
     */
    public TreeReader(InputStream in, ReadLimits limits, String rootName) {
        this.in = new DataInputStream(in);
        this.limits = limits;
        this.rootName = rootName;
    }

    /**
     * Returns what was not put on the disk.
     *
     * @return a description of each; at most 1,000
     */
    public List<String> skipped() {
        return List.copyOf(skipped);
    }

    /**
     * Returns how much was not put on the disk.
     *
     * @return the number of entries
     */
    public long skippedTotal() {
        return skippedTotal;
    }

    /**
     * Returns whether the tree was one file or link.
     *
     * @return false if it was a directory
     */
    public boolean isFile() {
        return rootIsFile;
    }

    /**
     * Returns whether the tree has a {@code lost+found} in its root, where every disk has one of its own.
     *
     * @return whether it was part of the tree
     */
    public boolean hasLostAndFound() {
        return hasLostAndFound;
    }

    /**
     * Reads the tree to its end.
     *
     * @throws LimitException if it exceeds a limit
     * @throws IOException if this is no tree, a name or a link's target is not UTF-8, or it cannot be read or written
     */
    @Override
    public void writeTo(DiskBuilder disk) throws IOException {
        for (EntryType type = type(); type != EntryType.END; type = type()) {
            entries++;
            if (entries > limits.entries()) {
                throw new LimitException("more than " + limits.entries() + " entries");
            }
            entry(type, disk);
        }
    }

    private EntryType type() throws IOException {
        int number = in.read();
        if (number < 0) {
            throw new EOFException("the tree ends before its last entry");
        }
        return EntryType.of(number).orElseThrow(() -> new IOException("a tree with an entry of type " + number));
    }

    private void entry(EntryType type, DiskBuilder disk) throws IOException {
        if (in.readUnsignedByte() != 0 || in.readUnsignedShort() != 0) {
            throw new IOException("a tree whose reserved bytes are not 0");
        }
        int mode = in.readInt() & 07777;
        long uid = Integer.toUnsignedLong(in.readInt());
        long gid = Integer.toUnsignedLong(in.readInt());
        long seconds = Math.max(EARLIEST, Math.min(LATEST, in.readLong()));
        int nanos = Math.floorMod(in.readInt(), BILLION);
        Attributes attributes = new Attributes(mode, uid, gid, Instant.ofEpochSecond(seconds, nanos));
        long unusedDevice = in.readLong();
        byte[] name = string();
        String path = path(text(name).orElseThrow(() -> TreeFormat.foreignName(shown(name))));
        if (path.isEmpty()) {
            if (entries > 1) {
                throw new IOException("a tree with a second root");
            }
            rootIsFile = type != EntryType.DIRECTORY;
        } else if (rootIsFile) {
            throw new IOException("a tree with entries below a file");
        }
        String target = text(string()).orElseThrow(() -> TreeFormat.foreignTarget(path.isEmpty() ? rootName : path));
        hasLostAndFound = hasLostAndFound || path.equals(LOST_AND_FOUND);
        String where = path.isEmpty() ? rootName : path;
        try {
            put(type, where, path.isEmpty(), target, attributes, disk);
        } catch (IllegalArgumentException e) {
            throw new IOException("a tree with an entry that no disk can hold: " + e.getMessage(), e);
        }
    }

    private void put(EntryType type, String where, boolean root, String target, Attributes attributes, DiskBuilder disk)
            throws IOException {
        DiskBuilder unused = switch (type) {
            case DIRECTORY -> root ? disk : disk.directory(where, attributes);
            case FILE -> file(disk, where, attributes);
            case SYMBOLIC_LINK -> disk.symbolicLink(where, attributes, target);
            case HARD_LINK -> disk.hardLink(where, path(target));
            default -> skip(disk, where, type);
        };
    }

    private DiskBuilder skip(DiskBuilder disk, String path, EntryType type) {
        skippedTotal++;
        if (skipped.size() < MOST_LISTED) {
            skipped.add("/" + path + ": "
                    + (type == EntryType.PIPE ? "a pipe" : type == EntryType.SOCKET ? "a socket" : "a device"));
        }
        return disk;
    }

    private DiskBuilder file(DiskBuilder disk, String path, Attributes attributes) throws IOException {
        long size = in.readLong();
        if (size < 0 || size > limits.bytes().bytes() - bytes) {
            throw new LimitException(
                    "more than " + limits.bytes() + " of content, with " + path + " of " + describe(size));
        }
        bytes += size;
        Pieces content = new Pieces(size);
        DiskBuilder unused = disk.file(path, attributes, size, content);
        content.finish();
        return disk;
    }

    private static String describe(long size) {
        return size < 0
                ? "more bytes than a file can have"
                : DataSize.ofBytes(size).toString();
    }

    private byte[] string() throws IOException {
        long length = Integer.toUnsignedLong(in.readInt());
        if (length > TreeFormat.LONGEST_PATH) {
            throw new IOException("a path of " + length + " bytes in a tree");
        }
        byte[] text = new byte[(int) length];
        in.readFully(text);
        return text;
    }

    private static Optional<String> text(byte[] bytes) {
        try {
            CharBuffer text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
            return Optional.of(text.toString());
        } catch (CharacterCodingException e) {
            return Optional.empty();
        }
    }

    private static String shown(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private String path(String path) throws IOException {
        if (path.isEmpty()) {
            return path;
        }
        String[] names = path.split("/", -1);
        if (names.length > limits.depth()) {
            throw new LimitException("more than " + limits.depth() + " directories inside each other");
        }
        for (String name : names) {
            if (name.isEmpty() || name.equals(".") || name.equals("..") || name.indexOf('\0') >= 0) {
                throw new IOException("a tree with the path \"" + path + "\"");
            } else if (name.getBytes(StandardCharsets.UTF_8).length > TreeFormat.LONGEST_NAME) {
                throw new IOException("a tree with a name of more than " + TreeFormat.LONGEST_NAME + " bytes");
            }
        }
        return path;
    }

    /** The content of a file, holes as zeros. */
    private final class Pieces extends InputStream {
        private long left; // of the file
        private long piece; // of the piece at hand
        private boolean hole;

        Pieces(long size) {
            left = size;
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            if (left == 0) {
                return -1;
            }
            if (piece == 0) {
                next();
            }
            int count = (int) Math.min(length, piece);
            if (hole) {
                Arrays.fill(into, offset, offset + count, (byte) 0);
            } else {
                in.readFully(into, offset, count);
            }
            piece -= count;
            left -= count;
            return count;
        }

        private void next() throws IOException {
            int header = in.readInt();
            hole = (header & TreeFormat.HOLE) != 0;
            long count = header & ~TreeFormat.HOLE;
            if (count == 0 || (!hole && (count > TreeFormat.LARGEST_PIECE || count > left))) {
                throw new IOException("a tree with a piece of " + count + (hole ? " holes" : " bytes"));
            }
            piece = hole ? Math.min(left, count * TreeFormat.HOLE_UNIT) : count;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : Byte.toUnsignedInt(one[0]);
        }

        void finish() throws IOException {
            if (left > 0) {
                throw new IOException("a file of a tree was not read to its end");
            }
        }
    }
}
