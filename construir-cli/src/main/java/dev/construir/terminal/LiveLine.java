package dev.construir.terminal;

import java.time.Instant;

/** What is shown on the live status line. Safe for use by many threads. */
public interface LiveLine {
    /** Writes the line anew, as it is at a time. Returns whether it is still of use. */
    boolean refresh(Instant now);

    /** Takes the line away for good. */
    void end();
}
