package dev.construir.bench;

import java.util.Locale;

/** What is measured of sandboxes. */
enum SandboxWork {
    OPEN("open a sandbox that was kept ready, until echo's output", "QEMU, a script and a shell, resumed", 1.2),
    EXEC("exec /bin/true", "a shell's fork and exec", 1),
    PING("ping", "a shell's echo", 2),
    OUT("%s out, by dd", "dd, by a pipe, cat to the port", 1.2),
    OUT_STRAIGHT("the same", "dd to the port, without a pipe", 1.2),
    IN("%s in, by dd", "dd from the port, by a pipe, dd", 1.2),
    IN_STRAIGHT("the same", "dd from the port, without a pipe", 1.2),
    COPY_IN("copy a tree of %,d files in", "tar through the port", 1.2),
    COPY_OUT("copy %,d files out", "tar through the port", 1.2),
    FORK("open a fork of a checkpoint, and exec /bin/true", "open a sandbox from a memory snapshot", 1.5);

    private final String work;
    private final String reference;
    private final double most;

    SandboxWork(String work, String reference, double most) {
        this.work = work;
        this.reference = reference;
        this.most = most;
    }

    /** Returns what is done, with how much of it. */
    String work(Object... amount) {
        return String.format(Locale.ROOT, work, amount);
    }

    /** Returns what it is compared with. */
    String reference() {
        return reference;
    }

    /** Returns which ratio to that is to be reached. */
    double most() {
        return most;
    }

    /** Returns its name on the command line. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
