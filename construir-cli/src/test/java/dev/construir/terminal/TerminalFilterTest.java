package dev.construir.terminal;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TerminalFilterTest {
    private static final Pattern COLOURS = Pattern.compile("\u001b\\[[0-9;:]*m");
    private static final String[] TEXTS = {
        "a", "two words", "100 %\r\n", "\t", "[31m", "]0;x", "Zürich", "東京", "🚀", "\\", "?"
    };
    private static final String[] COMMANDS = {
        "",
        "\u001b[31m",
        "\u001b[0m",
        "\u001b[2J",
        "\u001b[?1049h",
        "\u001b[6n",
        "\u001b[38;5;208;1;2;3;4;5;6;7;8;9;10;11;12;13;14;15;16;17;18;19;20;21;22;23;24;25m", // longer than any colour
        "\u001b]0;a title\u0007",
        "\u001b]52;c;cGFzdGVk\u001b\\",
        "\u001b]0;cancelled\u0018",
        "\u001bP+q544e\u001b\\",
        "\u001b_apc\u001b\\",
        "\u001bc",
        "\u001b(0",
        "\u001b( ]",
        "\u0007\b\u000e\u0000\u007f",
        "\u0085\u0090\u009c"
    };

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
                "\u009b2J\u0085",
                "\u001b]52;c;?\u0007",
                "\u001bP$q\"p\u001b\\",
                "\u001bP+q544e\u001b\\",
                "\u001b[21t",
                "\u001b[c\u001b[>c\u001b[=c\u0005",
                "\u001b]4;1;?\u001b\\",
                "\u001b]8;;https://example.org\u001b\\",
                "\u001b]1337;File=:AAAA\u0007",
                "\u001b^privacy\u001b\\\u001bXstart\u001b\\",
                "\u001b]0;cancelled\u0018",
                "\u001b]0;substituted\u001a",
                "\u001b%G\u001b$(B\u001b( [",
                "\u001b[?25l\u001b[!p\u001b[3 q",
                "\u001b[31\"m\u001b[>m\u001b[?m"
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
            out.writeBytes(filter.filter(Arrays.copyOfRange(whole, 0, at)));
            out.writeBytes(filter.filter(Arrays.copyOfRange(whole, at, whole.length)));
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

    @ParameterizedTest
    @ValueSource(
            strings = {
                "c0 9b",
                "c1 9b", // ESC and CSI in two bytes too many
                "e0 80 9b",
                "e0 82 9b",
                "e0 9f bf", //
                "f0 80 80 9b",
                "f0 80 82 9b",
                "f0 8f bf bf", //
                "f8 80 80 80 9b",
                "fc 80 80 80 80 9b", //
                "ed a0 80",
                "f4 90 80 80",
                "f5 80 80 80"
            })
    void replacesUtf8ThatIsLongerThanItNeedBeOrNoCharacter(String hex) {
        byte[] bytes = HexFormat.ofDelimiter(" ").parseHex(hex);
        byte[] shown = new TerminalFilter().filter(bytes);
        assertThat(new String(shown, ISO_8859_1)).matches("\\?+");
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
    void whateverIsPrintableIsShownAndNothingElseAnyBytes() throws Exception {
        for (int seed = 0; seed < 300; seed++) {
            Random random = new Random(seed);
            ByteArrayOutputStream sent = new ByteArrayOutputStream();
            StringBuilder printable = new StringBuilder();
            for (int i = 0; i < 100; i++) {
                String text = TEXTS[random.nextInt(TEXTS.length)];
                sent.writeBytes(text.getBytes(UTF_8));
                printable.append(text);
                sent.writeBytes(COMMANDS[random.nextInt(COMMANDS.length)].getBytes(UTF_8));
            }
            String shown = strictly(inPieces(sent.toByteArray(), random));
            assertThat(COLOURS.matcher(shown).replaceAll(""))
                    .as("seed %d", seed)
                    .isEqualTo(printable.toString());
        }
    }

    @Test
    void noiseIsShownAsTextAndColoursAlone() throws Exception {
        byte[] favourites = "\u001b[]P_^X\\;:?0m\u0007\u0018\u009b\u009d\u009c\n".getBytes(UTF_8);
        for (int seed = 0; seed < 3000; seed++) {
            Random random = new Random(seed);
            byte[] noise = new byte[random.nextInt(400)];
            random.nextBytes(noise);
            for (int i = 0; i < noise.length; i++) {
                noise[i] = random.nextInt(3) == 0 ? noise[i] : favourites[random.nextInt(favourites.length)];
            }
            byte[] shown = inPieces(noise, random);
            assertThat(strictly(shown)).as("seed %d", seed).isNotNull();
            assertThat(shown).as("seed %d in one piece", seed).isEqualTo(new TerminalFilter().filter(noise));
        }
    }

    private static byte[] inPieces(byte[] bytes, Random random) {
        TerminalFilter filter = new TerminalFilter();
        ByteArrayOutputStream shown = new ByteArrayOutputStream();
        for (int from = 0; from < bytes.length; ) {
            int to = Math.min(bytes.length, from + 1 + random.nextInt(20));
            shown.writeBytes(filter.filter(Arrays.copyOfRange(bytes, from, to)));
            from = to;
        }
        return shown.toByteArray();
    }

    /** Decodes what a terminal gets: true UTF-8, with no control character but those that are allowed, and colours. */
    private static String strictly(byte[] shown) throws CharacterCodingException {
        String text = UTF_8.newDecoder().decode(ByteBuffer.wrap(shown)).toString(); // throws for what is none
        String rest = COLOURS.matcher(text).replaceAll("").replaceAll("[\n\r\t]", "");
        assertThat(rest.chars().noneMatch(Character::isISOControl)).as(rest).isTrue();
        return text;
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
