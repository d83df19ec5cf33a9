package dev.construir.terminal;

import dev.construir.text.ControlCharacters;
import dev.construir.text.EscapeSequences;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/**
 * Lets through what a stranger's bytes may do to a terminal: text in UTF-8, newlines, tabs, carriage returns, and
 * colours (SGR, ECMA-48 8.3.117). All other control characters and sequences are left out, also where they are split
 * between two calls. Not safe for use by many threads.
 */
public final class TerminalFilter {
    private static final byte[] RESET = "\u001b[0m".getBytes(StandardCharsets.US_ASCII);

    private final EscapeSequences sequences = new EscapeSequences();
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
        sequences.reset();
        characterMissing = 0;
        return dirty ? RESET.clone() : new byte[0];
    }

    /**
     * Returns a text in one line of which every control character is written as an escape, {@code \n} or {@code \x1b}.
     */
    public static String escape(String text) {
        return ControlCharacters.escape(text, "\\n");
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
        if (characterMissing > 0) {
            if (continues(b)) {
                continueCharacter(b, out);
                return;
            }
            out.write('?');
            characterMissing = 0;
        }
        if (!sequences.take(b)) {
            text(b, out);
        } else if (sequences.colour().isPresent()) {
            coloured = true;
            out.writeBytes(sequences.colour().get().getBytes(StandardCharsets.US_ASCII));
        }
    }

    private void text(int b, ByteArrayOutputStream out) {
        if ((b >= 0x20 && b < 0x7f) || b == '\n' || b == '\t' || b == '\r') {
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
}
