package dev.construir.disk.read;

import dev.construir.disk.DiskEntry;
import dev.construir.glob.Glob;
import dev.construir.volume.VolumeEntry;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * Which entries of a disk are extracted. Directories are entered whether they are selected or not, and those that are
 * not selected are made on the host only when something in them is. Immutable.
 *
 * <pre>{@code
 * Selection classes = Selection.matching(List.of("target/*.class"));
 * disk.copyTo("/", Path.of("out"), new ExtractOptions(classes, ExtractOptions.Links.INSIDE));
 * }</pre>
 *
 * @since 0.1
 */
public final class Selection {
    /** Everything but {@code /lost+found}. */
    public static final Selection ALL = new Selection(Everything::new).except("/lost+found");

    private final Supplier<SelectionCursor> beginning;

    private record Everything() implements SelectionCursor {
        @Override
        public boolean includes(VolumeEntry entry) {
            return true;
        }

        @Override
        public SelectionCursor below(VolumeEntry directory) {
            return this;
        }
    }

    private Selection(Supplier<SelectionCursor> beginning) {
        this.beginning = beginning;
    }

    /**
     * Selects what a test accepts.
     *
     * @param test asked once for every entry
     * @return the selection
     */
    public static Selection where(Predicate<DiskEntry> test) {
        Objects.requireNonNull(test, "test");
        return new Selection(() -> new SelectionCursor() {
            @Override
            public boolean includes(VolumeEntry entry) {
                return test.test(entry.toDiskEntry());
            }

            @Override
            public SelectionCursor below(VolumeEntry directory) {
                return this;
            }

            @Override
            public boolean knowsAhead() {
                return false;
            }
        });
    }

    /**
     * Selects what globs match by its path from the directory that is extracted. {@code *} stands for any characters of
     * a name and {@code ?} for one, the dot that some names begin with like any other; {@code **} for any characters,
     * slashes too, and {@code **}{@code /} for any number of directories, none included; {@code [a-z]} for one of these
     * characters and {@code [!a-z]} for one of the others; <code>{a,b}</code> for either, which may be globs in turn. A
     * backslash takes from the next character what is special about it. Letters of either case differ. A glob that
     * matches a directory takes all below it.
     *
     * <p>Those that matched nothing are listed in {@link ExtractReport#unmatched}. Matching a name takes time in
     * proportion to its length and the globs', whatever either looks like.
     *
     * @param globs the globs, of at most 1,000 characters each
     * @return the selection
     * @throws IllegalArgumentException if one is none; the message says where in it
     */
    public static Selection matching(List<String> globs) {
        List<Glob> compiled = Glob.of(globs);
        return new Selection(() -> GlobCursor.of(compiled));
    }

    /**
     * Selects what is not as it was: files, links and special files that are new, have another path or names, or whose
     * content or attributes were changed; of directories those that are new, have another path or other attributes.
     * That only other entries came and went does not count for a directory.
     *
     * @param before what was there
     * @return the selection
     */
    public static Selection changedSince(DiskSnapshot before) {
        Objects.requireNonNull(before, "before");
        return new Selection(() -> new SelectionCursor() {
            @Override
            public boolean includes(VolumeEntry entry) {
                return !before.holds(entry);
            }

            @Override
            public SelectionCursor below(VolumeEntry directory) {
                return this;
            }
        });
    }

    /**
     * Returns this selection without some entries and all below them.
     *
     * @param paths their paths on the disk, each with a leading {@code /}
     * @return a new selection
     */
    public Selection except(String... paths) {
        Set<String> left = Set.copyOf(List.of(paths)); // one may be named twice
        return new Selection(() -> new ExceptCursor(begin(), left));
    }

    /** Begins an extraction. */
    SelectionCursor begin() {
        return beginning.get();
    }

    /** Returns what it is. */
    @Override
    public String toString() {
        return "a selection of a disk's entries";
    }
}
