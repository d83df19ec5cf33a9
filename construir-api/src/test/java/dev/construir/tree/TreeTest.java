package dev.construir.tree;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.construir.DataSize;
import dev.construir.disk.Attributes;
import dev.construir.disk.DiskEntry;
import dev.construir.disk.LimitException;
import dev.construir.disk.ReadLimits;
import dev.construir.disk.read.DiskReader;
import dev.construir.disk.write.DiskContent;
import dev.construir.disk.write.DiskOptions;
import dev.construir.disk.write.JobDisk;
import dev.construir.host.HostName;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

@Timeout(60)
class TreeTest {
    private static final DiskOptions SIZE = DiskOptions.of(DataSize.ofMebibytes(16));
    private static final ReadLimits LIMITS = new ReadLimits(DataSize.ofMebibytes(8), 100, 10, 1000);
    private static final Instant TIME = Instant.ofEpochSecond(1_700_000_000L);
    private static final int HOLE = 1 << 31;

    @TempDir
    Path directory;

    /** A tree, field by field. */
    private static final class Tree {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        private final DataOutputStream out = new DataOutputStream(bytes);

        Tree entry(int type, String path, String target) throws IOException {
            return entry(type, path.getBytes(StandardCharsets.UTF_8), target);
        }

        Tree entry(int type, byte[] path, String target) throws IOException {
            return entry(type, path, target.getBytes(StandardCharsets.UTF_8));
        }

        Tree entry(int type, byte[] path, byte[] other) throws IOException {
            out.writeInt(type << 24);
            out.writeInt(0755);
            out.writeInt(-1);
            out.writeInt(5);
            out.writeLong(Long.MAX_VALUE);
            out.writeInt(-1);
            out.writeLong(-1);
            out.writeInt(path.length);
            out.write(path);
            out.writeInt(other.length);
            out.write(other);
            return this;
        }

        Tree file(String path, long size) throws IOException {
            entry(2, path, "");
            out.writeLong(size);
            return this;
        }

        Tree piece(int header, int length) throws IOException {
            out.writeInt(header);
            out.write(new byte[length]);
            return this;
        }

        byte[] end() throws IOException {
            out.writeByte(0);
            return bytes.toByteArray();
        }

        byte[] cut() {
            return bytes.toByteArray();
        }
    }

    private static Tree root() throws IOException {
        return new Tree().entry(1, "", "");
    }

    private TreeReader read(InputStream tree, String disk) throws IOException {
        TreeReader reader = new TreeReader(tree, LIMITS, "name");
        Files.deleteIfExists(directory.resolve(disk));
        JobDisk.create(directory.resolve(disk), SIZE, reader);
        return reader;
    }

    private TreeReader read(byte[] tree) throws IOException {
        return read(new ByteArrayInputStream(tree), "read.img");
    }

    private Map<String, String> describe(Path disk) throws IOException {
        Map<String, String> entries = new TreeMap<>();
        try (DiskReader reader = DiskReader.open(disk)) {
            reader.walk("/", entry -> {
                if (!entry.path().equals("/lost+found") && !entry.path().equals("/")) {
                    entries.put(entry.path(), describe(reader, entry));
                }
                return FileVisitResult.CONTINUE;
            });
        }
        return entries;
    }

    private static String describe(DiskReader reader, DiskEntry entry) throws IOException {
        String content = "";
        if (entry.kind() == DiskEntry.Kind.FILE) {
            try (InputStream in = reader.open(entry)) {
                content = entry.size() + " bytes " + Arrays.hashCode(in.readAllBytes());
            }
        } else if (entry.kind() == DiskEntry.Kind.SYMBOLIC_LINK) {
            content = reader.readLink(entry);
        }
        return entry.kind() + " " + entry.attributes() + " " + entry.links() + " " + content;
    }

    @Test
    void disk_toTreeAndBack_isTheSame() throws Exception {
        byte[] noise = new byte[3_000_000];
        new Random(1).nextBytes(noise);
        byte[] gaps = new byte[2_000_001];
        gaps[0] = 1;
        gaps[700_000] = 2;
        gaps[2_000_000] = 3;
        DiskContent content = disk -> disk.directory("d", new Attributes(0750, 1, 2, TIME))
                .file("d/noise", new Attributes(04755, 1000, 1001, TIME), noise.length, new ByteArrayInputStream(noise))
                .file("gaps", Attributes.ofRoot(0600, TIME), gaps.length, new ByteArrayInputStream(gaps))
                .file("zeros", Attributes.ofRoot(0600, TIME), 300_001, new ByteArrayInputStream(new byte[300_001]))
                .file("empty", Attributes.ofRoot(0, TIME), 0, InputStream.nullInputStream())
                .symbolicLink("link", Attributes.ofRoot(0777, TIME), "../d/noise ü")
                .symbolicLink("long", Attributes.ofRoot(0777, TIME), "x".repeat(900))
                .hardLink("d/again", "d/noise")
                .directory("d/ü", Attributes.ofRoot(0700, TIME.minusSeconds(1L << 31)));
        Path first = directory.resolve("first.img");
        JobDisk.create(first, SIZE, content);
        ByteArrayOutputStream tree = new ByteArrayOutputStream();
        try (DiskReader reader = DiskReader.open(first)) {
            TreeWriter.write(reader, tree);
        }
        assertThat(tree.size()).as("holes are not written out").isLessThan(3_300_000);
        TreeReader reader = read(new ByteArrayInputStream(tree.toByteArray()), "second.img");
        assertThat(reader.isFile()).isFalse();
        assertThat(reader.skippedTotal()).isZero();
        assertThat(describe(directory.resolve("second.img"))).isEqualTo(describe(first));
    }

