package dev.construir.disk.write;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.construir.disk.Ext2Tools;
import dev.construir.disk.ReadLimits;
import dev.construir.disk.read.DiskReader;
import dev.construir.disk.write.PackOptions.Devices;
import dev.construir.disk.write.PackOptions.ForeignAttributes;
import dev.construir.tar.TarArchive;
import dev.construir.tar.TarArchive.Header;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What the host's own tools make of directories arrives on a disk: deep trees, access lists, pipes; directly, and by
 * way of tar.
 */
class HostTreeIT {
    private static final String LISTS = """
            user::rw-
            user:1234:rw-
            group::r--
            mask::rw-
            other::---
            """;

    @TempDir
    Path dir;

    private final List<String> warnings = new ArrayList<>();
    private final PackOptions options = PackOptions.DEFAULT.withWarnings(warnings::add);

    private Path packed(Path tree, PackOptions how) throws IOException {
        return Images.create(dir.resolve("disk.img"), "16M", disk -> disk.tree("/", tree, entry -> true, how));
    }

    private Path unpacked(Path archive, PackOptions how) throws IOException {
        return Images.create(dir.resolve("disk.img"), "16M", disk -> {
            try (InputStream in = Files.newInputStream(archive)) {
                disk.tar("/", in, how);
            }
        });
    }

    private Path deep(int depth) throws Exception {
        Path top = Files.createDirectories(dir.resolve("deep"));
        Ext2Tools.run(
                "python3",
                "-c",
                "import os, sys\nos.chdir(sys.argv[1])\nfor i in range(int(sys.argv[2])):\n os.mkdir('d'); os.chdir('d')\n"
                        + "open('f', 'w').write('down here')",
                top.toString(),
                Integer.toString(depth));
        return top;
    }

