package dev.construir.qemu;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import dev.construir.qemu.qmp.QmpClient;
import dev.construir.qemu.qmp.QmpEvent;
import dev.construir.qemu.qmp.QmpException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * QEMU's migration, which writes a machine to a stream, and reads it from one. The memory may stay in a file that both
 * sides map. Used once. Safe for use by many threads.
 */
final class Migration {
    private static final String STANDARD_INPUT = "fd:0";

    private final CompletableFuture<Void> completed = new CompletableFuture<>();

    /** Takes note of an event. */
    void handle(QmpEvent event) {
        if (event.name().equals("MIGRATION")) {
            switch (event.text("status").orElse("")) {
                case "completed" -> completed.complete(null);
                case "failed", "cancelled" -> fail("QEMU could not migrate the machine");
                default -> {}
            }
        }
    }

    /** Ends the wait for what will not come any more. */
    void fail(String why) {
        completed.completeExceptionally(new QmpException(why));
    }

    /** Where the memory is. */
    enum Memory {
        /** In a file that both sides map. */
        IN_PLACE,
        /** In the stream. */
        IN_STREAM
    }

    /**
     * Writes a machine that is stopped.
     *
     * @param uri where to
     */
    void write(QmpClient qmp, String uri, Memory memory, Duration limit) throws QmpException, InterruptedException {
        migrate(qmp, "migrate", uri, memory, limit);
    }

    /** Reads a machine from QEMU's standard input. It does not run yet afterwards. */
    void read(QmpClient qmp, Memory memory, Duration limit) throws QmpException, InterruptedException {
        migrate(qmp, "migrate-incoming", STANDARD_INPUT, memory, limit);
    }

    private void migrate(QmpClient qmp, String command, String uri, Memory memory, Duration limit)
            throws QmpException, InterruptedException {
        JsonArray capabilities = new JsonArray();
        capabilities.add(capability("x-ignore-shared", memory == Memory.IN_PLACE));
        capabilities.add(capability("events", true));
        JsonObject all = new JsonObject();
        all.add("capabilities", capabilities);
        JsonObject arguments = new JsonObject();
        arguments.addProperty("uri", uri);
        var enabling = qmp.send("migrate-set-capabilities", all); // QEMU takes commands in their order
        qmp.call(command, arguments, limit);
        enabling.join();
        try {
            completed.get(limit.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            throw new QmpException("QEMU did not end what " + command + " began within " + limit.toMillis() + " ms");
        } catch (ExecutionException e) {
            throw new QmpException(command + " failed: "
                    + Optional.ofNullable(e.getCause())
                            .map(Throwable::getMessage)
                            .orElse(""));
        }
    }

    private static JsonObject capability(String capability, boolean enabled) {
        JsonObject object = new JsonObject();
        object.addProperty("capability", capability);
        object.addProperty("state", enabled);
        return object;
    }
}
