package dev.construir.tree;

import dev.construir.disk.DiskEntry;
import java.util.Arrays;
import java.util.Optional;

/** The types of entries, by their numbers in a tree. */
enum EntryType {
    END(0),
    DIRECTORY(1),
    FILE(2),
    SYMBOLIC_LINK(3),
    HARD_LINK(4),
    CHARACTER_DEVICE(5),
    BLOCK_DEVICE(6),
    PIPE(7),
    SOCKET(8);

    private final int number;

    EntryType(int number) {
        this.number = number;
    }

    int number() {
        return number;
    }

    static Optional<EntryType> of(int number) {
        return Arrays.stream(values()).filter(type -> type.number == number).findFirst();
    }

    static EntryType of(DiskEntry.Kind kind) {
        return switch (kind) {
            case FILE -> FILE;
            case DIRECTORY -> DIRECTORY;
            case SYMBOLIC_LINK -> SYMBOLIC_LINK;
            case CHARACTER_DEVICE -> CHARACTER_DEVICE;
            case BLOCK_DEVICE -> BLOCK_DEVICE;
            case PIPE -> PIPE;
            case SOCKET -> SOCKET;
            case UNKNOWN -> throw new IllegalArgumentException("an entry that ext does not know");
        };
    }
}
