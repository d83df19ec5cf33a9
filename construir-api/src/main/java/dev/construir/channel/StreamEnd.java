package dev.construir.channel;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * How a stream ended, as the guest reports it.
 *
 * @param how what the code means
 * @param code an exit status, a signal's number, or an error's
 * @param userTime the processor time in user mode
 * @param systemTime the processor time in the kernel
 * @param maxMemory the largest resident memory, in bytes
 * @param duration the time from the start to the end, on the guest's clock
 * @param message what failed; empty otherwise. The guest chooses it
 */
public record StreamEnd(
        How how, int code, Duration userTime, Duration systemTime, long maxMemory, Duration duration, String message) {
    private static final int FIXED = 4 + 4 * 8 + 4;
    private static final int LONGEST_MESSAGE = 1024;

    /** What the code of an end means. */
    public enum How {
        /** The exit status, 0 to 255. */
        EXITED,
        /** The signal, 1 to 64. */
        KILLED,
        /** Linux's error number, 0 to 65535: it was not carried out. */
        FAILED
    }

    static StreamEnd decode(ByteBuffer payload) throws ProtocolException {
        if (payload.remaining() < FIXED) {
            throw new ProtocolException(
                    "an end of " + payload.remaining() + " bytes, where " + FIXED + " are the least");
        }
        int how = payload.get();
        boolean reserved = payload.get() != 0;
        int code = Short.toUnsignedInt(payload.getShort());
        if (reserved || how < 0 || how >= How.values().length || !isPossible(How.values()[how], code)) {
            throw new ProtocolException("an end of kind " + how + " with code " + code);
        }
        Duration user = micros(payload.getLong());
        Duration system = micros(payload.getLong());
        long memory = Math.max(0, payload.getLong());
        Duration duration = micros(payload.getLong());
        int length = payload.getInt();
        if (length != payload.remaining() || length > LONGEST_MESSAGE) {
            throw new ProtocolException("an end whose message has " + payload.remaining() + " bytes and not " + length);
        }
        String message = StandardCharsets.UTF_8.decode(payload).toString();
        return new StreamEnd(How.values()[how], code, user, system, memory, duration, message);
    }

    private static boolean isPossible(How how, int code) {
        return switch (how) {
            case EXITED -> code <= 255;
            case KILLED -> code >= 1 && code <= 64;
            case FAILED -> true;
        };
    }

    // A guest may say anything; what is beyond a century is nothing.
    private static Duration micros(long number) {
        boolean plausible = number >= 0 && number < TimeUnit.DAYS.toMicros(36_500);
        return plausible ? Duration.ofNanos(TimeUnit.MICROSECONDS.toNanos(number)) : Duration.ZERO;
    }
}
