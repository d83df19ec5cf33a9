package dev.construir.glob;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.function.IntPredicate;

/**
 * A pattern of paths, as a nondeterministic automaton that goes over them one character at a time and never back. So a
 * name takes time in proportion to its length and the pattern's, whatever they are, and a directory's states serve all
 * that is in it.
 */
public final class Glob {
    private final String text;
    private final List<State> states;

    /**
     * A state of the automaton. The one behind the last accepts.
     *
     * @param takes the characters that lead on
     * @param next where they lead
     * @param free the states that are entered together with this one
     */
    record State(IntPredicate takes, int next, List<Integer> free) {}

    private Glob(String text, List<State> states) {
        this.text = text;
        this.states = states;
    }

    /**
     * Reads a pattern.
     *
     * @throws IllegalArgumentException if it is none; the message says where
     */
    public static Glob of(String text) {
        return new Glob(text, new GlobParser(text).parse());
    }

    public static List<Glob> of(List<String> texts) {
        List<Glob> globs = new ArrayList<>();
        texts.forEach(text -> globs.add(of(text)));
        return List.copyOf(globs);
    }

    /** Returns the glob as it was given. */
    public String text() {
        return text;
    }

    /** Returns the states before the first name. */
    public BitSet start() {
        BitSet start = new BitSet(states.size() + 1);
        enter(start, 0);
        return start;
    }

    /** Returns the states after some more of a path; none if it cannot match any more. */
    public BitSet step(BitSet from, String part) {
        BitSet now = from;
        for (int i = 0; i < part.length() && !now.isEmpty(); i += Character.charCount(part.codePointAt(i))) {
            int c = part.codePointAt(i);
            BitSet next = new BitSet(states.size() + 1);
            for (int s = now.nextSetBit(0); s >= 0 && s < states.size(); s = now.nextSetBit(s + 1)) {
                if (states.get(s).takes().test(c)) {
                    enter(next, states.get(s).next());
                }
            }
            now = next;
        }
        return now;
    }

    /** Returns whether the name that led to these states matches. */
    public boolean accepts(BitSet reached) {
        return reached.get(states.size());
    }

    private void enter(BitSet set, int state) {
        if (!set.get(state)) {
            set.set(state);
            if (state < states.size()) {
                states.get(state).free().forEach(free -> enter(set, free));
            }
        }
    }

    @Override
    public String toString() {
        return text;
    }
}
