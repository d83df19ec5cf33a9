package dev.construir.disk.write;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.construir.disk.Attributes;
import dev.construir.disk.DiskEntry;
import dev.construir.disk.DiskEntry.Kind;
import dev.construir.disk.DiskFullException;
import dev.construir.disk.read.DiskReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.ClosedByInterruptException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

public class JobDiskTest {
    @TempDir
    Path dir;

    private Path image(String size, DiskContent content) throws IOException {
        return Images.create(dir.resolve("disk.img"), size, content);
    }

    @Test
    void whatIsWrittenIsRead() throws Exception {
        Attributes given = new Attributes(06751, 70_000, 80_000, Images.TIME);
        byte[] content = Images.bytes(1, 300_000);
        Path image = image(
                "1M",
                disk -> disk.file("bin/construir", given, 300_000, new ByteArrayInputStream(content))
                        .directory("/bin", Images.mode(01777))
                        .symbolicLink("short", Images.mode(0777), "bin/construir")
                        .symbolicLink("/long", Images.mode(0777), "x".repeat(900))
                        .hardLink("/other", "/bin/construir"));

        try (DiskReader disk = DiskReader.open(image)) {
            assertThat(disk.find("bin/construir"))
                    .hasValueSatisfying(file -> assertThat(file)
                            .isEqualTo(new DiskEntry("/bin/construir", Kind.FILE, given, 300_000, file.inode(), 2)));
            assertThat(disk.open("/other").readAllBytes()).isEqualTo(content);
            assertThat(disk.readLink("/short")).isEqualTo("bin/construir");
            assertThat(disk.readLink("/long")).isEqualTo("x".repeat(900));
            assertThat(disk.readLink(disk.find("/short").orElseThrow())).isEqualTo("bin/construir");
            assertThat(disk.readLink(disk.find("/long").orElseThrow())).isEqualTo("x".repeat(900));
            assertThat(disk.list("/"))
                    .extracting(DiskEntry::path)
                    .containsExactly("/lost+found", "/bin", "/short", "/long", "/other");
            assertThat(disk.find("/bin"))
                    .hasValueSatisfying(entry -> assertThat(entry.attributes()).isEqualTo(Images.mode(01777)));
            assertThat(disk.find("/bin/nothing")).isEmpty();
            assertThat(disk.find("/short/construir")).isEmpty();
            assertThat(disk.find("/"))
                    .hasValueSatisfying(root -> assertThat(root.links()).isEqualTo(4));
        }
    }

    @Test
    void sameInputMakesSameBytes() throws Exception {
        Path tree = Files.createDirectories(dir.resolve("tree"));
        for (String name : List.of("b", "a", "ä", "Z")) {
            Files.writeString(tree.resolve(name), name);
            Files.setLastModifiedTime(tree.resolve(name), FileTime.from(Images.TIME));
        }
        DiskContent content = disk -> disk.tree("/", tree);
        Path one = Images.create(dir.resolve("one"), "1M", content);
        Path two = Images.create(dir.resolve("two"), "1M", content);

        assertThat(Files.mismatch(one, two)).isEqualTo(-1);
        try (DiskReader disk = DiskReader.open(one)) {
            assertThat(disk.list("/"))
                    .extracting(DiskEntry::path)
                    .containsExactly("/lost+found", "/Z", "/a", "/b", "/ä");
        }
    }

    @Test
    void treeTakesOverWhatTheHostHas() throws Exception {
        Path tree = dir.resolve("tree");
        Files.createDirectories(tree.resolve("sub"));
        Path file = Files.writeString(tree.resolve("sub/file"), "content");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("r-x-w---x"));
        Files.setLastModifiedTime(file, FileTime.from(Images.TIME));
        Files.createLink(tree.resolve("name"), file);
        Files.createSymbolicLink(tree.resolve("link"), Path.of("../outside"));