    private static String content(Path image, String path) throws IOException {
        try (DiskReader disk = DiskReader.open(image)) {
            return new String(disk.open(path).readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        }
    }

    /** As deep as a path of Linux can be. */
    @Test
    void deepTreesArriveAndComeBack() throws Exception {
        Path tree = deep(2047);
        Path image = packed(tree, options);
        Ext2Tools.assertClean(image);
        assertThat(content(image, "/d".repeat(2047) + "/f")).isEqualTo("down here");
        Path archive = dir.resolve("deep.tar");
        Ext2Tools.run("tar", "-C", tree.toString(), "-cf", archive.toString(), "d");
        Files.delete(image);
        Path same = unpacked(archive, options);
        assertThat(content(same, "/d".repeat(2047) + "/f")).isEqualTo("down here");
        Ext2Tools.run("rm", "-rf", tree.toString());
    }

    @Test
    void whatNoExtractionGivesBackIsRefused() throws Exception {
        Path tree = deep(2049);
        assertThatThrownBy(() -> packed(tree, options))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("a path of 4097 bytes");
        Path archive = dir.resolve("deep.tar");
        Ext2Tools.run("tar", "-C", tree.toString(), "-cf", archive.toString(), "d");
        assertThatThrownBy(() -> unpacked(archive, options))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("bytes");
        Ext2Tools.run("rm", "-rf", tree.toString());
    }

    private Path withLists() throws Exception {
        Path tree = Files.createDirectories(dir.resolve("tree/d"));
        Files.writeString(tree.resolve("f"), "x");
        Path text = Files.writeString(dir.resolve("lists"), LISTS);
        Ext2Tools.run("setfacl", "--set-file=" + text, tree.resolve("f").toString());
        Ext2Tools.run("setfacl", "-d", "-m", "user:1234:rwx", tree.toString());
        return dir.resolve("tree");
    }

    private void assertHasLists(Path image) throws Exception {
        Ext2Tools.assertClean(image);
        try (DiskReader disk = DiskReader.open(image)) {
            assertThat(disk.extendedAttributes("/d/f").get("system.posix_acl_access"))
                    .isEqualTo(AccessListText.parse(LISTS, new OwnerNames(dir)).value());
            assertThat(Integer.toOctalString(
                            disk.find("/d/f").orElseThrow().attributes().mode()))
                    .isEqualTo("660");
            assertThat(disk.extendedAttributes("/d")).containsOnlyKeys("system.posix_acl_default");
        }
        assertThat(warnings).isEmpty();
    }

    @Test
    void accessListsOfTheHostAreKept() throws Exception {
        assertHasLists(packed(withLists(), options));
    }

    /** The directory of the second tree takes the place of that of the first, and so do its rights. */
    @Test
    void listsEndWhenADirectoryComesAgain() throws Exception {
        Path with = withLists();
        Ext2Tools.run("setfacl", "-m", "user:1234:rwx", with.resolve("d").toString());
        Files.createDirectories(dir.resolve("other/d"));
        Path image = Images.create(dir.resolve("disk.img"), "16M", disk -> {
            disk.extendedAttributes("/", java.util.Map.of("user.big", Images.bytes(1, 900)));
            disk.tree("/", with, entry -> true, options).tree("/", dir.resolve("other"), entry -> true, options);
            disk.directory("/", Images.mode(0700));
        });
        Ext2Tools.assertClean(image);
        try (DiskReader disk = DiskReader.open(image)) {
            assertThat(disk.extendedAttributes("/d")).isEmpty();
            assertThat(disk.extendedAttributes("/d/f")).isNotEmpty();
            assertThat(disk.extendedAttributes("/")).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"tar", "bsdtar"})
    void accessListsOfArchivesAreKept(String tar) throws Exception {
        Path archive = dir.resolve("a.tar");
        Ext2Tools.run(tar, "--acls", "--format=pax", "-C", withLists().toString(), "-cf", archive.toString(), "d");
        assertHasLists(unpacked(archive, options));
    }

    @Test
    void accessListsOfPipesAreKept() throws Exception {
        String pipe =
                Files.createDirectories(dir.resolve("tree")).resolve("pipe").toString();
        Ext2Tools.run("mkfifo", "-m", "640", pipe);
        Ext2Tools.run("setfacl", "-m", "user:1234:rwx,group::---,mask::rwx", pipe);
        Path image = packed(dir.resolve("tree"), options.withDevices(Devices.CREATE));
        Ext2Tools.assertClean(image);
        try (DiskReader disk = DiskReader.open(image)) {
            assertThat(disk.extendedAttributes("/pipe").get("system.posix_acl_access"))
                    .isEqualTo(AccessListText.parse("u::rw-,u:1234:rwx,g::---,m::rwx,o::---", new OwnerNames(dir))
                            .value());
        }
        assertThat(warnings).isEmpty();
    }

    @Test
    void pipesAreMadeIfTheyAreWanted() throws Exception {
        Path tree = Files.createDirectories(dir.resolve("tree"));
        Ext2Tools.run("mkfifo", tree.resolve("pipe").toString());
        assertThatThrownBy(() -> packed(tree, options)).hasMessageContainingAll("pipe", "--devices");
        Path image = packed(tree, options.withDevices(Devices.CREATE));
        Ext2Tools.assertClean(image);
        assertThat(Ext2Tools.debugfs(image, "stat /pipe")).contains("Type: FIFO");
    }

    @Test
    void devicesOfArchivesAreMadeIfTheyAreWanted() throws Exception {
        Path archive = Files.write(
                dir.resolve("a.tar"),
                new TarArchive()
                        .add(Header.of('3', "dev/null").text(329, "0000001\0").text(337, "0000003\0"))
                        .add(Header.of('4', "dev/big").text(329, "0000403\0").text(337, "0200000\0"))
                        .add(Header.of('6', "dev/pipe"))
                        .add(Header.of('1', "dev/again").target("dev/null"))
                        .bytes());
        assertThatThrownBy(() -> unpacked(archive, options)).hasMessageContainingAll("dev/null", "--devices");
        Path image = unpacked(archive, options.withDevices(Devices.CREATE));
        Ext2Tools.assertClean(image);
        assertThat(Ext2Tools.debugfs(image, "stat /dev/null"))
                .contains("Type: character special", "Links: 2")
                .containsPattern("Device major/minor number: 0*1:0*3 ");
        assertThat(Ext2Tools.debugfs(image, "stat /dev/big"))
                .contains("Type: block special")
                .containsPattern("Device major/minor number: 0*259:65536 ");
        assertThat(Ext2Tools.debugfs(image, "stat /dev/pipe")).contains("Type: FIFO");
        try (DiskReader disk = DiskReader.open(image)) {
            assertThat(disk.copyTo(dir.resolve("out")).skipped()).hasSize(4);
        }
        assertThat(dir.resolve("out/dev")).isEmptyDirectory();
    }

    @Test
    void numbersThatNoDeviceHasAreRefused() throws Exception {
        Path archive = Files.write(
                dir.resolve("a.tar"),
                new TarArchive()
                        .pax('x', "SCHILY.devmajor=4096")
                        .add(Header.of('3', "d"))
                        .bytes());
        assertThatThrownBy(() -> unpacked(archive, options.withDevices(Devices.CREATE)))
                .hasMessageContainingAll("\"d\"", "4096:0");
    }

    /** As tar makes it of a file with next to nothing in it. */
    @ParameterizedTest
    @ValueSource(strings = {"gnu 0.0", "pax 0.0", "pax 0.1", "pax 1.0"})
    void hugeHolesStayHoles(String kind) throws Exception {
        Path tree = Files.createDirectories(dir.resolve("tree"));
        long size = 1L << 40;
        try (var file = new java.io.RandomAccessFile(tree.resolve("f").toFile(), "rw")) {
            file.setLength(size);
            for (long at : new long[] {100, 5_000_000_001L, size - 1}) {
                file.seek(at);
                file.write('x');
            }
        }
        Path archive = dir.resolve("a.tar");
        String[] words = kind.split(" ");
        Ext2Tools.run(
                "tar",
                "--format=" + words[0],
                "-S",
                "--sparse-version=" + words[1],
                "-C",
                tree.toString(),
                "-cf",
                archive.toString(),
                "f");
        Path image = unpacked(archive, options);
        Ext2Tools.assertClean(image);
        try (DiskReader disk =
                        DiskReader.open(image, ReadLimits.DEFAULT.withBytes(dev.construir.DataSize.ofGibibytes(2048)));
                InputStream in = disk.open("/f")) {
            assertThat(disk.find("/f").orElseThrow().size()).isEqualTo(size);
            assertThat(in.readNBytes(102)).containsSequence(0, 'x', 0);
        }
        assertThat(Ext2Tools.debugfs(image, "blocks /f").strip().split(" ")).hasSizeBetween(3, 12);
    }

    @Test
    void whatMacsWriteIsTaken() throws Exception {
        Path archive = Files.write(
                dir.resolve("a.tar"),
                new TarArchive()
                        .pax(
                                'x',
                                "LIBARCHIVE.xattr.com.apple.provenance=AQIA",
                                "SCHILY.xattr.com.apple.provenance=\1\2\0")
                        .file("._f", "AppleDouble")
                        .file("f", "x")
                        .bytes());
        Path image = unpacked(archive, options);
        assertThat(content(image, "/._f")).isEqualTo("AppleDouble");
        assertThat(warnings).hasSize(1).first().asString().startsWith("1 extended attribute left out");
        Files.delete(image);
        assertThatThrownBy(() -> unpacked(archive, options.withForeignAttributes(ForeignAttributes.REFUSE)))
                .hasMessageContaining("com.apple.provenance");
    }
}
