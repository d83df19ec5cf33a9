package dev.construir.disk.read;

import static org.assertj.core.api.Assertions.assertThat;

import dev.construir.disk.Attributes;
import dev.construir.disk.DiskEntry;
import dev.construir.disk.DiskEntry.Kind;
import dev.construir.disk.Ext2Tools;
import dev.construir.disk.FileSystemInfo;
import dev.construir.disk.FileSystemInfo.State;
import dev.construir.disk.write.Images;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Reads images of varied features, and says the same of them as debugfs. */
class Ext4FeaturesIT {
    private static final Pattern STAT = Pattern.compile("Inode: (\\d+) +Type: (\\S+) +Mode: +0?(\\d+) .*\\n.*\\n"
            + "User: +(\\d+) +Group: +(\\d+) .*Size: (\\d+)\\n.*\\nLinks: (\\d+) ");
    private static final Pattern MODIFIED = Pattern.compile("mtime: 0x([0-9a-f]{8})");

    @TempDir
    static Path shared;

    @TempDir
    Path dir;

    private static Path tree = Path.of("");

    @BeforeAll
    static void fill() throws IOException {
        tree = Files.createDirectories(shared.resolve("tree"));
        Files.createDirectories(tree.resolve("many"));
        Files.createDirectories(tree.resolve("empty"));
        Files.createDirectories(tree.resolve("few"));
        for (int i = 0; i < 120; i++) {
            Files.write(tree.resolve("many/rather-a-long-name-" + i), Images.bytes(i, i * 2));
        }
        for (int size : new int[] {0, 1, 59, 60, 61, 100, 155, 156, 160, 161, 300, 800, 900}) {
            Files.write(tree.resolve("few/" + size), Images.bytes(size, size));
            if (size > 0) {
                Files.createSymbolicLink(tree.resolve("to-" + size), Path.of("x".repeat(size)));
            }
        }
        Files.createLink(tree.resolve("few/link"), tree.resolve("few/300"));
        Files.write(tree.resolve("big"), Images.bytes(1, 700_000));
        try (RandomAccessFile sparse =
                new RandomAccessFile(tree.resolve("sparse").toFile(), "rw")) {
            for (long at = 1300; at < 1L << 24; at *= 3) {
                sparse.seek(at);
                sparse.write(Images.bytes(at, 5000));
            }
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "EXT2 | ext2 -b 1024 -I 128 -O ^resize_inode",
                "EXT2 | ext2 -O none",
                "EXT3 | ext3 -b 1024",
                "EXT3 | ext3 -O meta_bg,^resize_inode -b 1024 -g 1024",
                "EXT4 | ext4 -O inline_data",
                "EXT4 | ext4 -O inline_data -b 1024 -I 1024",
                "EXT4 | ext4 -O inline_data,^extents,^64bit -I 256",
                "EXT4 | ext4 -O meta_bg,^resize_inode -b 1024 -g 512",
                "EXT4 | ext4 -O meta_bg,^resize_inode,^64bit,sparse_super2 -b 1024 -g 512",
                "EXT4 | ext4 -O ^extents,^64bit",
                "EXT4 | ext4 -O bigalloc,^has_journal -b 1024 -C 8192",
                "EXT4 | ext4 -O casefold,inline_data,large_dir -E encoding=utf8",
                "EXT4 | ext4 -O ea_inode,encrypt,verity,project,quota -b 4096",
                "EXT4 | ext4 -O ^flex_bg,uninit_bg,^metadata_csum -b 1024",
                "EXT4 | ext4 -O orphan_file,fast_commit,stable_inodes",
                "EXT4 | ext4 -O mmp",
                "EXT4 | ext4 -O ^has_journal -b 65536 -F",
                "EXT4 | ext4 -O ^has_journal,inline_data,ea_inode -b 65536 -I 4096 -F"
            })
    void saysWhatDebugfsSays(FileSystemInfo.Kind kind, String options) throws Exception {
        Path image = make(options);
        // A disk without attributes, and one that debugfs waits half a minute for before it writes.
        boolean has = !options.contains("none") && !options.contains("mmp");
        Map<String, byte[]> attributes = has ? setAttributes(image, options.contains("ea_inode")) : Map.of();
        Map<String, byte[]> small = has ? Map.of("user.a", new byte[] {'b'}) : Map.of();

        try (DiskReader disk = DiskReader.open(image)) {
            assertThat(disk.info().kind()).isEqualTo(kind);
            assertThat(disk.info().state()).isEqualTo(State.CLEAN);
            assertThat(disk.info().label()).isEqualTo("a label of 16 by");
            assertEntries(disk, image);
            assertAttributes(disk.extendedAttributes("/few/300"), attributes);
            assertAttributes(disk.extendedAttributes("/few"), small);
            assertAttributes(disk.extendedAttributes("/to-59"), small);
            assertAttributes(disk.extendedAttributes("/to-100"), small);
            assertThat(disk.extendedAttributes("/big")).isEmpty();
            assertContent(disk);
            // What host files cannot keep is said, and of nothing else than the entry that has it.
            assertThat(disk.copyTo(dir.resolve("target")).skipped())
                    .hasSize(has ? 1 : 0)
                    .allSatisfy(line -> assertThat(line)
                            .startsWith("/few/300: ")
                            .contains("its access control list", "its capabilities"));
        }
        assertFree(image);
    }