        Path image = image("1M", disk -> disk.tree("/job", tree).tree("again", tree));
        try (DiskReader disk = DiskReader.open(image)) {
            DiskEntry entry = disk.find("/job/sub/file").orElseThrow();
            assertThat(entry.attributes()).isEqualTo(Images.mode(0521));
            assertThat(entry.links()).isEqualTo(4);
            assertThat(disk.find("/again/name").orElseThrow().inode()).isEqualTo(entry.inode());
            assertThat(disk.readLink("/job/link")).isEqualTo("../outside");
        }
    }

    @Test
    void treeRefusesWhatIsNoFile() throws Exception {
        Path tree = Files.createDirectories(dir.resolve("tree"));
        try (var server = java.nio.channels.ServerSocketChannel.open(java.net.StandardProtocolFamily.UNIX)) {
            server.bind(java.net.UnixDomainSocketAddress.of(tree.resolve("socket")));

            assertThatThrownBy(() -> image("1M", disk -> disk.tree("/", tree))).hasMessageContaining("socket");
        }
        assertThat(dir.resolve("disk.img")).doesNotExist();
    }

    @Test
    void namesOfAllKindsComeBack() throws Exception {
        List<String> names = List.of("ä".repeat(127) + "x", "n".repeat(255), " ", "-rf", "a\nb", "日本語", "\uD83D\uDE80");
        Path image = image("1M", disk -> {
            for (String name : names) {
                Images.file(disk, "/dir/" + name, name);
            }
        });
        try (DiskReader disk = DiskReader.open(image)) {
            for (String name : names) {
                assertThat(disk.open("/dir/" + name).readAllBytes()).isEqualTo(name.getBytes(StandardCharsets.UTF_8));
            }
        }
    }

    @Test
    void aDirectoryHoldsManyNames() throws Exception {
        int count = 20_000;
        Path image = image("128M", disk -> {
            for (int i = 0; i < count; i++) {
                Images.file(disk, "/many/some-longer-name-" + i, i % 100 == 0 ? Integer.toString(i) : "");
            }
        });
        try (DiskReader disk = DiskReader.open(image)) {
            Set<String> found = new HashSet<>();
            disk.list("/many").forEach(entry -> found.add(entry.path()));
            assertThat(found).hasSize(count).contains("/many/some-longer-name-19999");
            assertThat(disk.open("/many/some-longer-name-19900").readAllBytes())
                    .asString()
                    .isEqualTo("19900");
        }
    }

    @Test
    void aHugeSparseFileTakesNoRoom() throws Exception {
        long size = (4L << 30) + (8L << 20) + 5;
        byte[] end = {1, 2, 3, 4, 5};
        Path image = image("16M", disk -> disk.file("huge", Images.mode(0644), size, zerosThen(size - 5, end)));
        try (DiskReader disk = DiskReader.open(image);
                InputStream in = disk.open("/huge")) {
            assertThat(in.skip(size - 6)).isEqualTo(size - 6);
            assertThat(in.readAllBytes()).containsExactly(0, 1, 2, 3, 4, 5);
        }
    }

    /** Zeros that are quick to skip but have to be read here, followed by other bytes. */
    public static InputStream zerosThen(long zeros, byte[] end) {
        return new java.io.SequenceInputStream(
                new InputStream() {
                    private long left = zeros;

                    @Override
                    public int read() {
                        return left-- > 0 ? 0 : -1;
                    }

                    @Override
                    public int read(byte[] bytes, int from, int length) {
                        if (left <= 0) {
                            return -1;
                        }
                        int count = (int) Math.min(left, length);
                        java.util.Arrays.fill(bytes, from, from + count, (byte) 0);
                        left -= count;
                        return count;
                    }
                },
                new ByteArrayInputStream(end));
    }

    @Test
    void aFullDiskSaysWhatDidNotFit() {
        assertThatThrownBy(() -> image("64K", disk -> Images.file(disk, "dir/file", Images.bytes(1, 60_000))))
                .isInstanceOf(DiskFullException.class)
                .hasMessageContaining("64K")
                .hasMessageContaining("/dir/file");
        assertThat(dir.resolve("disk.img")).doesNotExist();
    }

    @Test
    void aDiskRunsOutOfInodes() {
        assertThatThrownBy(() -> image("64K", disk -> {
                    for (int i = 0; i < 50; i++) {
                        Images.file(disk, "f" + i, "");
                    }
                }))
                .isInstanceOf(DiskFullException.class)
                .hasMessageContaining("32 inodes")
                .hasMessageContaining("/f21");
    }

    @Test
    void aDiskWithAFailedEntryIsNeverFinished() {
        DiskContent careless = disk -> {
            try {
                disk.file("a", Images.mode(0644), 100_000, new ByteArrayInputStream(new byte[5]));
            } catch (IOException e) {
                Images.file(disk, "b", "goes on");
            }
        };
        assertThatThrownBy(() -> image("1M", careless)).isInstanceOf(IOException.class);
        assertThat(dir.resolve("disk.img")).doesNotExist();
    }

    @Test
    void aStreamHasAsManyBytesAsSaid() {
        assertThatThrownBy(() ->
                        image("1M", disk -> disk.file("f", Images.mode(0), 5, new ByteArrayInputStream(new byte[4]))))
                .hasMessage("/f ends after 4 of 5 bytes");
        assertThatThrownBy(() ->
                        image("1M", disk -> disk.file("f", Images.mode(0), 5, new ByteArrayInputStream(new byte[6]))))
                .hasMessageContaining("longer than the 5 bytes");
    }

    @Test
    void aNameIsTakenOnce() throws Exception {
        image("1M", disk -> {
            Images.file(disk, "/a/file", "x");
            assertThatThrownBy(() -> Images.file(disk, "a/file", "y")).isInstanceOf(FileAlreadyExistsException.class);
            assertThatThrownBy(() -> Images.file(disk, "a", "y")).isInstanceOf(FileAlreadyExistsException.class);
            assertThatThrownBy(() -> Images.file(disk, "/", "y")).isInstanceOf(FileAlreadyExistsException.class);
            assertThatThrownBy(() -> disk.directory("a/file", Images.mode(0755)))
                    .isInstanceOf(FileAlreadyExistsException.class);
            assertThatThrownBy(() -> Images.file(disk, "a/file/b", "y")).isInstanceOf(NotDirectoryException.class);
            assertThatThrownBy(() -> disk.hardLink("b", "/a")).isInstanceOf(NoSuchFileException.class);
            assertThatThrownBy(() -> disk.hardLink("b", " "))
                    .isInstanceOf(NoSuchFileException.class)
                    .hasMessage(" : there is no such file yet, and /b would be another name of it");
            assertThatThrownBy(() -> disk.hardLink("b", "/a/file/c"))
                    .isInstanceOf(NoSuchFileException.class)
                    .hasMessageContaining("there is no such file yet");
            assertThatThrownBy(() -> disk.extendedAttributes(" ", Map.of()))
                    .isInstanceOf(NoSuchFileException.class)
                    .hasMessage(" : there is no such file or directory");
            assertThatThrownBy(() -> Images.file(disk, "", ""))
                    .isInstanceOf(FileAlreadyExistsException.class)
                    .hasMessage(": that is the root directory, which is there already");
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"a/../b", "./a", "a\0", "\ud800"})
    void pathsMustBePossible(String path) throws Exception {
        image(
                "64K",
                disk -> assertThatThrownBy(() -> Images.file(disk, path, ""))
                        .isInstanceOf(IllegalArgumentException.class));
    }

    @Test
    void aNameHasAtMost255Bytes() throws Exception {
        image(
                "64K",
                disk -> assertThatThrownBy(() -> Images.file(disk, "ä".repeat(128), ""))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("256"));
    }

    @Test
    void aFileHasAtMost32000Names() throws Exception {
        image("16M", disk -> {
            Images.file(disk, "f", "");
            for (int i = 1; i < 32_000; i++) {
                disk.hardLink("n" + i, "f");
            }
            assertThatThrownBy(() -> disk.hardLink("more", "f")).hasMessageContaining("32000");
        });
    }

    @Test
    void anExistingFileIsLeftAlone() throws Exception {
        Path file = Files.writeString(dir.resolve("disk.img"), "mine");

        assertThatThrownBy(() -> image("1M", disk -> {})).isInstanceOf(FileAlreadyExistsException.class);
        assertThat(file).hasContent("mine");
    }

    @Test
    void anInterruptEndsTheWriting() {
        assertThatThrownBy(() -> image("1M", disk -> {
                    Thread.currentThread().interrupt();
                    Images.file(disk, "f", "content");
                }))
                .isInstanceOf(ClosedByInterruptException.class);
        assertThat(Thread.interrupted()).isTrue();
        assertThat(dir.resolve("disk.img")).doesNotExist();
    }
}
