package dev.construir.tar;

import dev.construir.tar.TarEntry.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads an archive from its start to its end, one entry after the other, and keeps no more than one header in memory. Not safe for use by
 * many threads.
 */
public final class TarReader {
    /** Long names, and records of pax, among them extended attributes. */
    private static final int MAX_HEADER = 1 << 20;

    private static final byte[] NONE = {};

    private final TarInput archive;
    private final byte[] block = new byte[TarHeader.SIZE];
    private final PaxRecords global = new PaxRecords();
    private InputStream content = InputStream.nullInputStream();
    private boolean ended;

    /**
     * Creates a reader.
     *
     * @param archive the archive, not compressed; read in pieces as small as 512 bytes
     */
    public TarReader(InputStream archive) {
        this.archive = new TarInput(archive);
    }

    /**
     * Goes to the next entry, past what was not read of the content of the one before. Behind the last one it reads the stream to its end.
     *
     * @return the entry, or null if there are no more
     * @throws IOException if the archive cannot be read, or is not whole; the message says where
     */
    public @Nullable TarEntry next() throws IOException {
        if (ended) {
            return null;
        }
        PaxRecords pax = new PaxRecords();
        byte @Nullable [] longName = null;
        byte @Nullable [] longTarget = null;
        while (true) {
            archive.skipRest();
            long offset = archive.position();
            archive.read(block, "the next header, or the mark of the end,");
            if (TarHeader.isZero(block)) {
                readEnd(offset);
                return null;
            }
            TarHeader header = TarHeader.of(block, offset);
            switch (header.type()) {
                case 'x', 'X' -> pax.read(extension(header), offset);
                case 'g' -> {
                    global.read(extension(header), offset);
                    global.checkGlobal();
                }
                case 'L' -> longName = trimmed(extension(header));
                case 'K' -> longTarget = trimmed(extension(header));
                case 'V' -> archive.begin(checked(header.size(), header, "the label"), "the archive's label");
                default -> {
                    return entry(
                            header,
                            pax.over(global),
                            longName == null ? header.name() : longName,
                            longTarget == null ? header.target() : longTarget);
                }
            }
        }
    }

    /**
     * Returns the content of the entry that {@link #next} went to last.
     *
     * @return its bytes, from the first one that was not read before; zeros where a file has holes
     */
    public InputStream content() {
        return content;
    }

    private TarEntry entry(TarHeader header, PaxRecords pax, byte[] name, byte[] link) throws IOException {
        byte[] path = pax.bytes("GNU.sparse.name", pax.bytes("path", name));
        String of = TarEntry.text(ByteBuffer.wrap(path)) + " (at byte " + header.offset() + " of the archive)";
        Kind kind = kind(header, path, of);
        // Many a program writes the size of the file into the header of its other names.
        long held = kind == Kind.HARD_LINK ? 0 : checked(pax.number("size", header.size()), header, of);
        long size = 0;
        archive.begin(held, of);
        content = InputStream.nullInputStream();
        if (kind == Kind.FILE) {
            SparseMap map = sparseMap(header, pax, of);
            content = archive;
            size = held;
            if (map != null) {
                size = realSize(header, pax);
                map.check(size, archive.left());
                content = new SparseContent(archive, map, size);
            }
        }
        byte[] target = kind == Kind.HARD_LINK || kind == Kind.SYMBOLIC_LINK ? pax.bytes("linkpath", link) : NONE;
        return new TarEntry(
                kind,
                ByteBuffer.wrap(path),
                ByteBuffer.wrap(target),
                header.mode(),
                pax.number("uid", header.uid()),
                pax.number("gid", header.gid()),
                pax.time("mtime", header.modified()),
                size,
                Map.copyOf(pax.extended()),
                header.offset());
    }

    private static Kind kind(TarHeader header, byte[] path, String of) throws IOException {
        return switch (header.type()) {
            // Before there was a type for directories, a slash told them.
            case '0', 0 -> path.length > 0 && path[path.length - 1] == '/' ? Kind.DIRECTORY : Kind.FILE;
            case '7', 'S' -> Kind.FILE;
            case '1' -> Kind.HARD_LINK;
            case '2' -> Kind.SYMBOLIC_LINK;
            case '3', '4', '6' -> Kind.SPECIAL;
            case '5' -> Kind.DIRECTORY;
            default ->
                throw new IOException(of + " is of the type '" + printable(header.type())
                        + "', which cannot be read; make the archive by tar --format=pax");
        };
    }

    private static String printable(char type) {
        return type > ' ' && type < 127 ? String.valueOf(type) : "\\" + Integer.toOctalString(type);
    }

    private @Nullable SparseMap sparseMap(TarHeader header, PaxRecords pax, String of) throws IOException {
        if (header.type() == 'S') {
            SparseMap map = new SparseMap(of);
            boolean more = header.addTo(map);
            byte[] next = new byte[TarHeader.SIZE]; // the header is still needed
            while (more) {
                long offset = archive.position();
                archive.readAhead(next, of);
                more = TarHeader.addTo(map, next, offset);
            }
            return map;
        }
        if (!pax.isMapInContent()) {
            return pax.sparseMap();
        }
        SparseMap map = new SparseMap(of);
        SparseMapText text = new SparseMapText(archive, of);
        for (long pieces = text.number(); pieces > 0; pieces--) {
            map.add(text.number(), text.number());
        }
        return map;
    }

    private static long realSize(TarHeader header, PaxRecords pax) throws IOException {
        return header.type() == 'S'
                ? header.realSize()
                : pax.number("GNU.sparse.realsize", pax.number("GNU.sparse.size", 0));
    }

    private static long checked(long size, TarHeader header, String of) throws IOException {
        // A little below the limit, so that positions in the archive are numbers, too.
        if (size < 0 || size > Long.MAX_VALUE / 2) {
            throw new IOException("the header at byte " + header.offset() + " of the archive gives " + of
                    + " an impossible size, " + size);
        }
        return size;
    }

    /** Reads the content of a header that says more of the entry behind it. */
    private byte[] extension(TarHeader header) throws IOException {
        String of = "the extended header at byte " + header.offset();
        long size = header.size();
        if (size < 0 || size > MAX_HEADER) {
            throw new IOException(of + " of the archive has " + size + " bytes; at most " + MAX_HEADER + " are read");
        }
        archive.begin(size, of);
        byte[] bytes = new byte[(int) size];
        archive.readNBytes(bytes, 0, bytes.length);
        return bytes;
    }

    private static byte[] trimmed(byte[] bytes) {
        int end = 0;
        while (end < bytes.length && bytes[end] != 0) {
            end++;
        }
        return Arrays.copyOf(bytes, end);
    }

    /** The rest is zeros, or something would be lost without a word. */
    private void readEnd(long offset) throws IOException {
        ended = true;
        byte[] rest = new byte[64 << 10];
        for (int got = archive.readRaw(rest); got > 0; got = archive.readRaw(rest)) {
            for (int i = 0; i < got; i++) {
                if (rest[i] != 0) {
                    throw new IOException("the archive ends at byte " + offset
                            + ", and more follows; archives in a row are not read: give them one by one");
                }
            }
        }
    }
}