    private Path make(String options) throws Exception {
        Path image = dir.resolve("disk.img");
        List<String> words = new ArrayList<>(List.of("-q", "-L", "a label of 16 bytes and more", "-t"));
        words.addAll(List.of(options.split(" ")));
        words.addAll(List.of("-d", tree.toString(), image.toString(), "40M"));
        Ext2Tools.run("mke2fs", words.toArray(new String[0]));
        return image;
    }

    private Map<String, byte[]> setAttributes(Path image, boolean big) throws Exception {
        Map<String, byte[]> values = new LinkedHashMap<>();
        values.put("user.text", "value".getBytes(StandardCharsets.US_ASCII));
        values.put("user.empty", new byte[0]);
        values.put("user.block", Images.bytes(3, 500));
        values.put("trusted.other", Images.bytes(4, 20));
        values.put("security.capability", Images.bytes(5, 20));
        values.put("system.posix_acl_access", accessControlList());
        if (big) {
            values.put("user.big", Images.bytes(6, 4096)); // debugfs cuts it to a block's size
        }
        List<String> requests =
                new ArrayList<>(List.of("ea_set /few user.a b", "ea_set /to-59 user.a b", "ea_set /to-100 user.a b"));
        for (Map.Entry<String, byte[]> value : values.entrySet()) {
            Path file = Files.write(dir.resolve(value.getKey()), value.getValue());
            requests.add("ea_set -f " + file + " /few/link " + value.getKey());
        }
        Ext2Tools.modify(image, requests);
        return values;
    }

    /** A list with a user and a group of their own, as getxattr returns it. */
    private static byte[] accessControlList() {
        ByteBuffer list =
                ByteBuffer.allocate(4 + 6 * 8).order(ByteOrder.LITTLE_ENDIAN).putInt(2);
        int[][] entries = {{1, 6, -1}, {2, 4, 1001}, {4, 4, -1}, {8, 6, 70_000}, {0x10, 6, -1}, {0x20, 4, -1}};
        for (int[] entry : entries) {
            list.putShort((short) entry[0]).putShort((short) entry[1]).putInt(entry[2]);
        }
        return list.array();
    }

    private static void assertAttributes(Map<String, byte[]> actual, Map<String, byte[]> expected) {
        assertThat(actual.keySet()).containsExactlyInAnyOrderElementsOf(expected.keySet());
        expected.forEach((name, value) ->
                assertThat(Arrays.equals(actual.get(name), value)).as(name).isTrue());
    }

    private void assertEntries(DiskReader disk, Path image) throws Exception {
        List<DiskEntry> entries = new ArrayList<>();
        collect(disk, "/", entries);
        List<String> requests = new ArrayList<>();
        entries.forEach(entry -> requests.add("stat \"" + entry.path() + "\""));
        Path script = Files.write(dir.resolve("stat.txt"), requests);
        String[] said = Ext2Tools.run("debugfs", "-f", script.toString(), image.toString())
                .split("debugfs: stat ");
        assertThat(said).hasSize(entries.size() + 1);
        for (int i = 0; i < entries.size(); i++) {
            assertThat(described(entries.get(i))).isEqualTo(described(said[i + 1]));
        }
    }

    private static List<String> described(DiskEntry entry) {
        Attributes attributes = entry.attributes();
        return List.of(
                "\"" + entry.path() + "\"",
                "" + entry.inode(),
                type(entry.kind()),
                String.format("%03o", attributes.mode()),
                "" + attributes.uid(),
                "" + attributes.gid(),
                "" + entry.size(),
                "" + entry.links(),
                String.format("%08x", attributes.modified().getEpochSecond()));
    }

    private static List<String> described(String said) {
        List<String> words = new ArrayList<>(List.of(said.substring(0, said.indexOf('\n'))));
        Matcher stat = STAT.matcher(said);
        Matcher modified = MODIFIED.matcher(said);
        assertThat(stat.find() && modified.find()).as(said).isTrue();
        for (int i = 1; i <= stat.groupCount(); i++) {
            words.add(stat.group(i));
        }
        words.add(modified.group(1));
        return words;
    }

