package dev.construir.qemu;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import dev.construir.DataSize;
import dev.construir.machine.Usage;
import dev.construir.qemu.process.QemuProcess;
import dev.construir.qemu.qmp.QmpClient;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Measures what a machine has used. Safe for use by many threads. */
final class UsageMeter {
    private static final Logger LOG = LoggerFactory.getLogger(UsageMeter.class);
    private static final Duration LIMIT = Duration.ofMillis(500);

    private final QemuProcess process;
    private final QmpClient qmp;
    private DiskTraffic traffic = DiskTraffic.NONE;
    private @Nullable CompletableFuture<Void> asked;

    UsageMeter(QemuProcess process, QmpClient qmp) {
        this.process = process;
        this.qmp = qmp;
    }

    /**
     * Reads what cannot be read any more once QEMU is gone, and returns at once: QEMU answers in the order in which it
     * is asked, so that the answer is here before it obeys a {@code quit} that is sent next.
     */
    void readLast() {
        process.cpu();
        process.peakMemory();
        var unused = ask();
    }

    Usage read() {
        CompletableFuture<Void> answer = ask();
        try {
            answer.get(LIMIT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException | ExecutionException e) {
            LOG.trace("no disk statistics: {}", e.toString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // the caller's to act on; what is known is known
        }
        DiskTraffic known = traffic();
        return new Usage(
                process.cpu(), process.peakMemory(), DataSize.ofBytes(known.read()), DataSize.ofBytes(known.written()));
    }

    // A QEMU that does not answer is not asked twice, so that questions don't pile up in its socket.
    private synchronized CompletableFuture<Void> ask() {
        CompletableFuture<Void> answer = asked;
        if (answer == null || answer.isDone()) {
            answer = qmp.send("query-blockstats", new JsonObject()).thenAccept(this::note);
            asked = answer;
        }
        return answer;
    }

    private synchronized void note(JsonElement answer) {
        traffic = traffic.max(DiskTraffic.of(answer));
    }

    private synchronized DiskTraffic traffic() {
        return traffic;
    }
}
