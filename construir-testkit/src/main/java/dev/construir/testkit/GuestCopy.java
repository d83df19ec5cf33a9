package dev.construir.testkit;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** A tree on its way to or from the guest's files. */
final class GuestCopy implements GuestTask {
    private static final int CANCELLED = 125; // ECANCELED

    private final GuestAgent agent;
    private final GuestStream stream;
    private final boolean unpacks;
    private final String path;
    private volatile @Nullable Thread thread;

    GuestCopy(GuestAgent agent, GuestStream stream, boolean unpacks, String path) {
        this.agent = agent;
        this.stream = stream;
        this.unpacks = unpacks;
        this.path = path;
    }

    @Override
    public GuestStream stream() {
        return stream;
    }

    @Override
    public void begin() {
        thread = agent.thread(unpacks ? "unpack" : "pack", this::run);
    }

    private void run() {
        try {
            stream.started(0);
            stream.end(GuestStream.EXITED, copy(), "");
        } catch (IOException e) {
            // the machine has ended
        } finally {
            agent.ended(this);
        }
    }

    private int copy() throws IOException {
        try {
            if (unpacks) {
                FakeTree.unpack(stream.input(), agent.files(), path);
            } else {
                FakeTree.pack(agent.files(), path, stream.output(1));
            }
            return 0;
        } catch (IOException | RuntimeException e) { // such as a number that no tree has
            stream.output(2).write((e.getMessage() + "\n").getBytes(StandardCharsets.UTF_8));
            return 1;
        }
    }

    @Override
    public void stop() {
        Thread running = thread;
        if (running != null) {
            running.interrupt();
        }
    }

    @Override
    public void reset() throws IOException {
        stream.end(GuestStream.FAILED, CANCELLED, "the host has reset the stream");
        stop();
    }
}
