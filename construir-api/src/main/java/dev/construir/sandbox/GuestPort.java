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
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A port of the guest's loopback that leads to an address of the host. Owns the stream and a daemon thread. */
final class GuestPort implements PortForward {
    private static final Logger LOG = LoggerFactory.getLogger(GuestPort.class);
    private static final int CONNECT_MILLIS = 10_000;

    private final MachineSandbox sandbox;
    private final ChannelStream listener;
    private final InetSocketAddress target;
    private final int port;
    private final OpenRelays relays = new OpenRelays();

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
            int actual = listener.started().get(limit.toNanos(), TimeUnit.NANOSECONDS);
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
                ChannelStream stream = next.get();
                sandbox.thread("-connect", () -> connect(stream)); // which may take its time
            }
        } catch (InterruptedException e) { // not expected: no code interrupts this thread
            LOG.warn("{}: the thread that accepts connections was interrupted", this);
        }
        close();
    }

    private void connect(ChannelStream stream) {
        Socket socket = new Socket();
        try {
            socket.connect(target, CONNECT_MILLIS);
            relays.add(ConnectionRelay.start(sandbox, socket, stream));
        } catch (IOException e) {
            LOG.debug("{}: {}", this, e.toString());
            stream.close();
            OpenRelays.close(socket);
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
        sandbox.ended(this);
    }

    /** Returns where it leads. */
    @Override
    public String toString() {
        return "port " + port + " of the guest to " + target;
    }
}
