package dev.construir.testkit;

import dev.construir.machine.MachineExit;
import dev.construir.testkit.GuestPort.Received;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The agent in a {@link FakeSandboxGuest}: carries out what the host asks for on its channel. It runs on the machine's
 * thread, and owns a thread for each program and tree and two for each connection, which end with it.
 */
final class GuestAgent implements AutoCloseable {
    private static final int MAGIC = 0x434e5342; // CNSB
    private static final int NONCE = 16;
    private static final int EXEC = 1;
    private static final int UNPACK = 2;
    private static final int PACK = 3;
    private static final int CONNECT = 4;
    private static final int LISTEN = 5;

    private final FakeMachine machine;
    private final GuestPort port;
    private final GuestPrograms programs;
    private final FakeFiles files;
    private final Map<Integer, GuestTask> tasks = new ConcurrentHashMap<>();
    private final Map<Integer, ByteArrayOutputStream> requests = new HashMap<>(); // for the machine's thread
    private final Set<Thread> threads = ConcurrentHashMap.newKeySet();
    private final AtomicInteger lastAccepted = new AtomicInteger(Integer.MAX_VALUE);
    private final AtomicInteger lastProcess = new AtomicInteger(100);
    private volatile boolean closed;

    GuestAgent(FakeMachine machine, GuestPrograms programs, FakeFiles files) {
        this.machine = machine;
        this.port = new GuestPort(machine.fromHost(), machine.toHost());
        this.programs = programs;
        this.files = files;
    }

    /** Serves the host until it asks for the end; one that goes leaves the machine as it is. */
    MachineExit serve() throws IOException, InterruptedException {
        try {
            while (true) {
                Received frame = port.receive();
                if (frame.type() == GuestPort.END) {
                    close();
                    machine.exited(0);
                    machine.console("construir: ended " + machine.serial() + "\n");
                    return new MachineExit.PoweredOff();
                }
                handle(frame);
            }
        } catch (EOFException e) {
            return machine.hang();
        }
    }

    private void handle(Received frame) throws IOException, InterruptedException {
        switch (frame.type()) {
            case GuestPort.HELLO -> greet(frame.payload());
            case GuestPort.PING -> port.send(GuestPort.PONG, 0, 0, frame.payload());
            case GuestPort.QUIESCE -> port.send(GuestPort.QUIET, 0, 0, ByteBuffer.allocate(0));
            case GuestPort.RESUME -> port.resume();
            case GuestPort.OPEN -> open(frame);
            default -> {
                GuestTask task = tasks.get(frame.stream());
                if (task != null) { // else the frame has crossed the stream's end
                    handle(task, frame);
                }
            }
        }
    }

    private static void handle(GuestTask task, Received frame) throws IOException, InterruptedException {
        switch (frame.type()) {
            case GuestPort.DATA -> task.stream().receive(frame.bytes());
            case GuestPort.EOF -> task.stream().endInput();
            case GuestPort.WINDOW ->
                task.stream().grant(frame.channel(), frame.payload().getInt());
            case GuestPort.SIGNAL -> task.signal(frame.payload().get());
            case GuestPort.RESET -> task.reset();
            case GuestPort.RESIZE -> {}
            default -> throw new IOException("the host sent a frame of type " + frame.type());
        }
    }

    private void greet(ByteBuffer hello) throws IOException {
        tasks.values().forEach(GuestTask::forget);
        tasks.clear();
        if (hello.getInt() != MAGIC) {
            throw new IOException("the host's greeting is none");
        }
        boolean understood = hello.getShort() <= 1 && hello.getShort() >= 1;
        byte[] nonce = new byte[NONCE];
        hello.get(nonce);
        port.send(
                GuestPort.HELLO,
                0,
                0,
                ByteBuffer.allocate(8 + NONCE)
                        .putInt(MAGIC)
                        .putShort((short) (understood ? 1 : 0))
                        .putShort((short) (understood ? 0 : 1))
                        .put(nonce)
                        .flip());
    }

    private void open(Received frame) throws IOException {
        ByteArrayOutputStream pieces = requests.computeIfAbsent(frame.stream(), id -> new ByteArrayOutputStream());
        pieces.writeBytes(frame.bytes());
        if (frame.channel() == 0) {
            requests.remove(frame.stream());
            ByteBuffer request = ByteBuffer.wrap(pieces.toByteArray());
            GuestStream stream = new GuestStream(frame.stream(), port);
            int kind = request.get();
            switch (kind) {
                case EXEC -> begin(new GuestExecution(this, stream, GuestExecution.Start.of(request)));
                case UNPACK, PACK -> begin(new GuestCopy(this, stream, kind == UNPACK, string(request)));
                case CONNECT -> begin(GuestConnection.to(this, stream, Short.toUnsignedInt(request.getShort())));
                case LISTEN -> begin(new GuestListener(this, stream, Short.toUnsignedInt(request.getShort())));
                default -> throw new IOException("the host opened a stream of kind " + kind);
            }
        }
    }

    static String string(ByteBuffer from) {
        byte[] bytes = new byte[from.getInt()];
        from.get(bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    static List<String> strings(ByteBuffer from) {
        int count = from.getInt();
        List<String> strings = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            strings.add(string(from));
        }
        return strings;
    }

    private void begin(GuestTask task) {
        tasks.put(task.stream().id(), task);
        task.begin();
    }

    /** Announces a connection that a listener has accepted. */
    void accepted(GuestStream listener, Socket socket) throws IOException {
        GuestStream stream = new GuestStream(lastAccepted.incrementAndGet(), port);
        GuestConnection connection = GuestConnection.of(this, stream, socket);
        tasks.put(stream.id(), connection);
        try {
            listener.incoming(stream.id());
        } catch (IOException e) {
            tasks.remove(stream.id());
            connection.stop();
            throw e;
        }
        connection.begin();
    }

    /** The task has ended, and frames for it have crossed its end. */
    void ended(GuestTask task) {
        tasks.remove(task.stream().id(), task);
    }

    /** Runs something on a thread that ends with the agent. */
    Thread thread(String what, Runnable work) {
        Thread thread = new Thread(
                () -> {
                    try {
                        work.run();
                    } finally {
                        threads.remove(Thread.currentThread());
                    }
                },
                "fake-" + machine.spec().name() + "-" + what);
        thread.setDaemon(true);
        threads.add(thread);
        thread.start();
        if (closed) {
            thread.interrupt();
        }
        return thread;
    }

    int nextProcess() {
        return lastProcess.incrementAndGet();
    }

    Optional<FakeProgram> program(String name) {
        return programs.find(name);
    }

    FakeFiles files() {
        return files;
    }

    /** Ends all that runs. */
    @Override
    public void close() {
        closed = true;
        tasks.values().forEach(task -> {
            task.stream().sever();
            task.stop();
        });
        threads.forEach(Thread::interrupt);
    }
}
