package dev.construir.qemu;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
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
    private long diskBytes;
    private @Nullable CompletableFuture<JsonElement> asked;

    UsageMeter(QemuProcess process, QmpClient qmp) {
        this.process = process;
        this.qmp = qmp;
    }

    /** Notes the processor time, which cannot be asked for once the process is gone. */
    void readProcessor() {
        process.cpu();
    }

    Usage read() {
        CompletableFuture<JsonElement> answer = ask();
        try {
            note(answer.get(LIMIT.toMillis(), TimeUnit.MILLISECONDS));
        } catch (TimeoutException | ExecutionException e) {
            LOG.trace("no disk statistics: {}", e.toString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // the caller's to act on; what is known is known
        }
        synchronized (this) {
            return new Usage(process.cpu(), diskBytes);
        }
    }

    // A QEMU that does not answer is not asked twice, so that questions don't pile up in its socket.
    private synchronized CompletableFuture<JsonElement> ask() {
        if (asked == null || asked.isDone()) {
            asked = qmp.send("query-blockstats", new JsonObject());
        }
        return asked;
    }

    private synchronized void note(JsonElement answer) {
        diskBytes = Math.max(diskBytes, sum(answer));
    }

    /** Adds up what is there; a number that is missing or none counts nothing. */
    static long sum(JsonElement answer) {
        long sum = 0;
        if (answer instanceof JsonArray devices) {
            for (JsonElement device : devices) {
                if (device instanceof JsonObject object && object.get("stats") instanceof JsonObject stats) {
                    sum += bytes(stats.get("rd_bytes")) + bytes(stats.get("wr_bytes"));
                }
            }
        }
        return sum;
    }

    private static long bytes(@Nullable JsonElement value) {
        try {
            return value instanceof JsonPrimitive number && number.isNumber() ? Math.max(0, number.getAsLong()) : 0;
        } catch (NumberFormatException e) {
            return 0; // read lazily, and not one after all
        }
    }
}
