package dev.construir.tree;

import dev.construir.disk.DiskEntry;

/** The types of entries, by their numbers in a tree. */
enum EntryType {
    END,
    DIRECTORY,
    FILE,
    SYMBOLIC_LINK,
    HARD_LINK,
    CHARACTER_DEVICE,
    BLOCK_DEVICE,
    PIPE,
    SOCKET;

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