    private static String type(Kind kind) {
        return switch (kind) {
            case FILE -> "regular";
            case DIRECTORY -> "directory";
            case SYMBOLIC_LINK -> "symlink";
            case PIPE -> "FIFO";
            default -> throw new AssertionError(kind);
        };
    }

    private static void collect(DiskReader disk, String path, List<DiskEntry> into) throws IOException {
        for (DiskEntry entry : disk.list(path)) {
            into.add(entry);
            if (entry.kind() == Kind.DIRECTORY) {
                collect(disk, entry.path(), into);
            }
        }
    }

    /** Everything of the tree is there, with its content. */
    private static void assertContent(DiskReader disk) throws IOException {
        int found = 0;
        List<DiskEntry> entries = new ArrayList<>();
        collect(disk, "/", entries);
        for (DiskEntry entry : entries) {
            Path original = tree.resolve(entry.path().substring(1));
            if (entry.path().equals("/lost+found")) {
                continue;
            }
            found++;
            if (entry.kind() == Kind.SYMBOLIC_LINK) {
                assertThat(disk.readLink(entry.path()))
                        .isEqualTo(Files.readSymbolicLink(original).toString());
            } else if (entry.kind() == Kind.FILE) {
                try (InputStream content = disk.open(entry.path())) {
                    assertThat(content.readAllBytes()).as(entry.path()).isEqualTo(Files.readAllBytes(original));
                }
            } else {
                assertThat(Files.isDirectory(original, LinkOption.NOFOLLOW_LINKS))
                        .isTrue();
            }
        }
        try (var all = Files.walk(tree)) {
            assertThat(found).isEqualTo((int) all.count() - 1);
        }
    }

    private static void assertFree(Path image) throws Exception {
        String stats = Ext2Tools.debugfs(image, "stats -h");
        try (DiskReader disk = DiskReader.open(image)) {
            FileSystemInfo info = disk.info();
            assertThat(stats).contains(info.uuid().toString());
            assertThat(stats).containsPattern("Block size: +" + info.blockSize() + "\n");
            assertThat(stats).containsPattern("Block count: +" + info.size().bytes() / info.blockSize() + "\n");
            assertThat(stats).containsPattern("Free blocks: +" + info.free().bytes() / info.blockSize() + "\n");
            assertThat(stats).containsPattern("Free inodes: +" + info.freeInodes() + "\n");
        }
    }

    /** Flags that only a kernel with a key would set; the names and bytes stay as they are. */
    @Test
    void whatIsEncryptedCostsNothingElse() throws Exception {
        Path image = make("ext4 -O encrypt");
        Ext2Tools.modify(image, List.of("sif /few flags 0x80800", "sif /big flags 0x80800", "sif /to-59 flags 0x800"));

        try (DiskReader disk = DiskReader.open(image)) {
            ExtractReport report = disk.copyTo(dir.resolve("target"));

            assertThat(report.skipped())
                    .hasSize(3)
                    .anyMatch(text -> text.matches("/few: inode \\d+ at byte \\d+, a directory, is encrypted.*"))
                    .anyMatch(text -> text.matches("/big: inode \\d+ at byte \\d+ is encrypted.*"))
                    .anyMatch(text -> text.matches("/to-59: inode \\d+ at byte \\d+, a symbolic link, is encrypted"));
            assertThat(report.files()).isEqualTo(120 + 1);
            assertThat(disk.snapshot()).isNotNull();
        }
    }

    /** The kernel makes trees of extents this deep only of files in thousands of pieces. */
    @Test
    void filesInThousandsOfPiecesComeBack() throws Exception {
        Path image = dir.resolve("disk.img");
        Ext2Tools.run("mke2fs", "-q", "-t", "ext4", "-b", "1024", "-O", "^has_journal", image.toString(), "40M");
        Path pieces = dir.resolve("pieces");
        try (RandomAccessFile file = new RandomAccessFile(pieces.toFile(), "rw")) {
            for (int i = 0; i < 20_000; i++) {
                file.seek(i * 2048L);
                file.write(Images.bytes(i, 1024));
            }
        }
        Ext2Tools.modify(image, List.of("write " + pieces + " pieces"));

        assertThat(Ext2Tools.debugfs(image, "dump_extents -n /pieces")).contains(" 1/ 2 ");
        try (DiskReader disk = DiskReader.open(image)) {
            disk.copyTo(dir.resolve("target"));
        }
        assertThat(Files.mismatch(dir.resolve("target/pieces"), pieces)).isEqualTo(-1);
    }
}
