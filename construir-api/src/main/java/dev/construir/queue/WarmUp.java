package dev.construir.queue;

import dev.construir.disk.compress.CompressOptions;
import dev.construir.disk.compress.CompressedImage;
import dev.construir.thread.Uninterrupted;
import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Gets ready to compress results while the first jobs run, so that the first result appears as soon as the others. */
final class WarmUp implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(WarmUp.class);

    private final Thread thread;

    private WarmUp(Thread thread) {
        this.thread = thread;
    }

    static WarmUp start(CompressOptions options) {
        Thread thread = new Thread(() -> run(options), "construir-warm-up");
        thread.setDaemon(true);
        thread.start();
        return new WarmUp(thread);
    }

    private static void run(CompressOptions options) {
        try {
            CompressedImage.warmUp(options);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // closed
        } catch (IOException | RuntimeException | OutOfMemoryError e) {
            LOG.debug("the first result will take a little longer", e); // compressing it will report what is wrong
        }
    }

    /** Stops the warm-up. */
    @Override
    public void close() {
        thread.interrupt();
        Uninterrupted.run(thread::join);
    }
}
