package dev.construir.testkit;

import dev.construir.testkit.FakeFiles.Kind;
import dev.construir.testkit.FakeFiles.Node;
import dev.construir.testkit.FakeFiles.Properties;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.IdentityHashMap;

/** The guest's side of trees ({@code docs/reference/sandbox-channel.md}): from and to files in memory. */
final class FakeTree {
    private static final int END = 0;
    private static final int DIRECTORY = 1;
    private static final int FILE = 2;
    private static final int SYMBOLIC_LINK = 3;
    private static final int HARD_LINK = 4;
    private static final int HOLE = 1 << 31;
    private static final int HOLE_UNIT = 4096;
    private static final int PIECE = 64 << 10;

    private FakeTree() {}

    /** Makes files of a tree; devices, pipes and sockets are left out. */
    static void unpack(InputStream tree, FakeFiles files, String directory) throws IOException {
        DataInputStream in = new DataInputStream(tree);
        String above = directory.replaceFirst("/+$", "");
        boolean begun = false;
        for (int type = in.readUnsignedByte(); type != END; type = in.readUnsignedByte()) {
            in.skipNBytes(3);
            int mode = in.readInt();
            int uid = in.readInt();
            int gid = in.readInt();
            Instant modified = Instant.ofEpochSecond(in.readLong(), in.readInt());
            in.skipNBytes(8); // device numbers
            String name = string(in);
            if (!begun && (type == DIRECTORY || !name.isEmpty())) {
                files.makeDirectories(directory);
                above = files.real(directory);
            }
            begun = true;
            String path = name.isEmpty() ? above : above + "/" + name;
            String target = string(in);
            Properties properties = new Properties(mode, uid, gid, modified);
            switch (type) {
                case DIRECTORY -> files.place(path, new Node(Kind.DIRECTORY, properties, ""), new byte[0]);
                case FILE -> files.place(path, new Node(Kind.FILE, properties, ""), content(in));
                case SYMBOLIC_LINK -> files.place(path, new Node(Kind.LINK, properties, target), new byte[0]);
                case HARD_LINK -> files.link(path, above + "/" + target);
                default -> {}
            }
        }
        if (!begun) {
            files.makeDirectories(directory);
        }
    }

    private static String string(DataInputStream in) throws IOException {
        return new String(in.readNBytes(in.readInt()), StandardCharsets.UTF_8);
    }

    private static byte[] content(DataInputStream in) throws IOException {
        byte[] content = new byte[Math.toIntExact(in.readLong())];
        for (int done = 0; done < content.length; ) {
            int header = in.readInt();
            if (header < 0) {
                long hole = (header & ~HOLE) * (long) HOLE_UNIT;
                done += (int) Math.min(hole, content.length - done);
            } else {
                in.readFully(content, done, header);
                done += header;
            }
        }
        return content;
    }

    /** Sends what is at and below a path. */
    static void pack(FakeFiles files, String path, OutputStream tree) throws IOException {
        DataOutputStream out = new DataOutputStream(new BufferedOutputStream(tree, PIECE));
        String root = files.real(path);
        IdentityHashMap<Node, String> sent = new IdentityHashMap<>();
        entry(files, root, "", sent, out);
        for (String below : files.below(root)) {
            entry(files, below, below.substring(root.length() + 1), sent, out);
        }
        out.writeByte(END);
        out.flush();
    }

    @SuppressWarnings("JavaInstantGetSecondsGetNano") // the format has both
    private static void entry(
            FakeFiles files, String at, String name, IdentityHashMap<Node, String> sent, DataOutputStream out)
            throws IOException {
        Node node = files.node(at).orElse(null);
        if (node == null) {
            return; // removed meanwhile
        }
        String first = node.kind() == Kind.FILE ? sent.putIfAbsent(node, name) : null;
        int type = first != null
                ? HARD_LINK
                : switch (node.kind()) {
                    case DIRECTORY -> DIRECTORY;
                    case FILE -> FILE;
                    case LINK -> SYMBOLIC_LINK;
                };
        Properties properties = files.properties(node);
        out.writeInt(type << 24);
        out.writeInt(properties.mode());
        out.writeInt(properties.uid());
        out.writeInt(properties.gid());
        out.writeLong(properties.modified().getEpochSecond());
        out.writeInt(properties.modified().getNano());
        out.writeLong(0);
        string(name, out);
        string(first != null ? first : node.target(), out);
        if (type == FILE) {
            content(files.content(node), out);
        }
    }

    private static void string(String text, DataOutputStream out) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        out.writeInt(bytes.length);
        out.write(bytes);
    }

    private static void content(byte[] content, DataOutputStream out) throws IOException {
        out.writeLong(content.length);
        byte[] zeros = new byte[PIECE];
        for (int done = 0; done < content.length; ) {
            int piece = Math.min(PIECE, content.length - done);
            if (Arrays.equals(content, done, done + piece, zeros, 0, piece)) {
                out.writeInt(HOLE | (piece + HOLE_UNIT - 1) / HOLE_UNIT);
            } else {
                out.writeInt(piece);
                out.write(content, done, piece);
            }
            done += piece;
        }
    }
}
