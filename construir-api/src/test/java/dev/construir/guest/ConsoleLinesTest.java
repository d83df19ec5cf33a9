package dev.construir.guest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.construir.guest.ConsoleLines.Word;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ConsoleLinesTest {
    private static final String SERIAL = "job-0123456789ab";

    private static List<Word> scan(String... pieces) {
        List<Word> words = new ArrayList<>();
        ConsoleLines lines = new ConsoleLines(SERIAL, words::add);
        for (String piece : pieces) {
            lines.scan(ByteBuffer.wrap(piece.getBytes(StandardCharsets.ISO_8859_1)));
        }
        return words;
    }

    @Test
    void findsTheGuestsLinesAmongOthers() {
        assertThat(scan(
                        "[    0.1] Linux\r\nconstruir: ready\r\n",
                        "noise\nconstruir: started " + SERIAL + "\nconstruir: ended " + SERIAL + "\n"))
                .containsExactly(Word.READY, Word.STARTED, Word.ENDED);
    }

    @Test
    void joinsPieces() {
        assertThat(scan("const", "ruir: sta", "rted " + SERIAL, "\n")).containsExactly(Word.STARTED);
    }

    @Test
    void lines_ofOtherRuns_areIgnored() {
        assertThat(scan("construir: ended job-ffffffffffff\n", "construir: ended\n", "x construir: ready\n"))
                .isEmpty();
    }

    @Test
    void survivesLinesWithoutEnd() {
        assertThat(scan("x".repeat(10_000_000), "\nconstruir: ready\n")).containsExactly(Word.READY);
        assertThat(scan("construir: ready" + " ".repeat(1000) + "\n")).isEmpty();
    }
}
