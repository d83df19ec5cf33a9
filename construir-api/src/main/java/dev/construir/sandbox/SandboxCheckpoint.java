package dev.construir.sandbox;

import dev.construir.ConstruirException;
import java.nio.file.Path;
import java.util.Optional;

/** A checkpoint in a directory, which it lets go of when it is closed and no sandbox is being opened. Holds the runner. */
final class SandboxCheckpoint implements Checkpoint {
    private final RunnerHold hold;
    private final SandboxOptions options;
    private final Path directory;
    private final Runnable release;
    // guarded by this
    private int opening;
    private boolean closed;

    SandboxCheckpoint(RunnerHold hold, SandboxOptions options, Path directory, Runnable release) {
        this.hold = hold;
        this.options = options;
        this.directory = directory;
        this.release = release;
    }

    @Override
    public Sandbox open() throws ConstruirException, InterruptedException {
        return open(options);
    }

    @Override
    public Sandbox open(SandboxOptions others) throws ConstruirException, InterruptedException {
        enter();
        RunnerHold own = hold.share();
        boolean opened = false;
        try {
            Sandbox sandbox = MachineSandbox.open(own, others, Optional.of(directory));
            opened = true;
            return sandbox;
        } finally {
            if (!opened) {
                own.close();
            }
            leave();
        }
    }

    private synchronized void enter() {
        if (closed) {
            throw new IllegalStateException("this checkpoint is closed; make another one");
        }
        opening++;
    }

    private void leave() {
        boolean last;
        synchronized (this) {
            opening--;
            last = closed && opening == 0;
        }
        if (last) {
            release();
        }
    }

    @Override
    public void close() {
        boolean idle;
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
            idle = opening == 0;
        }
        if (idle) {
            release();
        }
    }

    private void release() {
        release.run();
        hold.close();
    }

    /** Returns where it is. */
    @Override
    public String toString() {
        return "checkpoint in " + directory;
    }
}
