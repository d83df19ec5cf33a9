package dev.construir.command.disk;

import dev.construir.disk.Attributes;
import dev.construir.disk.DiskEntry;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** Writes an entry of a disk as {@code ls -ln} does, with the time in UTC and without the name. */
final class ListLine {
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm", Locale.ROOT).withZone(ZoneOffset.UTC);
    private static final String PERMISSIONS = "rwxrwxrwx";

    private ListLine() {}

    static String of(DiskEntry entry) {
        Attributes a = entry.attributes();
        return String.format(
                Locale.ROOT,
                "%s%s %3d %5d %5d %12d %s",
                kind(entry.kind()),
                mode(a.mode()),
                entry.links(),
                a.uid(),
                a.gid(),
                entry.size(),
                TIME.format(a.modified()));
    }

    private static char kind(DiskEntry.Kind kind) {
        return switch (kind) {
            case FILE -> '-';
            case DIRECTORY -> 'd';
            case SYMBOLIC_LINK -> 'l';
            case CHARACTER_DEVICE -> 'c';
            case BLOCK_DEVICE -> 'b';
            case PIPE -> 'p';
            case SOCKET -> 's';
            case UNKNOWN -> '?';
        };
    }

    static String mode(int mode) {
        StringBuilder text = new StringBuilder(PERMISSIONS);
        for (int i = 0; i < PERMISSIONS.length(); i++) {
            if ((mode & (0400 >> i)) == 0) {
                text.setCharAt(i, '-');
            }
        }
        special(text, mode, 04000, 2, 's');
        special(text, mode, 02000, 5, 's');
        special(text, mode, 01000, 8, 't');
        return text.toString();
    }

    // Shares its place with the permission to execute: upper case where that is missing.
    private static void special(StringBuilder text, int mode, int bit, int at, char letter) {
        if ((mode & bit) != 0) {
            text.setCharAt(at, text.charAt(at) == '-' ? Character.toUpperCase(letter) : letter);
        }
    }
}
