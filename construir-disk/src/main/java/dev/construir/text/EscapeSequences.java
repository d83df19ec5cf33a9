package dev.construir.text;

import java.util.Optional;

/**
 * Recognises the escape sequences that command a terminal (ECMA-48, section 5) in a text, a character at a time. Works
 * on characters and on the bytes of UTF-8, in which no part of a longer character looks like a part of a sequence. A
 * control string, such as a window's title, ends with its line, so that it cannot hide more than that. Not safe for use
 * by many threads.
 */
public final class EscapeSequences {
    private static final int MAX_PARAMETERS = 64;
    private static final int BELL = 0x07;
    private static final int CANCEL = 0x18;
    private static final int SUBSTITUTE = 0x1a;
    private static final int ESCAPE = 0x1b;

    private enum State {
        TEXT,
        /** After ESC. */
        ESCAPE,
        /** After ESC and an intermediate character: one more belongs to it. */
        INTERMEDIATE,
        /** In a control sequence: ESC [. */
        SEQUENCE,
        /** In a control string: up to BEL or ESC \, and not beyond the line. */
        STRING
    }

    private State state = State.TEXT;
    private final StringBuilder parameters = new StringBuilder();
    private Optional<String> colour = Optional.empty();

    /** Creates one that is at the beginning of a text. */
    public EscapeSequences() {}

    /**
     * Takes the next character.
     *
     * @param c a character or a byte, 0 or more
     * @return whether it belongs to a sequence; if not, it is text, or another control character
     */
    public boolean take(int c) {
        colour = Optional.empty();
        return switch (state) {
            case TEXT -> text(c);
            case ESCAPE -> escape(c);
            case INTERMEDIATE -> intermediate(c);
            case SEQUENCE -> sequence(c);
            case STRING -> string(c);
        };
    }

    /** Begins a control sequence, for a text in which one character, U+009B, stands for ESC [. */
    public void beginSequence() {
        parameters.setLength(0);
        state = State.SEQUENCE;
    }

    /** Forgets a sequence that has no end yet. */
    public void reset() {
        state = State.TEXT;
    }

    /**
     * Returns the sequence that the last character ended, if it sets a colour or a style (SGR, ECMA-48 8.3.117).
     *
     * @return the whole sequence, from ESC to {@code m}
     */
    public Optional<String> colour() {
        return colour;
    }

    private boolean text(int c) {
        state = c == ESCAPE ? State.ESCAPE : State.TEXT;
        return c == ESCAPE;
    }

    private boolean escape(int c) {
        switch (c) {
            case '[' -> beginSequence();
            case ']', 'P', 'X', '^', '_' -> state = State.STRING;
            default -> {
                return intermediate(c);
            }
        }
        return true;
    }

    private boolean intermediate(int c) {
        if (c < ' ' || c > '~') {
            return text(c);
        }
        state = c < '0' ? State.INTERMEDIATE : State.TEXT;
        return true;
    }

    private boolean sequence(int c) {
        if (c >= ' ' && c <= '?') {
            if (parameters.length() <= MAX_PARAMETERS) {
                parameters.append((char) c);
            }
            return true;
        }
        if (c < ' ' || c > '~') {
            return text(c);
        }
        state = State.TEXT;
        if (c == 'm' && isColour()) {
            colour = Optional.of("\u001b[" + parameters + "m");
        }
        return true;
    }

    private boolean isColour() {
        return parameters.length() <= MAX_PARAMETERS
                && parameters.chars().allMatch(c -> (c >= '0' && c <= '9') || c == ';' || c == ':');
    }

    private boolean string(int c) {
        if (c == '\n' || c == '\r') {
            return text(c);
        }
        if (c == BELL || c == CANCEL || c == SUBSTITUTE) {
            state = State.TEXT;
        } else if (c == ESCAPE) {
            state = State.ESCAPE; // of ESC \, which shows nothing, or of the next sequence
        }
        return true;
    }
}