    @Test
    void read_aTreeThatIsAFile_givesItTheName() throws Exception {
        assertThat(read(new Tree().file("", 3).piece(3, 3).end()).isFile()).isTrue();
        assertThat(describe(directory.resolve("read.img"))).containsOnlyKeys("/name");
    }

    @Test
    void read_devicesAndOthers_areListed() throws Exception {
        TreeReader reader = read(root().entry(5, "null", "")
                .entry(6, "sda", "")
                .entry(7, "pipe", "")
                .entry(8, "sock", "")
                .end());
        assertThat(reader.skippedTotal()).isEqualTo(4);
        assertThat(reader.skipped())
                .containsExactly("/null: a device", "/sda: a device", "/pipe: a pipe", "/sock: a socket");
    }

    @Test
    void read_nothingButTheEnd_isAnEmptyTree() throws Exception {
        read(new Tree().end());
        assertThat(describe(directory.resolve("read.img"))).isEmpty();
    }

    private static final byte[] LATIN = "f\u00fcr".getBytes(StandardCharsets.ISO_8859_1);

    @Test
    void read_whatIsNotUtf8_isRefusedByItsEntry() throws Exception {
        byte[] name = root().entry(3, LATIN, "x").end();
        assertThatThrownBy(() -> read(name))
                .hasMessage("the name of f\ufffdr is no UTF-8, which is not copied; rename the file");
        byte[] target =
                root().entry(3, "link".getBytes(StandardCharsets.UTF_8), LATIN).end();
        assertThatThrownBy(() -> read(target))
                .hasMessage("the target of the link link is no UTF-8, which is not copied; remove the link");
        read(root().entry(3, "\ufffd", "\ufffd").end());
        assertThat(describe(directory.resolve("read.img"))).containsOnlyKeys("/\ufffd");
    }

    @Test
    void write_whatIsNotUtf8_isRefusedByItsEntry() throws Exception {
        Path source = Files.createDirectory(directory.resolve("source"));
        Path link = Files.createSymbolicLink(source.resolve("link"), HostName.path(LATIN));
        assertThatThrownBy(() -> write(disk -> disk.tree("/", source)))
                .hasMessage("the target of the link link is no UTF-8, which is not copied; remove the link");
        Files.delete(link);
        Files.createFile(HostName.resolve(source, LATIN));
        assertThatThrownBy(() -> write(disk -> disk.tree("/", source)))
                .hasMessage("the name of f\ufffdr is no UTF-8, which is not copied; rename the file");
    }

    private byte[] write(DiskContent content) throws IOException {
        Path image = directory.resolve("written.img");
        Files.deleteIfExists(image);
        JobDisk.create(image, SIZE, content);
        ByteArrayOutputStream tree = new ByteArrayOutputStream();
        try (DiskReader reader = DiskReader.open(image)) {
            TreeWriter.write(reader, tree);
        }
        return tree.toByteArray();
    }

    @Test
    void write_lostAndFound_isLeftOutOnlyIfItIsEmpty() throws Exception {
        assertThat(read(write(disk -> disk.file("other/lost+found/f", "x"))).hasLostAndFound())
                .isFalse();
        assertThat(describe(directory.resolve("read.img")))
                .containsOnlyKeys("/other", "/other/lost+found", "/other/lost+found/f");
        assertThat(read(write(disk -> disk.file("lost+found/f", "x"))).hasLostAndFound())
                .isTrue();
        assertThat(describe(directory.resolve("read.img"))).containsOnlyKeys("/lost+found/f");
    }

    private static Arguments tree(String why, byte[] tree) {
        return Arguments.of(why, tree);
    }

