package dev.construir.ext;

import java.util.ArrayList;
import java.util.List;

/** The features that an editable file system may have: a writer must know each of them. */
final class EditableFeatures {
    static final int HAS_JOURNAL = 0x4;
    static final int RESIZE_INODE = 0x10;
    static final int SPARSE_SUPER2 = 0x200;
    static final int ORPHAN_FILE = 0x1000;
    static final int CHECKSUM_SEED = 0x2000;
    static final int HUGE_FILE = 0x8;
    static final int GROUP_CHECKSUMS = 0x10;
    static final int METADATA_CHECKSUMS = 0x400;
    static final int CLUSTERS = 0x200;

    /**
     * dir_prealloc, has_journal, ext_attr, resize_inode, dir_index, sparse_super2, fast_commit, stable_inodes,
     * orphan_file.
     */
    private static final int COMPATIBLE =
            0x1 | HAS_JOURNAL | 0x8 | RESIZE_INODE | 0x20 | SPARSE_SUPER2 | 0x400 | 0x800 | ORPHAN_FILE;
    /** filetype, extents, 64bit, flex_bg, metadata_csum_seed, large_dir. */
    private static final int INCOMPATIBLE = 0x2 | 0x40 | 0x80 | 0x200 | CHECKSUM_SEED | 0x4000;
    /** sparse_super, large_file, huge_file, uninit_bg, dir_nlink, extra_isize, metadata_csum, verity. */
    private static final int READ_ONLY_COMPATIBLE =
            0x1 | 0x2 | HUGE_FILE | GROUP_CHECKSUMS | 0x20 | 0x40 | METADATA_CHECKSUMS | 0x8000;

    /**
     * Features of no editable file system that mark all blocks they use, as clusters do: meta_bg, mmp, ea_inode,
     * inline_data, encrypt, casefold.
     */
    private static final int ALSO_MARKED = 0x10 | 0x100 | 0x400 | 0x8000 | 0x1_0000 | 0x2_0000;

    private static final List<String> COMPATIBLE_NAMES = List.of(
            "dir_prealloc",
            "imagic_inodes",
            "has_journal",
            "ext_attr",
            "resize_inode",
            "dir_index",
            "lazy_bg",
            "exclude_inode",
            "exclude_bitmap",
            "sparse_super2",
            "fast_commit",
            "stable_inodes",
            "orphan_file");
    private static final List<String> INCOMPATIBLE_NAMES = List.of(
            "compression",
            "filetype",
            "needs_recovery (the journal was not replayed)",
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
            "casefold");
    private static final List<String> READ_ONLY_COMPATIBLE_NAMES = List.of(
            "sparse_super",
            "large_file",
            "btree_dir",
            "huge_file",
            "uninit_bg",
            "dir_nlink",
            "extra_isize",
            "snapshot",
            "quota",
            "bigalloc",
            "metadata_csum",
            "replica",
            "read-only",
            "project",
            "shared_blocks",
            "verity",
            "orphan_present (deleted files were not cleaned up)");

    private EditableFeatures() {}

    /** Returns the names of the features that hinder, as {@code dumpe2fs} calls them; empty if none does. */
    static List<String> hindering(int compatible, int incompatible, int readOnlyCompatible) {
        List<String> names = new ArrayList<>();
        add(names, incompatible & ~INCOMPATIBLE, INCOMPATIBLE_NAMES, "incompatible");
        add(names, readOnlyCompatible & ~READ_ONLY_COMPATIBLE, READ_ONLY_COMPATIBLE_NAMES, "read-only compatible");
        add(names, compatible & ~COMPATIBLE, COMPATIBLE_NAMES, "compatible");
        return names;
    }

    /** Returns the names of the features by which bitmaps may mark used blocks as free: all but those known not to. */
    static List<String> hidingBlocks(int compatible, int incompatible, int readOnlyCompatible) {
        return hindering(compatible, incompatible & ~ALSO_MARKED, readOnlyCompatible & ~CLUSTERS);
    }

    private static void add(List<String> hindering, int bits, List<String> names, String kind) {
        for (int bit = 0; bit < Integer.SIZE; bit++) {
            if ((bits & (1 << bit)) != 0) {
                hindering.add(bit < names.size() ? names.get(bit) : kind + " bit 0x" + Integer.toHexString(1 << bit));
            }
        }
    }
}
