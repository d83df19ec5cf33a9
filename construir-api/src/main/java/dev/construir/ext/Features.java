package dev.construir.ext;

import java.util.ArrayList;
import java.util.List;

/** The feature bits of a superblock. Unknown compatible and read-only-compatible ones never hinder a reader, incompatible ones do. */
public final class Features {
    /** Compatible: there is a journal. */
    public static final int HAS_JOURNAL = 0x4;
    /** Compatible: directories may be indexed by hashes. */
    public static final int DIR_INDEX = 0x20;

    /** Incompatible: directory records tell the kind of what they name. */
    public static final int FILETYPE = 0x2;
    /** Incompatible: the journal has changes that were not made yet. */
    public static final int NEEDS_RECOVERY = 0x4;
    /** Incompatible: files may be mapped by extents. */
    public static final int EXTENTS = 0x40;
    /** Incompatible: block numbers have 64 bits, and group descriptors may be longer. */
    public static final int WIDE = 0x80;

    /** Compatible for reading: few groups hold a copy of the superblock. */
    public static final int SPARSE_SUPER = 0x1;
    /** Compatible for reading: files may have 2 GiB and more. */
    public static final int LARGE_FILE = 0x2;

    /** The incompatible features that ext3 may have. */
    public static final int EXT3_INCOMPATIBLE = FILETYPE | NEEDS_RECOVERY | 0x10;
    /** The features compatible for reading that ext3 may have. */
    public static final int EXT3_READ_ONLY_COMPATIBLE = SPARSE_SUPER | LARGE_FILE | 0x4;

    private static final int MMP = 0x100;
    private static final int FLEX_BG = 0x200;
    private static final int CHECKSUM_SEED = 0x2000;
    private static final int LARGE_DIRECTORY = 0x4000;
    private static final int READABLE =
            FILETYPE | NEEDS_RECOVERY | EXTENTS | WIDE | MMP | FLEX_BG | CHECKSUM_SEED | LARGE_DIRECTORY;

    private static final String[] INCOMPATIBLE = {
        "compression",
        "filetype",
        "needs_recovery",
        "journal_dev",
        "meta_bg",
        "bit 0x20",
        "extents",
        "64bit",
        "mmp",
        "flex_bg",
        "ea_inode",
        "bit 0x800",
        "dirdata",
        "metadata_csum_seed",
        "large_dir",
        "inline_data",
        "encrypt",
        "casefold"
    };

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
                names.add(bit < INCOMPATIBLE.length ? INCOMPATIBLE[bit] : "bit 0x" + Integer.toHexString(1 << bit));
            }
        }
        return names;
    }
}
