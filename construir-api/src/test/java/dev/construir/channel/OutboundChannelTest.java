package dev.construir.channel;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class OutboundChannelTest {
    /** What was sent: whether the end, and whether anything behind it. */
    private static final class Sent implements OutboundChannel.Sender {
        private final AtomicBoolean ended = new AtomicBoolean();
        private final AtomicBoolean behind = new AtomicBoolean();

        @Override
        public void data(ByteBuffer bytes) {
            LockSupport.parkNanos(1);
            behind.compareAndSet(false, ended.get());
        }

        @Override
        public void eof() {
            ended.set(true);
        }
    }

    @Test
    void write_besideAnEnd_sendsNothingBehindIt() throws Exception {
        for (int i = 0; i < 2000; i++) {
            Sent sent = new Sent();
            OutboundChannel channel = new OutboundChannel(sent);
            CountDownLatch writing = new CountDownLatch(1);
            CompletableFuture<String> writer = CompletableFuture.supplyAsync(() -> {
                try {
                    while (true) {
                        channel.write(1);
                        writing.countDown();
                    }
                } catch (IOException e) {
                    return String.valueOf(e.getMessage());
                }
            });
            writing.await();
            channel.close();
            assertThat(writer.get()).isEqualTo("the stream is closed");
            assertThat(sent.ended).isTrue();
            assertThat(sent.behind).isFalse();
        }
    }
}
