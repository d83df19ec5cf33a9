package dev.construir.libvirt.connection;

import org.libvirt.Connect;
import org.libvirt.Library;
import org.libvirt.LibvirtException;
import org.libvirt.jna.Libvirt.VirErrorCallback;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * libvirt's event loop, of which a process has one: it is the only thing here that belongs to the JVM and not to an
 * object. Its daemon thread calls all listeners of all connections, and ends with the JVM.
 */
final class EventLoop {
    private static final Logger LOG = LoggerFactory.getLogger(EventLoop.class);
    private static final long PAUSE_MILLIS = 1000;
    // Without a callback libvirt also prints the errors that it reports. Held here, as native code holds no Java
    // object.
    private static final VirErrorCallback QUIET = (data, error) -> {};

    private static boolean running;

    private EventLoop() {}

    /** Starts it, unless it runs: before the first connection is opened. */
    static synchronized void start() throws LibvirtException {
        if (!running) {
            Connect.setErrorCallback(QUIET);
            Library.initEventLoop();
            Thread thread = new Thread(EventLoop::run, "construir-libvirt-events");
            thread.setDaemon(true);
            thread.start();
            running = true;
        }
    }

    private static void run() {
        try {
            while (true) {
                try {
                    Library.processEvent();
                } catch (LibvirtException | RuntimeException e) {
                    LOG.warn("libvirt's event loop failed, and goes on", e);
                    Thread.sleep(PAUSE_MILLIS); // what failed once may fail at once again
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread()
                    .interrupt(); // not expected: no code interrupts this thread; without events all machines are stuck
            LOG.error("the thread of libvirt's event loop was interrupted, and has ended", e);
        }
    }
}
