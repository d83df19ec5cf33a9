package dev.construir.tar;

import dev.construir.format.ForeignFormat;
import dev.construir.tar.TarEntry.Kind;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Reads an archive from start to end, entry by entry, and keeps at most one header in memory. Not safe for use by many
 * threads.
 */
public final class TarReader {
    private static final int EXT_MAGIC_AT = 56;

    /** Long names, and records of pax, among them extended attributes. */
    private static final int MAX_HEADER = 1 << 20;

    /** Pax headers are read as a stream: they may hold resource forks of macOS. */
    private static final int MAX_PAX_HEADER = 256 << 20;

    private static final byte[] NONE = {};

    private final TarInput archive;
    private final Predicate<String> wanted;
    private final byte[] block = new byte[TarHeader.SIZE];
    private final PaxRecords global;
    private InputStream content = InputStream.nullInputStream();
    private boolean ended;
    private boolean endMarked;

    /**
     * Creates a reader.
     *
     * @param archive the archive, not compressed; read in pieces as small as 512 bytes
     * @param wanted says of a name of an extended attribute whether the attribute is read; of others only the names are
     *     kept
     */
    public TarReader(InputStream archive, Predicate<String> wanted) {
        this.archive = new TarInput(archive);
        this.wanted = wanted;
        this.global = new PaxRecords(wanted);
    }

