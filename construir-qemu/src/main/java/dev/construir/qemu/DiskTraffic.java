package dev.construir.qemu;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import org.jspecify.annotations.Nullable;

/**
 * What a guest has read from and written to its disks, in bytes.
 *
 * @param read bytes read, not negative
 * @param written bytes written, not negative
 */
record DiskTraffic(long read, long written) {
    static final DiskTraffic NONE = new DiskTraffic(0, 0);

    /** Adds up what an answer to {@code query-blockstats} holds; a number that is missing or none counts nothing. */
    static DiskTraffic of(JsonElement answer) {
        long read = 0;
        long written = 0;
        if (answer instanceof JsonArray devices) {
            for (JsonElement device : devices) {
                if (device instanceof JsonObject object && object.get("stats") instanceof JsonObject stats) {
                    read = sum(read, bytes(stats.get("rd_bytes")));
                    written = sum(written, bytes(stats.get("wr_bytes")));
                }
            }
        }
        return new DiskTraffic(read, written);
    }

    /** Returns the larger of both, each by itself: traffic only grows. */
    DiskTraffic max(DiskTraffic other) {
        return new DiskTraffic(Math.max(read, other.read), Math.max(written, other.written));
    }

    private static long sum(long a, long b) {
        return a > Long.MAX_VALUE - b ? Long.MAX_VALUE : a + b;
    }

    private static long bytes(@Nullable JsonElement value) {
        try {
            return value instanceof JsonPrimitive number && number.isNumber() ? Math.max(0, number.getAsLong()) : 0;
        } catch (NumberFormatException e) {
            return 0; // read lazily, and not one after all
        }
    }
}
