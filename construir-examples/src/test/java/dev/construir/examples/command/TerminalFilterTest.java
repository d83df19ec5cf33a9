package dev.construir.examples.command;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TerminalFilterTest {
    private static String filtered(String text) {
        return new String(new TerminalFilter().filter(text.getBytes(UTF_8)), UTF_8);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "plain text\n",
                "10 %\r20 %\r\n",
                "a\tb",
                "\u001b[31mred\u001b[0m",
                "\u001b[1;38;5;208m\u001b[38:2::1:2:3m",
                "Zürich, 東京, 🚀\n",
                ""
            })
    void letsThroughTextAndColours(String harmless) {
        assertThat(filtered(harmless)).isEqualTo(harmless);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\u001b[2J",
                "\u001b[1;1H",
                "\u001b[?1049h",
                "\u001b[6n",
                "\u001b[>4;1m",
                "\u001b]0;a title\u0007",
                "\u001b]52;c;cGFzdGVk\u001b\\",
                "\u001bPq#0\u001b\\",
                "\u001b_apc\u001b\\",
                "\u001bc",
                "\u001b(0",
                "\u001b#8",
                "\u0007\b\u000b\f\u000e\u000f\u0000\u007f",
                "\u009b2J\u0085"
            })
    void leavesOutWhatCommandsATerminal(String hostile) {
        assertThat(filtered("a" + hostile + "b").replace("2J", "")).isEqualTo("ab");
    }

    @Test
    void doesNotCareWhereTheBytesAreSplit() {
        byte[] whole = "a\u001b[31mü\u001b]0;title\u0007b\u001b[2J🚀\u001b[0mc".getBytes(UTF_8);
        for (int at = 0; at <= whole.length; at++) {
            TerminalFilter filter = new TerminalFilter();
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            out.writeBytes(filter.filter(java.util.Arrays.copyOfRange(whole, 0, at)));
            out.writeBytes(filter.filter(java.util.Arrays.copyOfRange(whole, at, whole.length)));
            assertThat(out.toString(UTF_8)).as("split at %d", at).isEqualTo("a\u001b[31müb🚀\u001b[0mc");
        }
    }

    @Test
    void aStringWithoutAnEndHidesNoMoreThanItsLine() {
        assertThat(filtered("a\u001b]0;for ever\nb")).isEqualTo("a\nb");
    }

    @Test
    void replacesBytesThatAreNoUtf8() {
        byte[] bytes = {'a', (byte) 0x9b, '2', 'J', (byte) 0xc3, 'b', (byte) 0xff};
        assertThat(new String(new TerminalFilter().filter(bytes), ISO_8859_1)).isEqualTo("a?2J?b?");
    }

    @Test
    void endsColoursThatAreStillOn() {
        TerminalFilter filter = new TerminalFilter();
        assertThat(filter.end()).isEmpty();
        filter.filter("\u001b[31mred".getBytes(UTF_8));
        assertThat(new String(filter.end(), UTF_8)).isEqualTo("\u001b[0m");
        assertThat(filter.end()).isEmpty();
    }

    @Test
    void noBytesAtAllGetAnyOtherControlThrough() {
        Random random = new Random(4711);
        for (int round = 0; round < 2000; round++) {
            byte[] bytes = new byte[random.nextInt(64)];
            for (int i = 0; i < bytes.length; i++) {
                bytes[i] = (byte)
                        (random.nextBoolean() ? random.nextInt(256) : "\u001b[;m0]P\\".charAt(random.nextInt(8)));
            }
            String shown = new String(new TerminalFilter().filter(bytes), UTF_8)
                    .replaceAll("\u001b\\[[0-9;:]*m", "")
                    .replaceAll("[\n\r\t]", "");
            assertThat(shown.chars().noneMatch(Character::isISOControl))
                    .as(shown)
                    .isTrue();
        }
    }

    @Test
    void escapesNames() {
        assertThat(TerminalFilter.escape("a\nb\u001b[2Jü")).isEqualTo("a\\nb\\x1b[2Jü");
    }

    @Test
    void makesPlainText() {
        assertThat(TerminalFilter.plain("a\r\n\u001b[31mred\u001b[0m\rb")).isEqualTo("a\nred\nb");
    }
}
