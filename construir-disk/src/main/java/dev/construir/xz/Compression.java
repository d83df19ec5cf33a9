package dev.construir.xz;

import dev.construir.block.BlockSource;
import dev.construir.thread.Uninterrupted;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * One disk being compressed. The thread that owns this gives out blocks and writes what they are packed to, in their
 * order; the threads that it makes read and pack them. No more than two blocks for each thread are on their way: one is
 * packed, one waits to be, or to be written. Blocks that are known to be zeros are only counted, and long runs of them
 * are written as larger blocks, so that the index stays small.
 */
final class Compression implements AutoCloseable {
    private static final int BLOCKS_FOR_THREAD = 2;
    /** What a reader must unpack to read any of it. */
    private static final int LARGEST_ZEROS = 16 << 20;

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
    private final int zerosTogether;
    private final Map<Integer, PackedBlock> packedZeros = new HashMap<>();

    Compression(XzCompressor how, BlockSource disk, OutputStream plain, XzWriter out) {
        this.how = how;
        this.disk = disk;
        this.plain = plain;
        this.out = out;
        this.zeros = new byte[how.blockSize()];
        this.zerosTogether = zerosTogether(how.blockSize());
        this.threads = Executors.newFixedThreadPool(how.threads(), this::thread);
    }

    /** Returns how many blocks of zeros are written as one. */
    static int zerosTogether(int blockSize) {
        return Math.max(1, LARGEST_ZEROS / blockSize);
    }

    private Thread thread(Runnable work) {
        Thread thread = new Thread(work, "construir-xz-" + (made.size() + 1));
        thread.setDaemon(true);
        made.add(thread);
        return thread;
    }

    /**
     * A block on its way, of which only so many bytes were read, as zeros follow; and how many blocks of zeros come
     * before it.
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Pending(long zerosBefore, byte[] content, int data, Future<PackedBlock> packed) {}

    static long memory(long encoder, long blockSize, long threads) {
        long onTheirWay = BLOCKS_FOR_THREAD * 2; // as they were, and packed
        long growing = 3; // what a block is packed into has up to twice the room when it has to grow, and the old
        long last = 1;
        return threads * (encoder + (onTheirWay + growing + last) * blockSize) + blockSize;
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

    private Pending begin(long zerosBefore, long at, int length) throws IOException {
        byte[] content = spare.isEmpty() ? new byte[how.blockSize()] : spare.pop();
        int data = disk.dataLength(at, length);
        return new Pending(zerosBefore, content, data, threads.submit(() -> {
            disk.read(at, content, 0, data);
            return pack(content, data, length);
        }));
    }

    private PackedBlock pack(byte[] content, int data, int length) throws IOException, InterruptedException {
        BlockEncoder encoder = encoder();
        PackedBlock packed = encoder.encode(content, data, length);
        idle.add(encoder);
        return packed;
    }

    private PackedBlock packZeros(int length) throws IOException, InterruptedException {
        BlockEncoder encoder = encoder();
        PackedBlock packed = encoder.encodeZeros(length);
        idle.add(encoder);
        return packed;
    }

    private BlockEncoder encoder() {
        BlockEncoder waiting = idle.poll();
        return waiting == null ? new BlockEncoder(how.preset(), how.blockSize()) : waiting;
    }

    private void writeFirst() throws IOException, InterruptedException {
        Pending first = pending.remove();
        writeZeros(first.zerosBefore);
        PackedBlock packed = await(first.packed);
        out.write(packed);
        plain.write(first.content, 0, first.data);
        plain.write(zeros, 0, (int) packed.size() - first.data);
        spare.push(first.content);
    }

    private void writeZeros(long count) throws IOException, InterruptedException {
        long left = count;
        while (left > 0) {
            checkInterrupt();
            int together = left >= zerosTogether ? zerosTogether : 1;
            PackedBlock known = packedZeros.get(together);
            if (known == null) {
                known = await(threads.submit(() -> packZeros(together * how.blockSize())));
                packedZeros.put(together, known);
            }
            out.write(known);
            for (int i = 0; i < together; i++) {
                plain.write(zeros, 0, zeros.length);
            }
            left -= together;
        }
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
