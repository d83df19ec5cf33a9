package dev.construir.fuzz;

import dev.construir.DataSize;
import dev.construir.disk.Attributes;
import dev.construir.disk.read.DiskReader;
import dev.construir.disk.write.DiskOptions;
import dev.construir.disk.write.JobDisk;
import dev.construir.tree.TreeWriter;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;

/** What well-behaved guests send on their sandbox channels, which a fuzzer begins with. */
final class SandboxSeeds {
    private static final Attributes PLAIN = Attributes.ofRoot(0755, Instant.EPOCH);
    private static final int STARTED = 17;
    private static final int DATA = 18;
    private static final int EOF = 19;
    private static final int WINDOW = 20;
    private static final int INCOMING = 24;
    private static final int ENDED = 25;
    private static final int ACCEPTED = 1 << 31;

    private SandboxSeeds() {}

    /** Returns trees with every type of entry, a file with holes, and one that is a file itself. */
    static List<byte[]> trees() throws IOException {
        Path directory = Files.createTempDirectory("seeds");
        try {
            Path image = directory.resolve("tree.img");
            byte[] sparse = new byte[300_000];
            sparse[0] = 1;
            sparse[299_999] = 2;
            JobDisk.create(
                    image,
                    DiskOptions.of(DataSize.ofMebibytes(1)),
                    disk -> disk.directory("d", PLAIN)
                            .file("d/text", "some text\n")
                            .file("d/sparse", PLAIN, sparse.length, new ByteArrayInputStream(sparse))
                            .hardLink("again", "d/text")
                            .symbolicLink("link", PLAIN, "d/text"));
            ByteArrayOutputStream tree = new ByteArrayOutputStream();
            try (DiskReader disk = DiskReader.open(image)) {
                TreeWriter.write(disk, tree);
            }
            return List.of(tree.toByteArray(), others(), file());
        } finally {
            Outside.remove(directory);
        }
    }

    private static byte[] others() {
        ByteBuffer tree = ByteBuffer.allocate(1000);
        entry(tree, 1, "");
        for (int type = 5; type <= 8; type++) {
            entry(tree, type, "other" + type);
        }
        return bytes(tree.put((byte) 0));
    }

    private static byte[] file() {
        ByteBuffer tree = ByteBuffer.allocate(100);
        entry(tree, 2, "");
        return bytes(tree.putLong(3).putInt(3).put(new byte[] {1, 2, 3}).put((byte) 0));
    }

    private static void entry(ByteBuffer tree, int type, String path) {
        byte[] name = path.getBytes(StandardCharsets.UTF_8);
        tree.putInt(type << 24).putInt(0644).putLong(0).putLong(1).putInt(2).putLong(3);
        tree.putInt(name.length).put(name).putInt(0);
    }

    /** Returns what comes behind the greeting; the host has opened a command, a tree and a listener, 1 to 3. */
    static List<byte[]> frames() {
        return List.of(
                bytes(command(ByteBuffer.allocate(1000))),
                bytes(connections(ByteBuffer.allocate(1000))),
                bytes(full(ByteBuffer.allocate(400_000))),
                new byte[0]);
    }

    private static ByteBuffer command(ByteBuffer to) {
        frame(to, STARTED, 0, 1, number(77));
        frame(to, DATA, 1, 1, new byte[] {'o', 'u', 't'});
        frame(to, DATA, 2, 1, new byte[] {'e', 'r', 'r'});
        frame(to, WINDOW, 0, 1, number(2));
        frame(to, EOF, 1, 1, new byte[0]);
        frame(to, DATA, 1, 2, new byte[] {1});
        frame(to, ENDED, 0, 1, new byte[40]);
        frame(to, ENDED, 0, 2, end(2, 12, "no memory"));
        return to;
    }

    private static ByteBuffer connections(ByteBuffer to) {
        frame(to, STARTED, 0, 3, number(8080));
        for (int i = 0; i < 3; i++) {
            frame(to, INCOMING, 0, 3, number(ACCEPTED + i));
            frame(to, DATA, 1, ACCEPTED + i, new byte[] {(byte) i});
        }
        frame(to, EOF, 1, ACCEPTED, new byte[0]);
        frame(to, ENDED, 0, ACCEPTED, end(1, 9, ""));
        frame(to, ENDED, 0, 3, new byte[40]);
        return to;
    }

    private static ByteBuffer full(ByteBuffer to) {
        for (int i = 0; i < 4; i++) {
            frame(to, DATA, 1, 1, new byte[65_536]);
        }
        return to;
    }

    private static byte[] end(int how, int code, String message) {
        byte[] text = message.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(40 + text.length)
                .put((byte) how)
                .put((byte) 0)
                .putShort((short) code)
                .putLong(1)
                .putLong(2)
                .putLong(3)
                .putLong(4)
                .putInt(text.length)
                .put(text)
                .array();
    }

    private static byte[] number(int number) {
        return ByteBuffer.allocate(4).putInt(number).array();
    }

    private static void frame(ByteBuffer to, int type, int channel, int stream, byte[] payload) {
        to.putInt(payload.length).put((byte) type).put((byte) channel).putShort((short) 0);
        to.putInt(stream).put(payload);
    }

    private static byte[] bytes(ByteBuffer from) {
        byte[] bytes = new byte[from.position()];
        from.get(0, bytes);
        return bytes;
    }
}
