package dev.construir.volume;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.construir.disk.Ext2Tools;
import dev.construir.disk.read.DiskReader;
import dev.construir.disk.write.DiskContent;
import dev.construir.disk.write.Images;
import dev.construir.disk.write.JobDisk;
import dev.construir.disk.write.PackOptions;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Extended attributes as e2fsck checks them, their hashes among it, and as debugfs reads them. */
class ExtendedAttributesIT {
    @TempDir
    Path dir;

    private Path image(String size, DiskContent content) throws IOException {
        return Images.create(dir.resolve("disk.img"), size, content);
    }

    private byte[] read(Path image, String path, String name) throws Exception {
        Path file = Files.createTempFile(dir, "value", "");
        Ext2Tools.debugfs(image, "ea_get -f " + file + " " + path + " " + name);
        return Files.readAllBytes(file);
    }

    private void assertHas(Path image, String path, Map<String, byte[]> attributes) throws Exception {
        assertThat(Ext2Tools.debugfs(image, "ea_list " + path)
                        .lines()
                        .filter(line -> line.startsWith("  "))
                        .count())
                .as(path)
                .isEqualTo(attributes.size());
        try (DiskReader disk = DiskReader.open(image)) {
            Map<String, byte[]> found = disk.extendedAttributes(path);
            assertThat(found).containsOnlyKeys(attributes.keySet());
            attributes.forEach((name, value) -> assertThat(found.get(name)).isEqualTo(value));
        }
        for (var attribute : attributes.entrySet()) {
            assertThat(read(image, path, attribute.getKey()))
                    .as(path + " " + attribute.getKey())
                    .isEqualTo(attribute.getValue());
        }
    }

    /** In the inode, in its block, in both, in all orders of length and prefix. */
    @ParameterizedTest
    @ValueSource(strings = {"1M", "16M"})
    void comeBackFromEveryKindOfEntry(String size) throws Exception {
        Map<String, byte[]> few = Map.of("user.mime", "text/plain".getBytes(UTF_8), "user.e", new byte[0]);
        Map<String, byte[]> many = new LinkedHashMap<>();
        for (int i = 0; i < 12; i++) {
            many.put("user." + "n".repeat(1 + i * 7 % 12) + (char) ('z' - i), Images.bytes(i, i * 5));
        }
        many.put("trusted.one", Images.bytes(1, 41));
        many.put("security.capability", Images.bytes(2, 20));
        many.put("user.ü", new byte[] {-1, 0, -128});
        Map<String, byte[]> big = Map.of("user.big", Images.bytes(3, 900), "user.small", new byte[] {1});
        Path image = image(size, disk -> {
            Images.file(disk, "file", "content");
            disk.directory("dir/sub", Images.mode(0755))
                    .symbolicLink("link", Images.mode(0777), "file")
                    .symbolicLink("long", Images.mode(0777), "x".repeat(300))
                    .extendedAttributes("file", few)
                    .extendedAttributes("dir", many)
                    .extendedAttributes("/dir/sub", big)
                    .extendedAttributes("/link", Map.of("trusted.t", Images.bytes(4, 200)))
                    .extendedAttributes("/long", Map.of("trusted.t", Images.bytes(5, 10)))
                    .extendedAttributes("/", big);
            Images.file(disk, "other", Images.bytes(9, 70_000));
            disk.extendedAttributes("other", many).hardLink("name", "other");
        });

        Ext2Tools.assertClean(image);
        assertHas(image, "/file", few);
        assertHas(image, "/dir", many);
        assertHas(image, "/dir/sub", big);
        assertHas(image, "/link", Map.of("trusted.t", Images.bytes(4, 200)));
        assertHas(image, "/long", Map.of("trusted.t", Images.bytes(5, 10)));
        assertHas(image, "/", big);
        assertHas(image, "/name", many);
        try (DiskReader disk = DiskReader.open(image)) {
            assertThat(disk.readLink("/link")).isEqualTo("file");
            assertThat(disk.readLink("/long")).isEqualTo("x".repeat(300));
            assertThat(disk.open("/name").readAllBytes()).isEqualTo(Images.bytes(9, 70_000));
            assertThat(disk.find("/name").orElseThrow().links()).isEqualTo(2);
        }
        assertThat(Ext2Tools.debugfs(image, "stat /file"))
                .contains("File ACL: 0", "Blockcount: " + (size.equals("1M") ? 2 : 8));
    }

