package dev.construir.qemu;

import dev.construir.backend.StreamReader;
import dev.construir.qemu.qmp.QmpClient;
import dev.construir.qemu.qmp.QmpException;
import java.time.Duration;
import java.util.List;

/**
 * Reads what a guest has left in a QEMU that is paused. What a socket did not take waits in the guest's memory, and QEMU moves it on as
 * it finds room, but throws it away when it quits.
 *
 * @param qmp asks QEMU
 * @param streams read the machine's streams
 */
record Drain(QmpClient qmp, List<StreamReader> streams) {
    // One turn of QEMU's main loop notices that an empty socket has room, the next one fills it. An answer takes a turn
    // at least, and the first may come from a turn that began before the socket was empty.
    private static final int QUIET_ROUNDS = 3;

    /**
     * Reads until nothing comes any more.
     *
     * @param limit how long it may take
     * @return whether everything was read in time
     * @throws QmpException if QEMU did not answer
     * @throws InterruptedException if the thread was interrupted
     */
    boolean run(Duration limit) throws QmpException, InterruptedException {
        long end = System.nanoTime() + limit.toNanos();
        long total = total();
        for (int quiet = 0; quiet < QUIET_ROUNDS; ) {
            qmp.call("query-status", left(end));
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