    /**
     * Advances to the next entry and skips unread content of the one before. After the last entry it reads the stream
     * to its end.
     *
     * @return the entry, or null if there are no more
     * @throws IOException if the archive cannot be read, or is not whole; the message says where
     */
    public @Nullable TarEntry next() throws IOException {
        if (ended) {
            return null;
        }
        PaxRecords pax = new PaxRecords(wanted);
        byte @Nullable [] longName = null;
        byte @Nullable [] longTarget = null;
        boolean extended = false;
        while (true) {
            archive.skipRest();
            long offset = archive.position();
            if (!isBlock(offset, extended) || TarHeader.isZero(block)) {
                ended = true;
                readEnd(offset);
                return null;
            }
            TarHeader header = TarHeader.of(block, offset);
            extended = header.type() != 'g' && header.type() != 'V';
            switch (header.type()) {
                case 'x', 'X' -> readPax(pax, header);
                case 'g' -> {
                    readPax(global, header);
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
     * Returns whether two blocks of zeros mark the end of the archive. Without them it is not known whether entries
     * behind the last one are missing.
     *
     * @return whether they were found, once {@link #next} has returned null
     */
    public boolean isEndMarked() {
        return endMarked;
    }

    /** Reads the next block, or finds the end of an archive that has no mark there. */
    private boolean isBlock(long offset, boolean behindExtension) throws IOException {
        int got = archive.readIfThere(block);
        if (offset == 0 && !TarHeader.isHeader(block)) {
            refuseOtherFormats(got);
        }
        if (got == 0 && offset == 0) {
            throw new EOFException("the archive is empty: it has no bytes, not even those that mark its end");
        } else if (got < block.length && (got > 0 || behindExtension)) {
            throw new EOFException("the archive is cut off: it ends at byte " + (offset + got) + ", and "
                    + (block.length - got) + " bytes of the next header, or of the mark of the end, are missing");
        }
        return got > 0;
    }

    private void refuseOtherFormats(int got) throws IOException {
        Optional<ForeignFormat> other = ForeignFormat.startingWith(Arrays.copyOf(block, got))
                .filter(format -> format != ForeignFormat.TAR); // tar with a damaged header, which has a better message
        if (other.isPresent()) {
            throw new IOException(other.get().describeAsNoTar());
        }
        if (got > 0 && !TarHeader.isZero(block) && !TarHeader.hasMark(block) && (got == block.length || isText(got))) {
            throw new IOException(
                    "it is no tar archive: it does not begin as one does; name a directory or an archive");
        }
    }

    /** Returns whether it is text: a header that is cut off has NULs behind its first name. */
    private boolean isText(int got) {
        boolean lines = false;
        for (int i = 0; i < got; i++) {
            if (block[i] == 0) {
                return false;
            }
            lines |= block[i] == '\n';
        }
        return lines;
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
        long size = content(kind, header, pax, of);
        boolean linked = kind == Kind.HARD_LINK; // shares the content of the other name
        boolean isLink = linked || kind == Kind.SYMBOLIC_LINK;
        return new TarEntry(
                kind,
                ByteBuffer.wrap(path),
                ByteBuffer.wrap(isLink ? pax.bytes("linkpath", link) : NONE),
                isLink ? 0 : header.mode(),
                linked ? 0 : pax.number("uid", header::uid),
                linked ? 0 : pax.number("gid", header::gid),
                linked ? Instant.EPOCH : pax.time("mtime", header::modified),
                size,
                kind.isDevice() ? pax.number("SCHILY.devmajor", header::major) : 0,
                kind.isDevice() ? pax.number("SCHILY.devminor", header::minor) : 0,
                linked ? TarExtras.NONE : pax.extras(header.user(), header.group()),
                header.offset());
    }

    /** Sets what can be read of an entry; returns the size of a file, holes included. */
    private long content(Kind kind, TarHeader header, PaxRecords pax, String of) throws IOException {
        content = InputStream.nullInputStream();
        archive.begin(0, of);
        if (kind == Kind.FILE) {
            long held = checked(pax.number("size", header::size), header, of);
            archive.begin(held, of);
            content = archive;
            SparseMap map = sparseMap(header, pax, of);
            if (map == null) {
                return held;
            }
            long size = header.type() == 'S' ? header.realSize() : pax.sparseSize(of);
            map.check(size, archive.left());
            content = new SparseContent(archive, map, size);
            return size;
        } else if (header.type() == 'D') {
            archive.begin(checked(header.size(), header, of), of); // names, for incremental backups
        } else if (kind == Kind.HARD_LINK || (header.type() != '5' && kind == Kind.DIRECTORY)) {
            skipDoubtfulContent(header, pax, of);
        }
        return 0;
    }

    /**
     * Some writers repeat the size of the file in the headers of its other names, some repeat the content as well, as
     * POSIX allows; and directories of old archives may claim a size. The size in a pax record is exact: content
     * follows, which may itself be an archive. Without such a record content follows unless the next block is a header
     * or the end. By POSIX nothing follows the other kinds.
     */
    private void skipDoubtfulContent(TarHeader header, PaxRecords pax, String of) throws IOException {
        if (pax.has("size")) {
            archive.begin(checked(pax.number("size", header::size), header, of), of);
            return;
        }
        long claimed;
        try {
            claimed = header.size();
        } catch (IOException e) {
            return; // not a number, but meaningless here
        }
        if (claimed > 0 && claimed < Long.MAX_VALUE / 2 && !archive.isNextHeader()) {
            archive.begin(claimed, of);
        }
    }

    private static Kind kind(TarHeader header, byte[] path, String of) throws IOException {
        return switch (header.type()) {
            // Old archives mark directories by a slash, not by a type.
            case '0', 0 -> path.length > 0 && path[path.length - 1] == '/' ? Kind.DIRECTORY : Kind.FILE;
            case '7', 'S' -> Kind.FILE;
            case '1' -> Kind.HARD_LINK;
            case '2' -> Kind.SYMBOLIC_LINK;
            case '3' -> Kind.CHARACTER_DEVICE;
            case '4' -> Kind.BLOCK_DEVICE;
            case '5', 'D' -> Kind.DIRECTORY;
            case '6' -> Kind.PIPE;
            default ->
                throw new IOException(of + " is of the type '" + printable(header.type())
                        + "', which cannot be read; make the archive by tar --format=pax");
        };
    }

    private static String printable(char type) {
        return type > ' ' && type < 127 ? String.valueOf(type) : "\\" + Integer.toOctalString(type);
    }

    private @Nullable SparseMap sparseMap(TarHeader header, PaxRecords pax, String of) throws IOException {
        if (pax.isSparseByOthers() || (header.type() == 'S' && header.isStars())) {
            throw new IOException(
                    of + " is a sparse file as star or Solaris write it, whose holes cannot be found; make the"
                            + " archive by GNU tar, or without --sparse");
        }
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
            return pax.sparseMap(of);
        }
        SparseMap map = new SparseMap(of);
        SparseMapText text = new SparseMapText(archive, of);
        for (long pieces = text.number(); pieces > 0; pieces--) {
            map.add(text.number(), text.number());
        }
        return map;
    }

    private static long checked(long size, TarHeader header, String of) throws IOException {
        // A little below the limit, so that positions in the archive do not overflow.
        if (size < 0 || size > Long.MAX_VALUE / 2) {
            throw new IOException("the header at byte " + header.offset() + " of the archive gives " + of
                    + " an impossible size, " + size);
        }
        return size;
    }

    private void readPax(PaxRecords pax, TarHeader header) throws IOException {
        long size = begin(header, MAX_PAX_HEADER);
        pax.read(new BufferedInputStream(archive), size, header.offset());
    }

    /** Reads a header that extends the next entry. */
    private byte[] extension(TarHeader header) throws IOException {
        byte[] bytes = new byte[(int) begin(header, MAX_HEADER)];
        archive.readNBytes(bytes, 0, bytes.length);
        return bytes;
    }

    private long begin(TarHeader header, long most) throws IOException {
        String of = "the extended header at byte " + header.offset();
        long size = header.size();
        if (size < 0 || size > most) {
            throw new IOException(of + " of the archive has " + size + " bytes; at most " + most + " are read");
        }
        archive.begin(size, of);
        return size;
    }

    private static byte[] trimmed(byte[] bytes) {
        int end = 0;
        while (end < bytes.length && bytes[end] != 0) {
            end++;
        }
        return Arrays.copyOf(bytes, end);
    }

    /**
     * Reads the rest. Ignores bytes after the end, but refuses another archive there, which would be lost silently, and
     * data that begins with zeros, which is no archive.
     */
    private void readEnd(long offset) throws IOException {
        for (int blocks = 1, got = archive.readIfThere(block); got > 0; blocks++, got = archive.readIfThere(block)) {
            boolean zero = TarHeader.isZero(Arrays.copyOf(block, got));
            endMarked |= blocks == 1 && got == block.length && zero;
            if (offset == 0 && !zero) {
                boolean disk = blocks == 2 // the block of an ext file system's superblock
                        && block[EXT_MAGIC_AT] == 0x53
                        && block[EXT_MAGIC_AT + 1] == (byte) 0xef;
                throw new IOException(
                        disk
                                ? "it is a disk image, not a tar archive; construir run takes it as it is"
                                : "it is not a tar archive: it begins with zeros, and goes on with other bytes");
            } else if (got == block.length && TarHeader.isHeader(block) && !archive.isRepeated(block)) {
                throw new IOException("the archive ends at byte " + offset
                        + ", and another one follows; archives in a row are not read: give them one by one");
            }
        }
    }
}