    /** An entry of mode rw-r-----, and one more reader: version, then tag and permissions of each, and who. */
    @Test
    void accessControlListsAreInTheDisksForm() throws Exception {
        byte[] list = HexFormat.of()
                .parseHex("02000000" + "01000600ffffffff" + "02000400e8030000" + "04000400ffffffff" + "10000400ffffffff"
                        + "20000000ffffffff");
        Map<String, byte[]> attributes = Map.of("system.posix_acl_access", list);
        Path image = image("1M", disk -> {
            Images.file(disk, "file", "");
            assertThatThrownBy(() -> disk.extendedAttributes("file", Map.of("system.posix_acl_access", new byte[8])))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("access control list");
            disk.extendedAttributes("file", attributes);
        });

        Ext2Tools.assertClean(image);
        assertThat(Ext2Tools.debugfs(image, "ea_list /file"))
                .contains("system.posix_acl_access (28) = 01 00 00 00 01 00 06 00 02 00 04 00 e8 03 00 00 04 00 04 00");
        try (DiskReader disk = DiskReader.open(image)) {
            assertThat(disk.extendedAttributes("/file")).containsExactlyEntriesOf(attributes);
        }
    }

    @Test
    void takeThePlaceOfThoseThatWereThere() throws Exception {
        Map<String, byte[]> big = Map.of("user.a", Images.bytes(1, 900));
        Map<String, byte[]> small = Map.of("user.b", new byte[] {7});
        Path image = image("1M", disk -> {
            Images.file(disk, "shrinks", "");
            Images.file(disk, "grows", "");
            Images.file(disk, "ends", "");
            disk.extendedAttributes("shrinks", big)
                    .extendedAttributes("grows", small)
                    .extendedAttributes("ends", big)
                    .extendedAttributes("/lost+found", big);
            Images.file(disk, "between", "content");
            disk.extendedAttributes("shrinks", small)
                    .extendedAttributes("grows", big)
                    .extendedAttributes("ends", Map.of())
                    .extendedAttributes("/lost+found", small);
        });

        Ext2Tools.assertClean(image);
        assertHas(image, "/shrinks", small);
        assertHas(image, "/lost+found", small);
        assertHas(image, "/grows", big);
        assertHas(image, "/ends", Map.of());
    }

    @ParameterizedTest
    @CsvSource({"1M, 968", "16M, 4040"})
    void haveOneBlockOfRoom(String size, int most) throws Exception {
        Path image = image(size, disk -> {
            Images.file(disk, "file", "");
            assertThatThrownBy(() -> disk.extendedAttributes("file", Map.of("user.v", new byte[most + 1])))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("file: its 1 extended attributes have " + (most + 2) + " bytes");
            disk.extendedAttributes("file", Map.of("user.v", Images.bytes(1, most)));
        });

        Ext2Tools.assertClean(image);
        assertHas(image, "/file", Map.of("user.v", Images.bytes(1, most)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"mime", "user.", "", "system.data", "system.posix_acl_access.", "users.x", "user.a\0b", "\ud800"
            })
    void mustHavePossibleNames(String name) throws Exception {
        image(
                "64K",
                disk -> assertThatThrownBy(() -> disk.extendedAttributes("/", Map.of(name, new byte[1])))
                        .isInstanceOf(IllegalArgumentException.class));
    }

    @Test
    void areGivenToWhatIsThere() throws Exception {
        image(
                "64K",
                disk -> assertThatThrownBy(() -> disk.extendedAttributes("/lost+found/x", Map.of()))
                        .isInstanceOf(NoSuchFileException.class));
    }

    private static void setOnHost(Path file, String name, byte[] value) throws IOException {
        Files.getFileAttributeView(file, UserDefinedFileAttributeView.class).write(name, ByteBuffer.wrap(value));
    }

    @Test
    void comeFromTheHostsFiles() throws Exception {
        Path tree = dir.resolve("tree");
        Files.createDirectories(tree.resolve("sub"));
        Path file = Files.writeString(tree.resolve("sub/file"), "content");
        Files.createSymbolicLink(tree.resolve("link"), file);
        setOnHost(file, "mime", "text/plain".getBytes(UTF_8));
        setOnHost(file, "empty", new byte[0]);
        setOnHost(tree.resolve("sub"), "origin", Images.bytes(1, 500));
        Path image = image("1M", disk -> disk.tree("/", tree));

        Ext2Tools.assertClean(image);
        assertHas(image, "/sub/file", Map.of("user.mime", "text/plain".getBytes(UTF_8), "user.empty", new byte[0]));
        assertHas(image, "/sub", Map.of("user.origin", Images.bytes(1, 500)));

        setOnHost(file, "big", Images.bytes(1, 2000));
        Path without = dir.resolve("2.img");
        JobDisk.create(without, Images.size("1M"), disk -> disk.tree("/", tree));
        Ext2Tools.assertClean(without);
        assertHas(without, "/sub/file", Map.of("user.mime", "text/plain".getBytes(UTF_8), "user.empty", new byte[0]));
        PackOptions strict = PackOptions.DEFAULT.withForeignAttributes(PackOptions.ForeignAttributes.REFUSE);
        assertThatThrownBy(() -> JobDisk.create(
                        dir.resolve("3.img"), Images.size("1M"), disk -> disk.tree("/", tree, entry -> true, strict)))
                .isInstanceOf(FileSystemException.class)
                .hasMessageContaining("tree/sub/file")
                .hasMessageContaining("extended attributes");
    }
}
