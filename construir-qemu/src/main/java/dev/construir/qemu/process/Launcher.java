package dev.construir.qemu.process;

import java.io.IOException;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Starts processes from one thread that lives as long as any of them. Linux kills a process that asked for it when the
 * <em>thread</em> that started it ends (prctl(2), PR_SET_PDEATHSIG), so that the thread must not be a caller's.
 *
 * <p>Owns one daemon thread, started with the first process. Safe for use by many threads.
 */
public final class Launcher implements AutoCloseable {
    // guarded by this
    private @Nullable ThreadPoolExecutor thread;
    private boolean closed;

    /** Creates a launcher. */
    public Launcher() {}

    private static ThreadPoolExecutor newThread() {
        return new ThreadPoolExecutor(1, 1, 0, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), task -> {
            Thread launcher = new Thread(task, "construir-qemu-launcher");
            launcher.setDaemon(true);
            return launcher;
        });
    }

    private synchronized Future<Process> submit(Callable<Process> start) throws IOException {
        if (closed) {
            throw new IOException("the hypervisor was closed");
        }
        ThreadPoolExecutor current = thread == null ? newThread() : thread;
        thread = current;
        return current.submit(start);
    }

    /**
     * Starts a process.
     *
     * @param builder what to start
     * @return the process
     * @throws IOException if it could not be started
     * @throws InterruptedException if the thread was interrupted; no process is left then
     */
    public Process launch(ProcessBuilder builder) throws IOException, InterruptedException {
        return launch(builder::start);
    }

    // get() of a task that has ended looks at no interrupt: one that came earlier is noticed here, before anything
    // starts.
    Process launch(Callable<Process> start) throws IOException, InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
        Future<Process> started = submit(start);
        try {
            Process process = started.get(); // takes no notice of an interrupt once the task has ended
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            return process;
        } catch (ExecutionException e) {
            throw failure(e);
        } catch (InterruptedException e) {
            endUnwanted(started);
            throw e;
        }
    }

    /** Lets the thread end, and with it every process that depends on it, until the next process is started. */
    public synchronized void release() {
        if (thread != null) {
            thread.shutdown();
            thread = null;
        }
    }

    /** Lets the thread end, and with it every process that depends on it, and starts none any more. Idempotent. */
    @Override
    public synchronized void close() {
        closed = true;
        release();
    }

    // Spawning cannot be cut short and takes milliseconds, so that waiting for it is no delay worth speaking of.
    private static void endUnwanted(Future<Process> started) {
        boolean known = false;
        while (!known) {
            try {
                KillEscalation.end(started.get());
                known = true;
            } catch (ExecutionException e) {
                known = true;
            } catch (InterruptedException e) {
                known = false; // the caller is about to receive the first interrupt
            }
        }
    }

    private static IOException failure(ExecutionException e) {
        if (e.getCause() instanceof OutOfMemoryError) { // as Java calls it when a thread cannot be made
            return new IOException("the host gives Java no more memory or threads; raise ulimit -u", e.getCause());
        }
        return e.getCause() instanceof IOException io ? io : new IOException(e.getCause());
    }
}
