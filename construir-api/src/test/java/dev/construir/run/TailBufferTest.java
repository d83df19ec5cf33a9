package dev.construir.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.construir.text.TailBuffer;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

class TailBufferTest {
    @RepeatedTest(40)
    void keepsHeadAndTailOfAnyStream(RepetitionInfo repetition) {
        Random random = new Random(repetition.getCurrentRepetition());
        ByteArrayOutputStream whole = new ByteArrayOutputStream();
        TailBuffer buffer = new TailBuffer();
        int target = random.nextInt(6 * TailBuffer.CAPACITY);
        while (whole.size() < target) {
            byte[] piece = new byte[random.nextInt(repetition.getCurrentRepetition() % 2 == 0 ? 200_000 : 5_000)];
            random.nextBytes(piece);
            whole.writeBytes(piece);
            buffer.add(ByteBuffer.wrap(piece));
        }
        byte[] all = whole.toByteArray();
        int head = Math.min(all.length, TailBuffer.CAPACITY);
        int tail = Math.min(all.length - head, TailBuffer.CAPACITY);
        OutputTail kept = OutputTail.of(buffer);
        assertThat(kept.total()).isEqualTo(all.length);
        assertThat(kept.head()).isEqualTo(Arrays.copyOf(all, head));
        assertThat(kept.tail()).isEqualTo(Arrays.copyOfRange(all, all.length - tail, all.length));
        assertThat(kept.isTruncated()).isEqualTo(all.length > 2 * TailBuffer.CAPACITY);
    }

    @Test
    void leavesTheBufferWhereItWas() {
        ByteBuffer bytes = ByteBuffer.wrap(new byte[10]);
        new TailBuffer().add(bytes);
        assertThat(bytes.remaining()).isEqualTo(10);
    }

    @Test
    void saysWhatWasLeftOut() {
        TailBuffer buffer = new TailBuffer();
        buffer.add(ByteBuffer.wrap("a".repeat(TailBuffer.CAPACITY).getBytes(StandardCharsets.UTF_8)));
        buffer.add(ByteBuffer.wrap("b".repeat(5).getBytes(StandardCharsets.UTF_8)));
        buffer.add(ByteBuffer.wrap("c".repeat(TailBuffer.CAPACITY).getBytes(StandardCharsets.UTF_8)));
        assertThat(OutputTail.of(buffer).text())
                .contains("a\n[... 5 bytes left out ...]\nc")
                .doesNotContain("b\n");
    }

    @Test
    void returnsTheLastLines() {
        TailBuffer buffer = new TailBuffer();
        buffer.add(ByteBuffer.wrap("one\ntwo\nthree\n".getBytes(StandardCharsets.UTF_8)));
        assertThat(OutputTail.of(buffer).lastLines(2)).isEqualTo("two\nthree");
        assertThat(OutputTail.of(buffer).lastLines(9)).isEqualTo("one\ntwo\nthree");
        assertThat(OutputTail.EMPTY.lastLines(3)).isEmpty();
    }

    @Test
    void binaryWithoutNewlinesGivesNoEndlessLine() {
        byte[] noise = new byte[3 * TailBuffer.CAPACITY];
        new Random(7).nextBytes(noise);
        for (int i = 0; i < noise.length; i++) {
            noise[i] = noise[i] == '\n' ? 0 : noise[i];
        }
        noise[noise.length - 1] = 'e';
        TailBuffer buffer = new TailBuffer();
        buffer.add(ByteBuffer.wrap(noise));
        assertThat(OutputTail.of(buffer).lastLines(1))
                .startsWith("...")
                .endsWith("e")
                .hasSize(3 + (16 << 10));
        assertThat(OutputTail.of(buffer).lastLines(60)).hasSize(3 + (16 << 10));
    }

    @Test
    void endlessNewlinesGiveNoLines() {
        TailBuffer buffer = new TailBuffer();
        buffer.add(ByteBuffer.wrap("\n".repeat(TailBuffer.CAPACITY).getBytes(StandardCharsets.UTF_8)));
        assertThat(OutputTail.of(buffer).lastLines(60)).isEmpty();
    }
}
