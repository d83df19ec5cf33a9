package dev.construir.format;

import dev.construir.block.BlockSource;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/**
 * Bytes by which a format is recognised.
 *
 * @param place where they are; a place below 0 counts from the end
 * @param bytes the bytes, in Latin-1
 * @param others more that must be there
 */
record Mark(long place, String bytes, List<Mark> others) {
    static Mark mark(long place, String bytes) {
        return new Mark(place, bytes, List.of());
    }

    /** Returns marks at one place, each of which is enough. */
    static Mark[] marks(long place, String... alternatives) {
        return Arrays.stream(alternatives).map(bytes -> mark(place, bytes)).toArray(Mark[]::new);
    }

    Mark and(long otherPlace, String otherBytes) {
        return new Mark(place, bytes, List.of(mark(otherPlace, otherBytes)));
    }

    boolean isOn(BlockSource disk) throws IOException {
        byte[] wanted = bytes.getBytes(StandardCharsets.ISO_8859_1);
        long at = place < 0 ? disk.size() + place : place;
        if (at < 0 || at > disk.size() - wanted.length) {
            return false;
        }
        boolean found = Arrays.equals(disk.read(at, wanted.length), wanted);
        for (Mark other : others) {
            found = found && other.isOn(disk);
        }
        return found;
    }
}
