package dev.construir.qemu.jobs;

import dev.construir.run.RunEvent;
import dev.construir.run.RunListener;
import java.nio.ByteBuffer;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Hears a job that prints the same piece again and again, and checks every byte of it: also those after a gap, which
 * are in place only if the gap was told rightly.
 */
final class Hearing implements RunListener {
    private final byte[] piece;
    private final LongConsumer then;

    // guarded by this
    private long heard;
    private long missed;
    private @Nullable String wrong;
    private @Nullable RunEvent last;

    /**
     * Creates a listener.
     *
     * @param length the length of the piece; the first is taken for right
     * @param then called after each output, outside all locks, with the place in the stream that was reached
     */
    Hearing(int length, LongConsumer then) {
        this.piece = new byte[length];
        this.then = then;
    }

    @Override
    public void on(RunEvent event) {
        long reached = take(event);
        if (event instanceof RunEvent.Output) {
            then.accept(reached);
        }
    }

    private synchronized long take(RunEvent event) {
        last = event;
        if (event instanceof RunEvent.Output output) {
            missed += output.droppedBefore();
            for (ByteBuffer bytes = output.bytes().duplicate(); bytes.hasRemaining(); ) {
                check(bytes);
            }
        }
        return heard + missed;
    }

    private void check(ByteBuffer bytes) {
        long place = heard + missed;
        int at = (int) (place % piece.length);
        int count = Math.min(bytes.remaining(), piece.length - at);
        ByteBuffer next = bytes.duplicate().limit(bytes.position() + count);
        if (place < piece.length) {
            next.duplicate().get(piece, at, count);
        } else if (wrong == null && next.mismatch(ByteBuffer.wrap(piece, at, count)) >= 0) {
            wrong = "what came at byte " + place + " is not what belongs there";
        }
        bytes.position(bytes.position() + count);
        heard += count;
    }

    synchronized long heard() {
        return heard;
    }

    /** Returns how much it was told it has missed. */
    synchronized long missed() {
        return missed;
    }

    /** Returns what was wrong, or null if nothing was. */
    synchronized @Nullable String wrong() {
        return wrong;
    }

    synchronized @Nullable RunEvent last() {
        return last;
    }
}
