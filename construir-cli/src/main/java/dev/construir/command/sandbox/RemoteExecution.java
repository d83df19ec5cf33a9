package dev.construir.command.sandbox;

import dev.construir.DataSize;
import dev.construir.command.sandbox.KeeperConnection.Kind;
import dev.construir.command.sandbox.KeeperConnection.Message;
import dev.construir.run.OutputTail;
import dev.construir.sandbox.Execution;
import dev.construir.sandbox.ExecutionEnd;
import dev.construir.sandbox.ExecutionResult;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A command in a sandbox that another process keeps. Owns the connection, and a daemon thread that reads from it. */
final class RemoteExecution implements Execution {
    private static final Logger LOG = LoggerFactory.getLogger(RemoteExecution.class);
    private static final int BUFFER = 256 << 10;

    private final KeeperConnection connection;
    private final boolean input;
    private final OutputPipe stdout = new OutputPipe(BUFFER);
    private final OutputPipe stderr = new OutputPipe(BUFFER);
    private final InputWindow window = new InputWindow();
    private final CompletableFuture<ExecutionResult> result = new CompletableFuture<>();

    private RemoteExecution(KeeperConnection connection, boolean input) {
        this.connection = connection;
        this.input = input;
    }

    /**
     * Sends the request of a command.
     *
     * @throws ClosedByInterruptException if the thread was interrupted. All else that goes wrong is the command's end
     */
    static RemoteExecution start(KeeperConnection connection, KeeperRequest request) throws ClosedByInterruptException {
        RemoteExecution execution = new RemoteExecution(connection, request.input());
        try {
            connection.send(Kind.REQUEST, request.encode());
        } catch (ClosedByInterruptException e) {
            throw e;
        } catch (IOException e) {
            LOG.debug("the keeper takes no request: {}", e.toString()); // it may have said why
        }
        Thread thread = new Thread(execution::receive, "construir-keeper-output");
        thread.setDaemon(true);
        thread.start();
        return execution;
    }

    private void receive() {
        ExecutionEnd end = new ExecutionEnd.Lost("the keeper of the sandbox is gone", true, Optional.empty());
        try {
            for (Message message = connection.receive(); ; message = connection.receive()) {
                if (message.kind() == Kind.END) {
                    end = KeeperEnd.decode(message.bytes()).toExecutionEnd();
                    break;
                }
                if (message.kind() == Kind.INPUT_TAKEN) {
                    window.taken();
                    continue;
                } else if (message.kind() == Kind.INPUT_REFUSED) {
                    window.close();
                    continue;
                }
                (message.kind() == Kind.ERRORS ? stderr : stdout).put(message.bytes());
            }
        } catch (IOException | RuntimeException e) {
            LOG.debug("the keeper says no more: {}", e.toString());
        }
        stdout.end();
        stderr.end();
        window.close();
        OutputTail none = OutputTail.of(new byte[0], new byte[0], 0);
        result.complete(
                new ExecutionResult(end, Duration.ZERO, Duration.ZERO, Duration.ZERO, DataSize.ofBytes(0), none, none));
    }

    private void send(Kind kind, byte[] bytes, int length) {
        try {
            connection.send(kind, bytes, length);
        } catch (IOException e) {
            LOG.debug("the keeper takes no more: {}", e.toString());
        }
    }

    @Override
    public int id() {
        return 1;
    }

    @Override
    public CompletableFuture<Integer> process() {
        return CompletableFuture.failedFuture(new IOException("the keeper does not say"));
    }

    @Override
    public OutputStream stdin() {
        return new OutputStream() {
            @Override
            public void write(byte[] bytes, int offset, int length) throws IOException {
                if (!input) {
                    throw new IOException("the command has no input");
                }
                for (int done = 0; done < length; done += InputWindow.LARGEST) {
                    int from = offset + done;
                    int size = Math.min(InputWindow.LARGEST, length - done);
                    window.await();
                    connection.send(Kind.INPUT, Arrays.copyOfRange(bytes, from, from + size), size);
                }
            }

            @Override
            public void write(int b) throws IOException {
                write(new byte[] {(byte) b}, 0, 1);
            }

            @Override
            public void close() throws IOException {
                if (input) { // else the keeper has ended it, and may have gone by now
                    connection.send(Kind.INPUT_END);
                }
            }
        };
    }

    @Override
    public InputStream stdout() {
        return stdout;
    }

    @Override
    public InputStream stderr() {
        return stderr;
    }

    @Override
    public void signal(int number) {
        send(Kind.SIGNAL, new byte[] {(byte) number}, 1);
    }

    @Override
    public void resize(int rows, int columns) {
        byte[] size = ByteBuffer.allocate(8).putInt(rows).putInt(columns).array();
        send(Kind.RESIZE, size, size.length);
    }

    @Override
    public CompletableFuture<ExecutionResult> result() {
        return result.copy();
    }

    @Override
    public ExecutionResult await() throws InterruptedException {
        try {
            return result.get();
        } catch (ExecutionException e) {
            throw new IllegalStateException("a result that cannot fail failed", e);
        }
    }

    @Override
    public Optional<ExecutionResult> await(Duration limit) throws InterruptedException {
        try {
            return Optional.of(result.get(limit.toNanos(), TimeUnit.NANOSECONDS));
        } catch (TimeoutException e) {
            return Optional.empty();
        } catch (ExecutionException e) {
            throw new IllegalStateException("a result that cannot fail failed", e);
        }
    }

    @Override
    public void detach() {
        throw new UnsupportedOperationException("a command that is passed on ends with its connection");
    }

    @Override
    public void close() {
        try {
            connection.close();
        } catch (IOException e) {
            LOG.debug("the connection to the keeper: {}", e.toString());
        }
        stdout.close();
        stderr.close();
    }

    /** Returns what it is. */
    @Override
    public String toString() {
        return "command in a sandbox of another process";
    }
}