    static Stream<Arguments> hostile() throws IOException {
        return Stream.of(
                tree("path \"..\"", root().file("..", 0).end()),
                tree("path \"../x\"", root().file("../x", 0).end()),
                tree("path \"a/../../x\"", root().file("a/../../x", 0).end()),
                tree("path \"/etc/passwd\"", root().file("/etc/passwd", 0).end()),
                tree("path \"a//b\"", root().file("a//b", 0).end()),
                tree("path \"./a\"", root().file("./a", 0).end()),
                tree("path \"a/\"", root().file("a/", 0).end()),
                tree("with the path", root().file("a\0b", 0).end()),
                tree("name of more than 255", root().file("n".repeat(256), 0).end()),
                tree(
                        "path of 4097 bytes",
                        root().file("p/".repeat(2048) + "x", 0).end()),
                tree(
                        "path of 4294967295 bytes",
                        new Tree().piece(1 << 24, 32).piece(-1, 0).end()),
                tree(
                        "directories inside each other",
                        root().file("p/".repeat(20) + "x", 0).end()),
                tree("a tree with a second root", root().entry(1, "", "").end()),
                tree("entries below a file", new Tree().file("", 0).file("x", 0).end()),
                tree("type 9", root().entry(9, "x", "").end()),
                tree("type 255", root().entry(255, "x", "").end()),
                tree("reserved", new Tree().piece(1 << 24 | 1, 40).end()),
                tree("of content", root().file("x", -1).end()),
                tree("of content", root().file("x", Long.MIN_VALUE).end()),
                tree("of content", root().file("x", Long.MAX_VALUE).end()),
                tree("of content", root().file("x", (8 << 20) + 1).end()),
                tree(
                        "of content",
                        root().file("x", 5 << 20)
                                .piece(HOLE | 5 << 8, 0)
                                .file("y", 4 << 20)
                                .end()),
                tree("piece of 0 bytes", root().file("x", 1).piece(0, 0).end()),
                tree("piece of 0 holes", root().file("x", 1).piece(HOLE, 0).end()),
                tree("piece of 2 bytes", root().file("x", 1).piece(2, 2).end()),
                tree(
                        "piece of 1048577 bytes",
                        root().file("x", 5 << 20)
                                .piece((1 << 20) + 1, (1 << 20) + 1)
                                .end()),
                tree("that no disk can hold", root().entry(3, "link", "").end()),
                tree("that no disk can hold", root().entry(3, "link", "a\0b").end()),
                tree("no such file yet", root().entry(4, "link", "missing").end()),
                tree("with the path", root().entry(4, "link", "../x").end()),
                tree("", root().entry(4, "link", "").end()),
                tree("x", root().file("x", 0).file("x", 0).end()),
                tree("x", root().file("x", 0).file("x/y", 0).end()),
                tree("link", root().entry(3, "link", "/tmp").file("link/y", 0).end()));
    }

    @ParameterizedTest(name = "{index} {0}")
    @MethodSource("hostile")
    void read_aHostileTree_isRefused(String why, byte[] tree) {
        assertThatThrownBy(() -> read(tree)).isInstanceOf(IOException.class).hasMessageContaining(why);
    }

    @Test
    void read_aTreeThatIsCutOff_isRefusedAtEveryByte() throws Exception {
        byte[] tree = root().entry(1, "d", "")
                .file("d/x", 9000)
                .piece(HOLE | 1, 0)
                .piece(4904, 4904)
                .entry(3, "link", "d/x")
                .cut();
        for (int length = 0; length < tree.length; length += length % 7 + 1) {
            byte[] cut = Arrays.copyOf(tree, length);
            assertThatThrownBy(() -> read(cut)).isInstanceOf(EOFException.class);
        }
    }

    @Test
    @SuppressWarnings("InputStreamSlowMultibyteRead")
    void read_entriesWithoutAnEnd_areLimited() throws Exception {
        byte[] begin = root().cut();
        InputStream endless = new SequenceInputStream(new ByteArrayInputStream(begin), new InputStream() {
            private byte[] entry = new byte[0];
            private int at;
            private int number;

            @Override
            public int read() throws IOException {
                if (at == entry.length) {
                    number++;
                    entry = new Tree().entry(1, "d" + number, "").cut();
                    at = 0;
                }
                return entry[at++] & 0xff;
            }
        });
        assertThatThrownBy(() -> read(endless, "endless.img"))
                .isInstanceOf(LimitException.class)
                .hasMessageContaining("more than 100 entries");
    }

    @Test
    void read_changedBytes_areRefusedOrADisk() throws Exception {
        byte[] tree = root().entry(1, "d", "")
                .file("d/x", 9000)
                .piece(HOLE | 1, 0)
                .piece(4904, 4904)
                .entry(4, "again", "d/x")
                .entry(3, "link", "d/x")
                .end();
        Random random = new Random(7);
        for (int i = 0; i < 2000; i++) {
            byte[] changed = tree.clone();
            for (int j = 0; j <= random.nextInt(3); j++) {
                changed[random.nextInt(random.nextBoolean() ? 60 : changed.length)] = (byte) random.nextInt();
            }
            Path disk = directory.resolve("changed.img");
            try {
                JobDisk.create(
                        disk,
                        DiskOptions.of(DataSize.ofKibibytes(256)),
                        new TreeReader(new ByteArrayInputStream(changed), LIMITS, "name"));
                describe(disk);
                Files.delete(disk);
            } catch (IOException e) {
                assertThat(e.getMessage() == null && !(e instanceof EOFException))
                        .isFalse();
            }
            Files.deleteIfExists(disk);
        }
    }
}
