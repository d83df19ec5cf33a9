package dev.construir.sandbox;

import dev.construir.channel.ChannelLostException;
import dev.construir.channel.ChannelStream;
import dev.construir.channel.OpenRequest;
import dev.construir.text.TerminalSafeExcerpt;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A port of the guest's loopback that leads to an address of the host. Owns the stream and a daemon thread that accepts,
 * and up to 64 that connect: a guest can open and end connections as fast as it likes.
 */
final class GuestPort implements PortForward {
    private static final Logger LOG = LoggerFactory.getLogger(GuestPort.class);
    private static final int CONNECT_MILLIS = 10_000;
    private static final int MOST_CONNECTING = 64;
    // No more are open in the guest. Beyond it are those that have ended there and that the target does not read.
    private static final int MOST_OPEN = 1024;
    private static final int LAST_PORT = 65_535;

    private final MachineSandbox sandbox;
    private final ChannelStream listener;
    private final InetSocketAddress target;
    private final int port;
    private final OpenRelays relays = new OpenRelays();
    // guarded by this
    private final Deque<ChannelStream> waiting = new ArrayDeque<>(); // to be connected; no more than are open
    private int connecting;
    private boolean closed;

    private GuestPort(MachineSandbox sandbox, ChannelStream listener, InetSocketAddress target, int port) {
        this.sandbox = sandbox;
        this.listener = listener;
        this.target = target;
        this.port = port;
    }

    static GuestPort open(MachineSandbox sandbox, int port, InetSocketAddress target, Duration limit)
            throws SandboxException, SandboxLostException, InterruptedException {
        String what = "the guest cannot listen on port " + port;
        ChannelStream listener = sandbox.stream(what, OpenRequest.listen(port), length -> {});
        boolean opened = false;
        try {
            listener.output().close(); // it has no data
            listener.errors().close();
            int actual = listener.started().get(limit.toNanos(), TimeUnit.NANOSECONDS);
            if (actual < 1 || actual > LAST_PORT || (port != 0 && actual != port)) {
                throw new SandboxException(what + ": it answers with port " + actual);
            }
            GuestPort forward = new GuestPort(sandbox, listener, target, actual);
            sandbox.thread("-listen-" + actual, forward::accept);
            opened = true;
            return forward;
        } catch (ExecutionException e) {
            Throwable cause = e.getCause();
            if (cause instanceof ChannelLostException lost) {
                throw sandbox.lostWhile(what, lost);
            }
            String why = String.valueOf(cause == null ? null : cause.getMessage());
            throw new SandboxException(what + ": " + TerminalSafeExcerpt.of(why), e);
        } catch (TimeoutException e) {
            throw new SandboxException(what + ": it did not answer within " + limit.toSeconds() + " s", e);
        } finally {
            if (!opened) {
                listener.close();
            }
        }
    }

    private void accept() {
        try {
            for (Optional<ChannelStream> next = listener.accept(); next.isPresent(); next = listener.accept()) {
                enqueue(next.get());
            }
        } catch (InterruptedException e) { // not expected: no code interrupts this thread
            LOG.warn("{}: the thread that accepts connections was interrupted", this);
        } catch (RuntimeException | Error e) {
            fail(e);
        } finally {
            close();
        }
    }

    private void fail(Throwable why) {
        LOG.warn("{}: accepts no more connections", this, why);
    }

    private void enqueue(ChannelStream stream) {
        stream.errors().close(); // a connection has none
        boolean late;
        boolean another;
        synchronized (this) {
            waiting.removeIf(each -> each.ended().isDone()); // a guest that ends them at once takes up nothing
            late = closed;
            another = !late && connecting < MOST_CONNECTING;
            if (!late) {
                waiting.add(stream);
            }
            if (another) {
                connecting++;
            }
        }
        if (late) {
            stream.close();
        } else if (another) {
            sandbox.thread("-connect", this::connectWaiting);
        }
    }

    /** Connects what waits: each may take its time. */
    private void connectWaiting() {
        try {
            for (Optional<ChannelStream> next = next(); next.isPresent(); next = next()) {
                connect(next.get());
            }
        } catch (RuntimeException | Error e) {
            try {
                fail(e);
            } finally {
                close();
            }
        }
    }

    private synchronized Optional<ChannelStream> next() {
        waiting.removeIf(each -> each.ended().isDone());
        Optional<ChannelStream> next = Optional.ofNullable(waiting.poll());
        if (next.isEmpty()) {
            connecting--;
        }
        return next;
    }

    private void connect(ChannelStream stream) {
        Socket socket = new Socket();
        boolean connected = false;
        try {
            if (relays.count() >= MOST_OPEN) {
                throw new IOException(MOST_OPEN + " connections are open");
            }
            socket.connect(target, CONNECT_MILLIS);
            relays.add(ConnectionRelay.start(sandbox, socket, stream));
            connected = true;
        } catch (IOException e) {
            LOG.debug("{}: {}", this, e.toString());
        } finally {
            if (!connected) {
                stream.close();
                OpenRelays.close(socket);
            }
        }
    }

    @Override
    public InetSocketAddress address() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    }

    @Override
    public void close() {
        listener.close();
        relays.close();
        List<ChannelStream> unconnected;
        synchronized (this) {
            closed = true;
            unconnected = List.copyOf(waiting);
            waiting.clear();
        }
        unconnected.forEach(ChannelStream::close);
        sandbox.ended(this);
    }

    /** Returns where it leads. */
    @Override
    public String toString() {
        return "port " + port + " of the guest to " + target;
    }
}
