package dev.construir.disk.read;

import dev.construir.ext.DirectoryBlock;
import dev.construir.ext.DiskPath;
import dev.construir.host.HostName;
import dev.construir.volume.ExtVolume;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.text.Normalizer;
import java.util.Arrays;
import java.util.Locale;
import java.util.Objects;

/**
 * Finds names of one directory that the host takes for the same: those that differ in case or composition only, on
 * hosts that don't, and those that a guest wrote twice. Of a name that was extracted it keeps a hash and where its
 * record stands, so that a million take 24 MB.
 */
final class NameCollisions {
    /** Honest disks do not have more spellings of one name, and comparing all with all takes long. */
    private static final int MAX_COMPARED = 64;

    private final ExtVolume volume;
    private long[] records = new long[4];
    private int[] hashes = new int[4];
    /** By hash: the latest name plus one. Twice as long as the other arrays or more. */
    private int[] latest = new int[8];
    /** The one before it in the same place of the table, plus one. */
    private int[] earlier = new int[4];

    private int count;

    NameCollisions(ExtVolume volume) {
        this.volume = volume;
    }

    /** Returns the name of an entry of the directory. */
    Name name(byte[] bytes, long record) {
        return new Name(bytes, record);
    }

    /** The name of an entry that is extracted. */
    final class Name {
        private final byte[] bytes;
        private final long record;
        private final int hash;

        private Name(byte[] bytes, long record) {
            this.bytes = bytes;
            this.record = record;
            this.hash = hash(bytes);
        }

        byte[] bytes() {
            return bytes;
        }

        /** Remembers that something was extracted under this name. */
        void extracted() {
            add(hash, record);
        }

        /** Returns whether there may be a twin, without a look at the host. */
        boolean mayHaveTwin() {
            int i = latest[slot(hash)];
            while (i > 0 && hashes[i - 1] != hash) {
                i = earlier[i - 1];
            }
            return i > 0;
        }

        /**
         * Returns whether an existing file may be what was extracted under another spelling of this name, or under the
         * same.
         */
        boolean hasTwin(Path existing) throws IOException {
            int compared = 0;
            for (int i = latest[slot(hash)]; i > 0; i = earlier[i - 1]) {
                if (++compared > MAX_COMPARED) {
                    return true;
                }
                if (hashes[i - 1] == hash) {
                    byte[] other = nameAt(records[i - 1]);
                    if (Arrays.equals(other, bytes) || isSame(existing, other)) {
                        return true;
                    }
                }
            }
            return false;
        }
    }

    private void add(int hash, long record) {
        if (count == records.length) {
            int length = 2 * count;
            records = Arrays.copyOf(records, length);
            hashes = Arrays.copyOf(hashes, length);
            earlier = Arrays.copyOf(earlier, length);
            latest = new int[2 * length];
            for (int i = 0; i < count; i++) {
                enter(i);
            }
        }
        records[count] = record;
        hashes[count] = hash;
        enter(count);
        count++;
    }

    private void enter(int index) {
        int slot = slot(hashes[index]);
        earlier[index] = latest[slot];
        latest[slot] = index + 1;
    }

    private int slot(int hash) {
        return ((hash * 0x9e3779b1) >>> 8) & (latest.length - 1);
    }

    private byte[] nameAt(long record) throws IOException {
        int blockSize = volume.geometry().blockSize();
        return DirectoryBlock.nameAt(volume.block(record / blockSize), (int) (record % blockSize));
    }

    private static int hash(byte[] name) {
        String text = Normalizer.normalize(DiskPath.text(name), Normalizer.Form.NFC);
        return text.toUpperCase(Locale.ROOT).toLowerCase(Locale.ROOT).hashCode();
    }

    private static boolean isSame(Path existing, byte[] other) {
        try {
            return Objects.equals(key(existing), key(existing.resolveSibling(HostName.path(other))));
        } catch (IOException | InvalidPathException e) {
            return false;
        }
    }

    private static Object key(Path path) throws IOException {
        Object key = Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                .fileKey();
        return key == null ? path : key;
    }
}
