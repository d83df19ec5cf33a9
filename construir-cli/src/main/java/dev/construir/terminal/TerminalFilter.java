package dev.construir.terminal;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/**
 * Lets through what a stranger's bytes may do to a terminal: text in UTF-8, newlines, tabs, carriage returns, and
 * colours (SGR, ECMA-48 8.3.117). All other control characters and sequences are left out, also where they are split
 * between two calls. Not safe for use by many threads.
 */
public final class TerminalFilter {
    private static final int MAX_PARAMETERS = 64;
    private static final byte[] RESET = "\u001b[0m".getBytes(StandardCharsets.US_ASCII);
    private static final int CANCEL = 0x18;
    private static final int SUBSTITUTE = 0x1a;

    private enum State {
        TEXT,
        /** After ESC. */
        ESCAPE,
        /** After ESC and an intermediate byte: one more belongs to it. */
        INTERMEDIATE,
        /** In a control sequence: ESC [. */
        SEQUENCE,
        /** In a control string, such as a window's title: up to BEL or ESC \, and not beyond the line. */
        STRING
    }

    private State state = State.TEXT;
    private final StringBuilder parameters = new StringBuilder();
    private final byte[] character = new byte[4];
    private int characterLength;
    private int characterMissing;
    private boolean coloured;

    /** Returns what of the bytes may be shown. */
    byte[] filter(byte[] bytes) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(bytes.length);
        for (byte b : bytes) {
            take(b & 0xff, out);
        }
        return out.toByteArray();
    }

    /** Returns what ends colours that are still on; empty if none are. */
    byte[] end() {
        boolean dirty = coloured;
        coloured = false;
        state = State.TEXT;
        characterMissing = 0;
        return dirty ? RESET.clone() : new byte[0];
    }

    /**
     * Returns a text in one line of which every control character is written as an escape, {@code \n} or {@code \x1b}.
     */
    public static String escape(String text) {
        StringBuilder escaped = new StringBuilder(text.length());
        text.codePoints().forEach(c -> {
            if (c == '\n') {
                escaped.append("\\n");
            } else if (Character.isISOControl(c)) {
                escaped.append(String.format("\\x%02x", c));
            } else {
                escaped.appendCodePoint(c);
            }
        });
        return escaped.toString();
    }

    /** Returns a text of many lines without its control characters and sequences, colours among them. */
    public static String plain(String text) {
        byte[] shown = new TerminalFilter().filter(text.getBytes(StandardCharsets.UTF_8));
        return new String(shown, StandardCharsets.UTF_8)
                .replaceAll("\u001b\\[[0-9;:]*m", "")
                .replace("\r\n", "\n")
                .replace('\r', '\n');
    }

    private void take(int b, ByteArrayOutputStream out) {
        switch (state) {
            case TEXT -> text(b, out);
            case ESCAPE -> escape(b, out);
            case INTERMEDIATE -> intermediate(b, out);
            case SEQUENCE -> sequence(b, out);
            case STRING -> string(b, out);
        }
    }

    private void text(int b, ByteArrayOutputStream out) {
        if (characterMissing > 0) {
            if (continues(b)) {
                continueCharacter(b, out);
                return;
            }
            out.write('?');
            characterMissing = 0;
        }
        if (b == 0x1b) {
            state = State.ESCAPE;
        } else if ((b >= 0x20 && b < 0x7f) || b == '\n' || b == '\t' || b == '\r') {
            out.write(b);
        } else if (b >= 0xc2 && b <= 0xf4) {
            character[0] = (byte) b;
            characterLength = 1;
            characterMissing = b < 0xe0 ? 1 : b < 0xf0 ? 2 : 3;
        } else if (b >= 0x80) {
            out.write('?'); // no UTF-8: a terminal might take it for a control character of eight bits
        }
    }

    // The Unicode Standard, table 3-7. What is longer than it need be (E0 80 9B for ESC) is a trap for lenient
    // terminals.
    private boolean continues(int b) {
        if (characterLength > 1) {
            return b >= 0x80 && b < 0xc0;
        }
        return switch (character[0] & 0xff) {
            case 0xe0 -> b >= 0xa0 && b < 0xc0;
            case 0xed -> b >= 0x80 && b < 0xa0;
            case 0xf0 -> b >= 0x90 && b < 0xc0;
            case 0xf4 -> b >= 0x80 && b < 0x90;
            default -> b >= 0x80 && b < 0xc0;
        };
    }

    private void continueCharacter(int b, ByteArrayOutputStream out) {
        character[characterLength++] = (byte) b;
        if (--characterMissing == 0 && !isControl()) {
            out.write(character, 0, characterLength);
        }
    }

    // U+0080 to U+009F: what ESC and a letter stand for, in one character
    private boolean isControl() {
        return characterLength == 2 && (character[0] & 0xff) == 0xc2 && (character[1] & 0xff) < 0xa0;
    }

    private void escape(int b, ByteArrayOutputStream out) {
        if (b == '[') {
            parameters.setLength(0);
            state = State.SEQUENCE;
        } else if (b == ']' || b == 'P' || b == 'X' || b == '^' || b == '_') {
            state = State.STRING;
        } else if (b < 0x20 || b >= 0x7f) {
            state = State.TEXT;
            text(b, out);
        } else {
            state = b < 0x30 ? State.INTERMEDIATE : State.TEXT;
        }
    }

    private void intermediate(int b, ByteArrayOutputStream out) {
        if (b < 0x20 || b >= 0x7f) {
            state = State.TEXT;
            text(b, out);
        } else if (b >= 0x30) {
            state = State.TEXT;
        }
    }

    private void sequence(int b, ByteArrayOutputStream out) {
        if (b >= 0x20 && b < 0x40) {
            if (parameters.length() <= MAX_PARAMETERS) {
                parameters.append((char) b);
            }
            return;
        }
        state = State.TEXT;
        if (b == 'm' && isColour()) {
            coloured = true;
            byte[] whole = ("\u001b[" + parameters + "m").getBytes(StandardCharsets.US_ASCII);
            out.write(whole, 0, whole.length);
        } else if (b < 0x20 || b >= 0x7f) {
            text(b, out);
        }
    }

    private boolean isColour() {
        return parameters.length() <= MAX_PARAMETERS
                && parameters.chars().allMatch(c -> (c >= '0' && c <= '9') || c == ';' || c == ':');
    }

    private void string(int b, ByteArrayOutputStream out) {
        if (b == 0x07 || b == CANCEL || b == SUBSTITUTE) {
            state = State.TEXT;
        } else if (b == 0x1b) {
            state = State.ESCAPE; // of ESC \, which shows nothing, or of the next sequence
        } else if (b == '\n') {
            state = State.TEXT;
            out.write(b);
        }
    }
}
