package dev.construir.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

class ByteQueueTest {
    @RepeatedTest(20)
    void givesBackWhatItTookInOrder(RepetitionInfo repetition) {
        Random random = new Random(repetition.getCurrentRepetition());
        ByteQueue queue = new ByteQueue(ByteQueue.SEGMENT * (1 + random.nextInt(4)));
        ByteArrayOutputStream in = new ByteArrayOutputStream();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        int waiting = 0;
        for (int i = 0; i < 300; i++) {
            byte[] piece = new byte[random.nextInt(random.nextBoolean() ? 10 : 100_000)];
            random.nextBytes(piece);
            int room = queue.room();
            int limit = random.nextInt(100_000);
            int put = queue.put(ByteBuffer.wrap(piece), limit);
            assertThat(put).isEqualTo(Math.min(Math.min(piece.length, limit), room));
            in.write(piece, 0, put);
            waiting += put;
            int count = random.nextInt(waiting + 1);
            out.writeBytes(queue.take(count));
            waiting -= count;
        }
        out.writeBytes(queue.take(waiting));
        assertThat(out.toByteArray()).isEqualTo(in.toByteArray());
    }

    @Test
    void aFullQueueTakesNothing() {
        ByteQueue queue = new ByteQueue(1);
        assertThat(queue.put(ByteBuffer.allocate(ByteQueue.SEGMENT + 1), Integer.MAX_VALUE))
                .isEqualTo(ByteQueue.SEGMENT);
        assertThat(queue.put(ByteBuffer.allocate(1), Integer.MAX_VALUE)).isZero();
        queue.clear();
        assertThat(queue.room()).isEqualTo(ByteQueue.SEGMENT);
    }
}
