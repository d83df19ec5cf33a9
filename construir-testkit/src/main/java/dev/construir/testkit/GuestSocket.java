package dev.construir.testkit;

import java.io.Closeable;
import java.io.IOException;

/**
 * A stream that a socket of the guest's loopback is behind, which is the host's as well. Owns the socket.
 *
 * @param <S> what kind of socket it is
 */
abstract class GuestSocket<S extends Closeable> implements GuestTask {
    final GuestAgent agent;
    final GuestStream stream;
    final S socket;

    GuestSocket(GuestAgent agent, GuestStream stream, S socket) {
        this.agent = agent;
        this.stream = stream;
        this.socket = socket;
    }

    @Override
    public final GuestStream stream() {
        return stream;
    }

    final void end(int how, int code, String message) {
        try {
            stream.end(how, code, message);
        } catch (IOException e) {
            // the machine has ended
        }
        stop();
        agent.ended(this);
    }

    @Override
    public final void stop() {
        try {
            socket.close();
        } catch (IOException e) {
            // it is gone either way
        }
    }

    @Override
    public final void reset() {
        end(GuestStream.EXITED, 0, "");
    }
}
