package dev.construir.backend;

import dev.construir.machine.MachineChannel;
import dev.construir.text.Reason;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A machine's channel over the socket that its hypervisor connects to. Owns both sockets, and a daemon thread that ends
 * as soon as the hypervisor has connected.
 */
final class SocketChannelLink implements MachineChannel {
    private static final Logger LOG = LoggerFactory.getLogger(SocketChannelLink.class);

    private final ListeningSocket socket;
    private final CountDownLatch settled = new CountDownLatch(1);
    // guarded by this
    private @Nullable SocketChannel connection;
    private boolean closed;

    private SocketChannelLink(ListeningSocket socket) {
        this.socket = socket;
    }

    static SocketChannelLink start(ListeningSocket socket, String name) {
        SocketChannelLink link = new SocketChannelLink(socket);
        Thread thread = new Thread(link::accept, name);
        thread.setDaemon(true);
        thread.start();
        return link;
    }

    private void accept() {
        try {
            adopt(socket.accept());
        } catch (IOException e) {
            LOG.debug("{} has no connection: {}", socket, Reason.of(e));
        } finally {
            settled.countDown();
        }
    }

    private synchronized void adopt(SocketChannel accepted) throws IOException {
        if (closed) {
            accepted.close();
        } else {
            connection = accepted;
        }
    }

    /** Waits until the hypervisor has connected; false if it did not in time. */
    boolean awaitConnection(Duration limit) throws InterruptedException {
        if (!settled.await(limit.toNanos(), TimeUnit.NANOSECONDS)) {
            return false;
        }
        synchronized (this) {
            return connection != null;
        }
    }

    /** Gives up waiting for the connection; one that is there stays. */
    void stopWaiting() {
        socket.close();
    }

    private SocketChannel connected() throws IOException {
        try {
            settled.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            close();
        }
        synchronized (this) {
            if (connection == null || closed) {
                throw new IOException("the channel to the guest is closed");
            }
            return connection;
        }
    }

    @Override
    public int read(ByteBuffer into) throws IOException {
        return connected().read(into);
    }

    @Override
    public void write(ByteBuffer bytes) throws IOException {
        SocketChannel stream = connected();
        while (bytes.hasRemaining()) {
            int unused = stream.write(bytes);
        }
    }

    @Override
    public void close() {
        socket.close();
        SocketChannel open;
        synchronized (this) {
            closed = true;
            open = connection;
        }
        if (open != null) {
            try {
                open.close();
            } catch (IOException e) {
                LOG.debug("{}: {}", socket, Reason.of(e));
            }
        }
    }

    /** Returns where the hypervisor connects. */
    @Override
    public String toString() {
        return "channel at " + socket;
    }
}
