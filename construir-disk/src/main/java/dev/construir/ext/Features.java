package dev.construir.ext;

import java.util.ArrayList;
import java.util.List;

/**
 * The feature bits of a superblock. Unknown compatible and read-only-compatible ones never hinder a reader,
 * incompatible ones do.
 */
public final class Features {
    /** Compatible: there is a journal. */
    public static final int HAS_JOURNAL = 0x4;
    /** Compatible: files may have extended attributes. */
    public static final int EXT_ATTR = 0x8;
    /** Compatible: directories may be indexed by hashes. */
    public static final int DIR_INDEX = 0x20;

    /** Compatible: copies of the superblock are in two groups at most, which the superblock names. */
    public static final int SPARSE_SUPER_2 = 0x200;

    /** Incompatible: directory records say the kind of what they name. */
    public static final int FILETYPE = 0x2;
    /** Incompatible: the journal has changes that were not made yet. */
    public static final int NEEDS_RECOVERY = 0x4;
    /** Incompatible: group descriptors are in the groups they describe. */
    public static final int META_GROUPS = 0x10;
    /** Incompatible: files may be mapped by extents. */
    public static final int EXTENTS = 0x40;
    /** Incompatible: block numbers have 64 bits, and group descriptors may be longer. */
    public static final int WIDE = 0x80;

    /** Compatible for reading: few groups hold a copy of the superblock. */
    public static final int SPARSE_SUPER = 0x1;
    /** Compatible for reading: files may have 2 GiB and more. */
    public static final int LARGE_FILE = 0x2;

    /** The incompatible features that ext3 may have. */
    public static final int EXT3_INCOMPATIBLE = FILETYPE | NEEDS_RECOVERY | META_GROUPS;
    /** The features compatible for reading that ext3 may have. */
    public static final int EXT3_READ_ONLY_COMPATIBLE = SPARSE_SUPER | LARGE_FILE | 0x4;

    private static final int COMPRESSION = 0x1;
    private static final int JOURNAL_DEVICE = 0x8;
    private static final int DATA_IN_RECORDS = 0x1000;
    /** All that Linux knows up to {@code casefold}. What is left of it is a matter of single files, or of none. */
    private static final int KNOWN = 0x3_ffff & ~0x820;

    private static final int READABLE = KNOWN & ~(COMPRESSION | JOURNAL_DEVICE | DATA_IN_RECORDS);

    private Features() {}

    /**
     * Returns the names of those incompatible features that cannot be read here.
     *
     * @param incompatible the superblock's bits
     * @return their names, as {@code dumpe2fs} calls them; empty if all can be read
     */
    public static List<String> unreadable(int incompatible) {
        List<String> names = new ArrayList<>();
        int rest = incompatible & ~READABLE;
        for (int bit = 0; bit < Integer.SIZE; bit++) {
            if ((rest & (1 << bit)) != 0) {
                names.add(name(1 << bit));
            }
        }
        return names;
    }

    private static String name(int feature) {
        return switch (feature) {
            case COMPRESSION -> "compression";
            case JOURNAL_DEVICE -> "journal_dev";
            case DATA_IN_RECORDS -> "dirdata";
            default -> "bit 0x" + Integer.toHexString(feature);
        };
    }
}
