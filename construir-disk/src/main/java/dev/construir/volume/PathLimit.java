package dev.construir.volume;

import dev.construir.disk.LimitException;
import dev.construir.disk.ReadLimits;
import java.nio.charset.StandardCharsets;

/** Refuses paths that are longer than a reader may take. */
public final class PathLimit {
    private static final int MOST_BYTES_OF_A_CHAR = 3;
    private static final int SHOWN = 100;

    private PathLimit() {}

    /** Throws if a path is too long. */
    public static void check(String path, ReadLimits limits) throws LimitException {
        int longest = limits.pathLength();
        boolean surelyShort = path.length() <= longest / MOST_BYTES_OF_A_CHAR;
        int slash = path.startsWith("/") ? 1 : 0;
        if (!surelyShort && path.getBytes(StandardCharsets.UTF_8).length - slash > longest) {
            throw new LimitException("a path has more than " + longest + " bytes, the limit: "
                    + path.substring(0, Math.min(path.length(), SHOWN)) + "...");
        }
    }
}
