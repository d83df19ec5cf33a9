package dev.construir.glob;

import dev.construir.glob.Glob.State;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;

/** Reads a {@link Glob}; used once. */
final class GlobParser {
    private static final int MAX_LENGTH = 1000;

    private final String glob;
    private final int[] text;
    private final List<State> states = new ArrayList<>();
    private int at;
    private int end;
    /** Whether a name begins here. */
    private boolean nameBegins = true;

    GlobParser(String glob) {
        this.glob = glob;
        this.text = glob.codePoints().toArray();
        this.end = text.length;
    }

    List<State> parse() {
        if (text.length > MAX_LENGTH) {
            throw wrong(MAX_LENGTH, "it has more than " + MAX_LENGTH + " characters");
        }
        // "/dir/" and "./dir" are a common spelling of "dir".
        at = text.length > 1 && text[0] == '.' && text[1] == '/' ? 2 : text.length > 0 && text[0] == '/' ? 1 : 0;
        if (end > at && text[end - 1] == '/' && !(end > 1 && text[end - 2] == '\\')) {
            end--;
        }
        checkNames();
        sequence(false);
        return List.copyOf(states);
    }

    /** No path on a disk has names that are empty or dots, so a glob with such a one is a mistake. */
    private void checkNames() {
        int from = at;
        for (int to = at; to <= end; to++) {
            if (to == end || text[to] == '/') {
                String name = new String(text, from, to - from);
                if (name.isEmpty()) {
                    throw wrong(from, "a name is empty");
                } else if (name.equals(".") || name.equals("..")) {
                    throw wrong(from, "\".\" and \"..\" are no names");
                }
                from = to + 1;
            }
        }
    }

    /** Reads up to the end, or up to the end of an alternative. */
    private void sequence(boolean inBraces) {
        while (at < end && !(inBraces && (text[at] == ',' || text[at] == '}'))) {
            int c = text[at++];
            switch (c) {
                case '*' -> stars();
                case '?' -> take(GlobParser::isInName);
                case '[' -> take(characters());
                case '{' -> braces();
                case '\\' -> literal(escaped());
                default -> literal(c);
            }
        }
    }

    private void literal(int c) {
        take(other -> other == c);
        nameBegins = c == '/';
    }

    private int escaped() {
        if (at >= end) {
            throw wrong(at - 1, "nothing is behind the backslash");
        }
        return text[at++];
    }

    private void stars() {
        boolean wholeName = nameBegins;
        boolean two = false;
        while (at < end && text[at] == '*') {
            two = true;
            at++;
        }
        if (two && wholeName && at < end && text[at] == '/') {
            // Any number of directories, none among it.
            at++;
            int here = states.size();
            states.add(new State(GlobParser::isNone, 0, List.of(here + 1, here + 3)));
            repeat(GlobParser::isAny);
            take(c -> c == '/');
            nameBegins = true;
        } else {
            repeat(two ? GlobParser::isAny : GlobParser::isInName);
        }
    }

    private void take(IntPredicate characters) {
        states.add(new State(characters, states.size() + 1, List.of()));
        nameBegins = false;
    }

    private void repeat(IntPredicate characters) {
        states.add(new State(characters, states.size(), List.of(states.size() + 1)));
        nameBegins = false;
    }

    private void braces() {
        int open = at - 1;
        boolean first = nameBegins;
        int fork = states.size();
        states.add(new State(GlobParser::isNone, 0, List.of()));
        List<Integer> branches = new ArrayList<>();
        List<Integer> ends = new ArrayList<>();
        do {
            branches.add(states.size());
            nameBegins = first;
            sequence(true);
            ends.add(states.size());
            states.add(new State(GlobParser::isNone, 0, List.of()));
            if (at >= end) {
                throw wrong(open, "the { has no }");
            }
        } while (text[at++] == ',');
        states.set(fork, new State(GlobParser::isNone, 0, List.copyOf(branches)));
        ends.forEach(last -> states.set(last, new State(GlobParser::isNone, 0, List.of(states.size()))));
        nameBegins = false;
    }

    /** Reads {@code [a-z]} behind its bracket. A bracket that comes first is one of the characters. */
    private IntPredicate characters() {
        int open = at - 1;
        boolean negated = at < end && (text[at] == '!' || text[at] == '^');
        at += negated ? 1 : 0;
        IntPredicate set = GlobParser::isNone;
        for (int first = at; at >= end || text[at] != ']' || at == first; ) {
            int from = member(open);
            int to = from;
            if (at + 1 < end && text[at] == '-' && text[at + 1] != ']') {
                int dash = at++;
                to = member(open);
                if (to < from) {
                    throw wrong(dash, "the range is upside down");
                }
            }
            int last = to;
            set = set.or(c -> c >= from && c <= last);
        }
        at++;
        return (negated ? set.negate() : set).and(GlobParser::isInName);
    }

    private int member(int open) {
        if (at >= end) {
            throw wrong(open, "the [ has no ]");
        }
        int c = text[at++];
        if (c == '/') {
            throw wrong(at - 1, "a slash is between [ and ]");
        }
        return c == '\\' ? escaped() : c;
    }

    private static boolean isNone(int c) {
        return false;
    }

    private static boolean isAny(int c) {
        return true;
    }

    private static boolean isInName(int c) {
        return c != '/';
    }

    private IllegalArgumentException wrong(int index, String why) {
        return new IllegalArgumentException(
                "not a glob: \"" + glob + "\": " + why + ", at character " + (index + 1) + " of " + text.length);
    }
}
