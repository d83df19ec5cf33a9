package dev.construir.disk.read;

import dev.construir.glob.Glob;
import dev.construir.volume.VolumeEntry;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What globs match.
 *
 * @param globs the globs
 * @param reached where each stands in this directory
 * @param whole whether the directory was matched, and so all in it
 * @param matched which of them have matched anything so far; one for all of an extraction
 */
record GlobCursor(List<Glob> globs, List<BitSet> reached, boolean whole, BitSet matched) implements SelectionCursor {
    static GlobCursor of(List<Glob> globs) {
        return new GlobCursor(globs, globs.stream().map(Glob::start).toList(), false, new BitSet());
    }

    @Override
    public boolean includes(VolumeEntry entry) {
        List<BitSet> states = after(entry);
        boolean included = whole;
        for (int i = 0; i < globs.size(); i++) {
            if (globs.get(i).accepts(states.get(i))) {
                matched.set(i);
                included = true;
            }
        }
        return included;
    }

    @Override
    public @Nullable SelectionCursor below(VolumeEntry directory) {
        List<BitSet> states = after(directory);
        boolean taken = whole;
        boolean alive = false;
        for (int i = 0; i < globs.size(); i++) {
            taken |= globs.get(i).accepts(states.get(i));
            states.set(i, globs.get(i).step(states.get(i), "/"));
            alive |= !states.get(i).isEmpty();
        }
        return taken || alive ? new GlobCursor(globs, states, taken, matched) : null;
    }

    private List<BitSet> after(VolumeEntry entry) {
        List<BitSet> states = new ArrayList<>();
        for (int i = 0; i < globs.size(); i++) {
            states.add(globs.get(i).step(reached.get(i), entry.name()));
        }
        return states;
    }

    @Override
    public List<String> unmatched() {
        List<String> missing = new ArrayList<>();
        for (int i = matched.nextClearBit(0); i < globs.size(); i = matched.nextClearBit(i + 1)) {
            missing.add(globs.get(i).text());
        }
        return missing;
    }
}
