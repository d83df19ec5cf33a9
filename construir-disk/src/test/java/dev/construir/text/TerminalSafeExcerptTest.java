package dev.construir.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TerminalSafeExcerptTest {
    @Test
    void keepsTheLastLines() {
        String text = "line\n".repeat(500) + "\n\r\n  the end but one\r\nthe end\r\n\n";
        assertThat(TerminalSafeExcerpt.of(text).lines()).hasSize(20).endsWith("line", "  the end but one", "the end");
        assertThat(TerminalSafeExcerpt.of("Zürich, 東京, 🚀").lines()).containsExactly("Zürich, 東京, 🚀");
        assertThat(TerminalSafeExcerpt.of("one\ntwo").block()).isEqualTo("  | one\n  | two");
        assertThat(TerminalSafeExcerpt.of("one\ntwo")).hasToString("one; two");
    }

    @Test
    void keepsWhatACompilerPointsAt() {
        String text =
                "a.c:3:9: error: expected ';'\r\n    3 |         return 0\r\n      |                 ^\r\n      |\t\t;\n";
        assertThat(TerminalSafeExcerpt.of(text).lines())
                .containsExactly(
                        "a.c:3:9: error: expected ';'",
                        "    3 |         return 0",
                        "      |                 ^",
                        "      |         ;");
        assertThat(TerminalSafeExcerpt.of("a\tb\n12345678\tb\n\u001b[1m\tb").lines())
                .containsExactly("a       b", "12345678        b", "        b");
        assertThat(TerminalSafeExcerpt.of("  a\n\tb")).hasToString("a; b");
        assertThat(TerminalSafeExcerpt.of(" ".repeat(100_000) + "^").lines())
                .singleElement()
                .satisfies(line -> assertThat(line).hasSize(200).endsWith("^"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\n", " \r\n\t\n", "\u001b[2J", "\u001b]0;title", "\u0000\u0007"})
    void isEmptyWhenNothingIsSaid(String nothing) {
        assertThat(TerminalSafeExcerpt.of(nothing).isEmpty()).isTrue();
        assertThat(TerminalSafeExcerpt.of(nothing).block()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\u001b[2J",
                "\u001b[31m",
                "\u001b[?1049h",
                "\u001b]0;a title\u0007",
                "\u001b]52;c;cGFzdGVk\u001b\\",
                "\u001bPq#0\u001b\\",
                "\u001bc",
                "\u001b(0",
                "\u009b2J",
                "\u0007\b\u000b\f\u000e\u000f\u0000\u007f\u0085",
                "\u202e\u2066\u200b\ufeff\u2028\ue000",
                "\ud800"
            })
    void leavesOutWhatCommandsATerminalOrHidesText(String hostile) {
        assertThat(TerminalSafeExcerpt.of("a" + hostile + "b").lines()).containsExactly("ab");
        assertThat(TerminalSafeExcerpt.of("a" + hostile).lines()).containsExactly("a");
    }

    @ParameterizedTest
    @CsvSource({"'a\u001b]0;never ended\nb', 'a; b'", "'10 %\r20 %\r', '10 %; 20 %'", "'a\u001b\u001b[31mb', 'ab'"})
    void hidesNoOtherLine(String text, String expected) {
        assertThat(TerminalSafeExcerpt.of(text)).hasToString(expected);
    }

    @Test
    void cutsLongLinesInTheMiddle() {
        String line = "🚀" + "x".repeat(100_000) + "the end🚀";
        assertThat(TerminalSafeExcerpt.of(line).lines()).singleElement().satisfies(cut -> {
            assertThat(cut.codePointCount(0, cut.length())).isEqualTo(200);
            assertThat(cut).startsWith("🚀x").contains("x ... x").endsWith("the end🚀");
        });
    }

    @Test
    void isHarmlessWhateverIsSaid() {
        Random random = new Random(7);
        for (int i = 0; i < 2000; i++) {
            byte[] bytes = new byte[random.nextInt(300)];
            random.nextBytes(bytes);
            for (int j = 0; j < bytes.length; j += 1 + random.nextInt(9)) {
                bytes[j] = (byte) "\u001b[]P\\\n\rm;0".charAt(random.nextInt(10));
            }
            TerminalSafeExcerpt quotation = TerminalSafeExcerpt.of(new String(bytes, StandardCharsets.UTF_8));
            assertThat(quotation.lines()).hasSizeLessThanOrEqualTo(20).allSatisfy(line -> {
                assertThat(line).isNotBlank();
                assertThat(line.chars()).noneMatch(Character::isISOControl);
            });
        }
    }
}
