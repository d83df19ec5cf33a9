package dev.construir.sandbox;

import dev.construir.DataSize;
import dev.construir.channel.ChannelStream;
import dev.construir.channel.InboundChannel;
import dev.construir.channel.StreamEnd;
import dev.construir.job.Limits;
import dev.construir.run.OutputTail;
import dev.construir.text.LineSplitter;
import dev.construir.text.Reason;
import dev.construir.text.TailBuffer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An execution over a stream of the channel. Owns the stream, and a daemon thread for each listener of lines and for an
 * input that is copied.
 */
final class StreamExecution implements Execution {
    private static final Logger LOG = LoggerFactory.getLogger(StreamExecution.class);
    // A process that is killed may hang in its kernel.
    private static final Duration KILL_PATIENCE = Duration.ofSeconds(30);
    private static final int SIGKILL = 9;
    private static final int LAST_SIGNAL = 64;
    private static final int BUFFER = 32 << 10;

    private final String name;
    private final MachineSandbox sandbox;
    private final Optional<DataSize> maxOutput;
    private final AtomicLong printed = new AtomicLong();
    private final AtomicReference<@Nullable ExecutionEnd> killedFor = new AtomicReference<>();
    private final CompletableFuture<ExecutionResult> result = new CompletableFuture<>();
    private final CompletableFuture<Attached> attached = new CompletableFuture<>();
    private volatile boolean detached;

    /** What it has from the moment on in which its stream is open. */
    private record Attached(ChannelStream stream, Output out, Output err) {
        /** Keeps what nobody has asked for, so that it stops nothing. */
        void relieve() {
            out.keepUnlessClaimed();
            err.keepUnlessClaimed();
        }

        /** Keeps what nobody has asked for by the time in which there is too much of it. */
        void awaitEnd() {
            out.awaitEnd();
            err.awaitEnd();
        }
    }

    StreamExecution(MachineSandbox sandbox, Command command) {
        this.name = command.toString();
        this.sandbox = sandbox;
        this.maxOutput = command.maxOutput();
    }

    /** Takes note of output, on the session's thread, from the very first piece on. */
    void printed(int length) {
        long total = printed.addAndGet(length);
        if (maxOutput.isPresent() && total > maxOutput.get().bytes()) {
            killFor(new ExecutionEnd.TooMuchOutput(maxOutput.get()));
        }
        sandbox.printed(length);
    }

    void begin(ChannelStream stream, Command command, boolean interactive) {
        int half = (int) (command.capture().bytes() / 2);
        Output out = new Output(stream.output(), half, "stdout");
        Output err = new Output(stream.errors(), half, "stderr");
        attached.complete(new Attached(stream, out, err));
        stream.output().whenFull(() -> out.relieve(err));
        stream.errors().whenFull(() -> err.relieve(out));
        stream.output().whenWaiting(err::relieveIfFull);
        stream.errors().whenWaiting(out::relieveIfFull);
        List<CompletableFuture<Void>> listeners = new ArrayList<>();
        command.stdoutLines().ifPresent(lines -> listeners.add(passLines(out, lines, "-stdout")));
        command.stderrLines().ifPresent(lines -> listeners.add(passLines(err, lines, "-stderr")));
        CompletableFuture<Void> passed = CompletableFuture.allOf(listeners.toArray(new CompletableFuture<?>[0]));
        var unused = stream.ended().whenComplete((end, lost) -> finish(end, lost, passed));
        watchTime(stream, command.timeout());
        if (command.input().isPresent()) {
            InputStream input = command.input().get();
            sandbox.thread("-stdin", () -> copyInput(input, stream));
        } else if (!interactive) {
            stream.input().close();
        }
    }

    private void watchTime(ChannelStream stream, Duration limit) {
        if (limit.compareTo(Limits.UNLIMITED) < 0) {
            ifLate(stream, limit.toMillis() + 1, () -> killFor(new ExecutionEnd.TimedOut(limit)));
        }
    }

    /** Does something if the stream has not ended in time, on the JDK's own thread for delays. */
    private static void ifLate(ChannelStream stream, long millis, Runnable action) {
        var unused = stream.ended()
                .copy()
                .orTimeout(millis, TimeUnit.MILLISECONDS)
                .exceptionally(failure -> {
                    if (failure instanceof TimeoutException) {
                        action.run();
                    }
                    return null;
                });
    }

