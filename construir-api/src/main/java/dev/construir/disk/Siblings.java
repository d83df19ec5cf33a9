package dev.construir.disk;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Tells names of one directory that the host takes for the same: those that differ in case or composition only, on hosts that don't, and
 * those that a guest wrote twice. Nothing is kept until a file is in the way.
 */
final class Siblings {
    private final Volume volume;
    private final Node directory;
    private @Nullable Map<String, List<byte[]>> spellings;

    Siblings(Volume volume, Node directory) {
        this.volume = volume;
        this.directory = directory;
    }

    /** Tells whether an existing file may be what was extracted under another spelling of its name. */
    boolean hasTwin(Path existing, byte[] name) throws IOException {
        List<byte[]> same = spellings().getOrDefault(folded(name), List.of());
        int exact = 0;
        for (byte[] other : same) {
            if (Arrays.equals(other, name)) {
                exact++;
            } else if (isSame(existing, other)) {
                return true;
            }
        }
        return exact > 1;
    }

    private Map<String, List<byte[]>> spellings() throws IOException {
        if (spellings == null) {
            spellings = new HashMap<>();
            DirectoryRecords records = directory.records(volume);
            while (records.next()) {
                byte[] name = records.name();
                spellings
                        .computeIfAbsent(folded(name), key -> new ArrayList<>(1))
                        .add(name);
            }
        }
        return spellings;
    }

    private static String folded(byte[] name) {
        String text = Normalizer.normalize(DiskPath.text(name), Normalizer.Form.NFC);
        return text.toUpperCase(Locale.ROOT).toLowerCase(Locale.ROOT);
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
