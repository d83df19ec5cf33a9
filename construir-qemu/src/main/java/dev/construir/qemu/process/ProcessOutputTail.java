package dev.construir.qemu.process;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads a process's output to its end and keeps the last of it. Owns one daemon thread, which ends with the output. */
final class ProcessOutputTail {
    private static final Logger LOG = LoggerFactory.getLogger(ProcessOutputTail.class);
    private static final int KEPT = 4 << 10;

    private final InputStream stream;
    private final Thread thread;
    private final byte[] ring = new byte[KEPT];
    private long total;

    private ProcessOutputTail(InputStream stream, String name) {
        this.stream = stream;
        thread = new Thread(this::read, name);
        thread.setDaemon(true);
    }

    static ProcessOutputTail start(InputStream stream, String name) {
        ProcessOutputTail tail = new ProcessOutputTail(stream, name);
        tail.thread.start();
        return tail;
    }

    boolean awaitEnd(Duration limit) throws InterruptedException {
        thread.join(Math.max(1, limit.toMillis()));
        return !thread.isAlive();
    }

    synchronized String text() {
        int kept = (int) Math.min(total, KEPT);
        byte[] text = new byte[kept];
        for (int i = 0; i < kept; i++) {
            text[i] = ring[(int) ((total - kept + i) % KEPT)];
        }
        return new String(text, StandardCharsets.UTF_8).strip();
    }

    private void read() {
        byte[] buffer = new byte[KEPT];
        try (stream) {
            for (int read = stream.read(buffer); read >= 0; read = stream.read(buffer)) {
                keep(buffer, read);
            }
        } catch (IOException e) {
            LOG.debug("{} ended: {}", thread.getName(), e.toString());
        }
    }

    private synchronized void keep(byte[] bytes, int length) {
        for (int i = 0; i < length; i++) {
            ring[(int) ((total + i) % KEPT)] = bytes[i];
        }
        total += length;
    }
}