    private void killFor(ExecutionEnd why) {
        if (!killedFor.compareAndSet(null, why)) {
            return;
        }
        var whenAttached = attached.thenAccept(own -> {
            own.stream().signal(SIGKILL);
            own.relieve(); // what it printed must not keep the guest from reporting the end
            ifLate(own.stream(), KILL_PATIENCE.toMillis(), () -> {
                result.complete(result(why, Optional.empty()));
                own.stream().close();
            });
        });
    }

    /** Completes the result when the listeners have received everything. */
    private void finish(@Nullable StreamEnd end, @Nullable Throwable lost, CompletableFuture<Void> passed) {
        if (end == null) {
            // Why the sandbox was lost is known a moment later than that.
            var unused = sandbox.whyLost(String.valueOf(lost == null ? null : lost.getMessage()))
                    .thenAcceptBoth(
                            passed,
                            (why, done) -> result.complete(
                                    result(new ExecutionEnd.Lost(why.why(), true, why.outcome()), Optional.empty())));
            return;
        }
        ExecutionEnd why = killedFor.get();
        boolean overtaken = why instanceof ExecutionEnd.TimedOut && end.how() == StreamEnd.How.EXITED;
        ExecutionEnd how = why == null || overtaken ? reported(end) : why;
        var unused = passed.thenRun(() -> result.complete(result(how, Optional.of(end))));
    }

    private static ExecutionEnd reported(StreamEnd end) {
        return switch (end.how()) {
            case EXITED -> new ExecutionEnd.Exited(end.code());
            case KILLED -> new ExecutionEnd.Signalled(end.code());
            case FAILED -> new ExecutionEnd.NotStarted(end.code(), end.message());
        };
    }

    private ExecutionResult result(ExecutionEnd why, Optional<StreamEnd> end) {
        sandbox.ended(this);
        return new ExecutionResult(
                why,
                end.map(StreamEnd::duration).orElse(Duration.ZERO),
                end.map(StreamEnd::userTime).orElse(Duration.ZERO),
                end.map(StreamEnd::systemTime).orElse(Duration.ZERO),
                DataSize.ofBytes(end.map(StreamEnd::maxMemory).orElse(0L)),
                own().out().tail(),
                own().err().tail());
    }

    private CompletableFuture<Void> passLines(Output from, Consumer<String> lines, String suffix) {
        InputStream in = from.claim();
        CompletableFuture<Void> passed = new CompletableFuture<>();
        sandbox.thread(suffix, () -> {
            try {
                passLines(in, new LineSplitter(lines));
            } catch (RuntimeException | Error e) { // an assertion of a test, for example
                LOG.warn("a listener of the command {} failed, and receives no more", name, e);
                from.drop();
            } finally {
                passed.complete(null);
            }
        });
        return passed;
    }

