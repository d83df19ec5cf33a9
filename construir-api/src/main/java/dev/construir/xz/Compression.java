package dev.construir.xz;

import dev.construir.block.BlockSource;
import dev.construir.thread.Uninterrupted;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * One disk being compressed. The thread that owns this gives out blocks and writes what they are packed to, in their order; the threads that it makes
 * read and pack them. No more than two blocks for each thread are on their way: one is packed, one waits to be, or to be written. Blocks that
 * are known to be zeros are only counted.
 */
final class Compression implements AutoCloseable {
    private static final int BLOCKS_FOR_THREAD = 2;

    private final XzCompressor how;
    private final BlockSource disk;
    private final OutputStream plain;
    private final XzWriter out;
    private final List<Thread> made = new ArrayList<>();
    private final ExecutorService threads;
    private final Queue<BlockEncoder> idle = new ConcurrentLinkedQueue<>();
    private final Deque<Pending> pending = new ArrayDeque<>();
    private final Deque<byte[]> spare = new ArrayDeque<>();
    private final byte[] zeros;
    private @Nullable PackedBlock packedZeros;

    Compression(XzCompressor how, BlockSource disk, OutputStream plain, XzWriter out) {
        this.how = how;
        this.disk = disk;
        this.plain = plain;
        this.out = out;
        this.zeros = new byte[how.blockSize()];
        this.threads = Executors.newFixedThreadPool(how.threads(), this::thread);
    }

    private Thread thread(Runnable work) {
        Thread thread = new Thread(work, "construir-xz-" + (made.size() + 1));
        thread.setDaemon(true);
        made.add(thread);
        return thread;
    }

    /** A block on its way, and how many blocks of zeros come before it. */
    @SuppressWarnings("ArrayRecordComponent") // compared by nobody
    private record Pending(long zerosBefore, byte[] content, Future<PackedBlock> packed) {}

    static long memory(long encoder, long blockSize, long threads) {
        long onTheirWay = BLOCKS_FOR_THREAD * 2; // as they were, and packed
        long growing = 3; // what a block is packed into has up to twice the room when it has to grow, and the old
        return threads * (encoder + (onTheirWay + growing) * blockSize) + blockSize;
    }

    void run() throws IOException, InterruptedException {
        long zerosBefore = 0;
        for (long at = 0; at < disk.size(); at += how.blockSize()) {
            checkInterrupt();
            int length = (int) Math.min(how.blockSize(), disk.size() - at);
            if (length == how.blockSize() && disk.isZero(at, length)) {
                zerosBefore++;
            } else {
                if (pending.size() == BLOCKS_FOR_THREAD * how.threads()) {
                    writeFirst();
                }
                pending.add(begin(zerosBefore, at, length));
                zerosBefore = 0;
            }
        }
        while (!pending.isEmpty()) {
            writeFirst();
        }
        writeZeros(zerosBefore);
    }

    private Pending begin(long zerosBefore, long at, int length) {
        byte[] content = spare.isEmpty() ? new byte[how.blockSize()] : spare.pop();
        return new Pending(zerosBefore, content, threads.submit(() -> {
            disk.read(at, content, 0, length);
            return pack(content, length);
        }));
    }

    private PackedBlock pack(byte[] content, int length) throws IOException, InterruptedException {
        BlockEncoder waiting = idle.poll();
        BlockEncoder encoder = waiting == null ? new BlockEncoder(how.preset(), how.blockSize()) : waiting;
        PackedBlock packed = encoder.encode(content, length);
        idle.add(encoder);
        return packed;
    }

    private void writeFirst() throws IOException, InterruptedException {
        Pending first = pending.remove();
        writeZeros(first.zerosBefore);
        PackedBlock packed = await(first.packed);
        write(first.content, packed);
        spare.push(first.content);
    }

    private void writeZeros(long count) throws IOException, InterruptedException {
        for (long i = 0; i < count; i++) {
            checkInterrupt();
            PackedBlock known = packedZeros == null ? await(threads.submit(packZeros())) : packedZeros;
            packedZeros = known;
            write(zeros, known);
        }
    }

    private Callable<PackedBlock> packZeros() {
        return () -> pack(zeros, zeros.length);
    }

    private void write(byte[] content, PackedBlock packed) throws IOException {
        out.write(packed);
        plain.write(content, 0, (int) packed.size());
    }

    private static PackedBlock await(Future<PackedBlock> packed) throws IOException, InterruptedException {
        try {
            return packed.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException failed) {
                throw failed;
            } else if (e.getCause() instanceof Error failed) {
                throw failed;
            }
            throw new IllegalStateException("a block could not be packed", e.getCause());
        }
    }

    private static void checkInterrupt() throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException("interrupted while compressing a disk");
        }
    }

    /** Waits for the threads, which look up from their work soon: the disk must not be closed under them. */
    @Override
    public void close() {
        threads.shutdownNow();
        made.forEach(thread -> Uninterrupted.run(thread::join));
    }
}
