package dev.construir.backend;

import java.time.Duration;
import java.util.List;

/**
 * Reads what a guest has left in a QEMU that is paused. What a socket did not take waits in the guest's memory, and
 * QEMU moves it on as it finds room, but throws it away when it quits.
 *
 * @param question asks QEMU anything that its main loop answers
 * @param streams read the machine's streams
 * @param <E> what an unanswered question throws
 * @since 0.1
 */
public record PausedGuestDrain<E extends Exception>(Question<E> question, List<StreamReader> streams) {
    // One turn of QEMU's main loop notices that an empty socket has room, the next one fills it. An answer takes a turn
    // at least, and the first may come from a turn that began before the socket was empty.
    private static final int QUIET_ROUNDS = 3;

    /**
     * Asks something, and waits for the answer.
     *
     * @param <E> what is thrown if none comes
     */
    @FunctionalInterface
    public interface Question<E extends Exception> {
        /**
         * Asks.
         *
         * @param limit how long the answer may take, as far as that can be bounded
         * @throws E if no answer came
         * @throws InterruptedException if the thread was interrupted
         */
        void ask(Duration limit) throws E, InterruptedException;
    }

    /**
     * Copies the list.
     *
     * @param question see {@link #question()}
     * @param streams see {@link #streams()}
     */
    public PausedGuestDrain {
        streams = List.copyOf(streams);
    }

    /**
     * Reads until nothing comes any more.
     *
     * @param limit how long it may take
     * @return whether everything was read in time
     * @throws E if QEMU did not answer
     * @throws InterruptedException if the thread was interrupted
     */
    public boolean run(Duration limit) throws E, InterruptedException {
        long end = System.nanoTime() + limit.toNanos();
        long total = total();
        for (int quiet = 0; quiet < QUIET_ROUNDS; ) {
            question.ask(left(end));
            for (StreamReader stream : streams) {
                if (!stream.catchUp(left(end))) {
                    return false;
                }
            }
            long now = total();
            quiet = now == total ? quiet + 1 : 0;
            total = now;
        }
        return true;
    }

    private long total() {
        return streams.stream().mapToLong(StreamReader::total).sum();
    }

    private static Duration left(long end) {
        return Duration.ofNanos(Math.max(0, end - System.nanoTime()));
    }
}