    private void passLines(InputStream in, LineSplitter splitter) {
        byte[] buffer = new byte[BUFFER];
        try {
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                splitter.add(ByteBuffer.wrap(buffer, 0, read));
            }
        } catch (IOException e) {
            LOG.debug("{}: {}", name, e.toString());
        }
        splitter.end();
    }

    private void copyInput(InputStream input, ChannelStream stream) {
        // A read that waits gets to know that nobody wants it any more.
        var unused = stream.ended().whenCompleteAsync((end, lost) -> closeInput(input));
        byte[] buffer = new byte[BUFFER];
        for (int read = 0; read >= 0; ) {
            try {
                read = input.read(buffer);
            } catch (IOException | RuntimeException e) {
                inputFailed(stream, e);
                return;
            }
            try {
                stream.input().write(buffer, 0, Math.max(0, read));
            } catch (IOException e) {
                LOG.debug("the input of the command {} was not taken to its end: {}", name, e.toString());
                return;
            }
        }
        stream.input().close();
        closeInput(input);
    }

    private void inputFailed(ChannelStream stream, Exception e) {
        if (!stream.ended().isDone()) { // an end would look like that of the whole
            killFor(new ExecutionEnd.InputFailed(e instanceof IOException io ? Reason.of(io) : e.toString()));
        }
    }

    private void closeInput(InputStream input) {
        try {
            input.close();
        } catch (IOException e) {
            LOG.debug("the input of the command {} could not be closed: {}", name, e.toString());
        }
    }

    private Attached own() {
        return attached.join(); // complete before the caller has this execution
    }

    @Override
    public int id() {
        return own().stream().id();
    }

    @Override
    public CompletableFuture<Integer> process() {
        return Waiting.apart(own().stream().started());
    }

    @Override
    public OutputStream stdin() {
        return own().stream().input();
    }

    @Override
    public InputStream stdout() {
        return own().out().claim();
    }

    @Override
    public InputStream stderr() {
        return own().err().claim();
    }

    @Override
    public void signal(int number) {
        if (number < 1 || number > LAST_SIGNAL) {
            throw new IllegalArgumentException("a signal is 1 to " + LAST_SIGNAL + ", not " + number);
        }
        if (!result.isDone()) {
            own().stream().signal(number);
        }
    }

    @Override
    public void resize(int rows, int columns) {
        Command.checkSize(rows, columns);
        if (!result.isDone()) {
            own().stream().resize(rows, columns);
        }
    }

    @Override
    public CompletableFuture<ExecutionResult> result() {
        own().awaitEnd();
        return Waiting.apart(result);
    }

    @Override
    public ExecutionResult await() throws InterruptedException {
        own().relieve();
        return Waiting.on(result);
    }

    @Override
    public Optional<ExecutionResult> await(Duration limit) throws InterruptedException {
        own().relieve();
        try {
            return Optional.of(result.get(Waiting.nanos(limit), TimeUnit.NANOSECONDS));
        } catch (TimeoutException e) {
            return Optional.empty();
        } catch (ExecutionException e) {
            throw new IllegalStateException("a result that cannot fail failed", e);
        }
    }

    @Override
    public void detach() {
        if (own().out().isClaimed() || own().err().isClaimed()) {
            throw new IllegalStateException("its streams were asked for; read them, or start it anew");
        }
        detached = true;
        own().stream().input().close();
        own().relieve();
    }

    @Override
    public void close() {
        if (!detached) {
            own().stream().close();
            own().out().drop();
            own().err().drop();
        }
    }

    /** Returns the command. */
    @Override
    public String toString() {
        return name;
    }

    /** One of both streams of output: read by somebody, or kept for the result. Safe for use by many threads. */
    private static final class Output {
        private final InboundChannel channel;
        private final TailBuffer kept;
        private final String name;
        private final int half;
        // guarded by this
        private boolean claimed;
        private boolean awaited;
        private boolean keeping;

        Output(InboundChannel channel, int half, String name) {
            this.channel = channel;
            this.kept = new TailBuffer(half);
            this.half = half;
            this.name = name;
        }

        synchronized InputStream claim() {
            if (keeping) {
                throw new IllegalStateException(
                        name + " is kept for the result already; ask for it before waiting for the end or reading");
            }
            claimed = true;
            return channel;
        }

        synchronized boolean isClaimed() {
            return claimed;
        }

        synchronized void keepUnlessClaimed() {
            if (!claimed && !keeping) {
                keeping = true;
                channel.drainTo(kept::add);
            }
        }

        /** The window is used up: nobody will read this one, if the other is read. */
        void relieve(Output other) {
            if (isAwaited() || other.isClaimed()) {
                keepUnlessClaimed();
            }
        }

        private synchronized boolean isAwaited() {
            return awaited;
        }

        /** Somebody waits for the end, who may ask for the stream yet. */
        void awaitEnd() {
            synchronized (this) {
                awaited = true;
            }
            relieveIfFull();
        }

        /** The other one is read, and may wait for what comes behind this one. */
        void relieveIfFull() {
            if (channel.isFull()) {
                keepUnlessClaimed();
            }
        }

        void drop() {
            channel.close();
        }

        synchronized OutputTail tail() {
            TailBuffer.Kept bytes = (claimed || keeping ? kept : waiting()).kept();
            return OutputTail.of(bytes.head(), bytes.tail(), bytes.total());
        }

        /** Returns what has come and may be read yet. */
        private TailBuffer waiting() {
            TailBuffer copy = new TailBuffer(half);
            channel.peek(copy::add);
            return copy;
        }
    }
}
