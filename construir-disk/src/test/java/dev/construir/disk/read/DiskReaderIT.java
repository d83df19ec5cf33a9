package dev.construir.disk.read;

import static org.assertj.core.api.Assertions.assertThat;

import dev.construir.disk.DiskEntry;
import dev.construir.disk.DiskEntry.Kind;
import dev.construir.disk.Ext2Tools;
import dev.construir.disk.write.Images;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Reads what mke2fs and debugfs write. */
class DiskReaderIT {
    @TempDir
    Path dir;

    private Path tree() throws IOException {
        Path tree = Files.createDirectories(dir.resolve("tree"));
        Files.createDirectories(tree.resolve("many"));
        Files.createDirectories(tree.resolve("empty"));
        for (int i = 0; i < 700; i++) {
            Files.write(tree.resolve("many/some-rather-long-name-of-a-file-" + i), Images.bytes(i, i * 3));
        }
        Files.write(tree.resolve("big"), Images.bytes(1, 6_000_000));
        Files.createLink(tree.resolve("many/link"), tree.resolve("big"));
        Files.createSymbolicLink(tree.resolve("fast"), Path.of("many/link"));
        Files.createSymbolicLink(tree.resolve("slow"), Path.of("s".repeat(200)));
        try (RandomAccessFile sparse =
                new RandomAccessFile(tree.resolve("sparse").toFile(), "rw")) {
            for (long at = 1300; at < 1L << 27; at *= 3) {
                sparse.seek(at);
                sparse.write(Images.bytes(at, 5000));
            }
        }
        Files.setPosixFilePermissions(tree.resolve("big"), PosixFilePermissions.fromString("rwxr-x--x"));
        Files.setLastModifiedTime(tree.resolve("big"), FileTime.from(Images.TIME));
        return tree;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ext2 -b 1024 -I 128",
                "ext2 -b 1024 -I 256",
                "ext2 -b 2048 -I 256",
                "ext2 -b 4096 -I 128",
                "ext2 -b 4096 -I 256",
                "ext2 -b 4096 -O none",
                "ext3 -b 4096",
                "ext4 -b 1024",
                "ext4 -b 4096",
                "ext4 -b 4096 -O 64bit,metadata_csum,flex_bg,large_dir,bigalloc"
            })
    void mke2fsImagesComeBack(String options) throws Exception {
        Path tree = tree();
        Path image = dir.resolve("disk.img");
        List<String> words = new ArrayList<>(List.of("-q", "-t"));
        words.addAll(List.of(options.split(" ")));
        words.addAll(List.of("-d", tree.toString(), image.toString(), "200M"));
        Ext2Tools.run("mke2fs", words.toArray(new String[0]));
        // Builds the hashed directories that mke2fs does not.
        new ProcessBuilder("/usr/sbin/e2fsck", "-fyD", image.toString())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start()
                .waitFor();

        Path target = dir.resolve("target");
        try (DiskReader disk = DiskReader.open(image)) {
            assertThat(disk.copyTo(target).skipped()).isEmpty();
            DiskEntry big = disk.find("/big").orElseThrow();
            assertThat(big.kind()).isEqualTo(Kind.FILE);
            assertThat(big.links()).isEqualTo(2);
            assertThat(big.attributes().mode()).isEqualTo(0751);
            assertThat(big.attributes().modified().getEpochSecond()).isEqualTo(Images.TIME.getEpochSecond());
        }
        assertSame(tree, target);
        // 11 pieces of a few blocks in 77 MB: holes stay holes.
        String room = Ext2Tools.run("du", "-k", target.resolve("sparse").toString());
        assertThat(Integer.parseInt(room.split("\t")[0])).isLessThan(1000);
    }

    private static void assertSame(Path expected, Path actual) throws IOException {
        assertThat(names(actual)).isEqualTo(names(expected));
        Files.walkFileTree(expected, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Path other = actual.resolve(expected.relativize(file).toString());
                if (attributes.isSymbolicLink()) {
                    assertThat(Files.readSymbolicLink(other)).isEqualTo(Files.readSymbolicLink(file));
                } else {
                    assertThat(Files.mismatch(file, other)).as(file.toString()).isEqualTo(-1);
                }
                return FileVisitResult.CONTINUE;
            }
        });
    }

    private static Set<String> names(Path top) throws IOException {
        try (var paths = Files.walk(top)) {
            Set<String> names = new TreeSet<>();
            paths.forEach(path -> names.add(top.relativize(path).toString()));
            return names;
        }
    }

    @Test
    void fragmentedFilesComeBack() throws Exception {
        Path image = Images.create(dir.resolve("disk.img"), "12M", disk -> {
            for (int i = 0; i < 400; i++) {
                Images.file(disk, "f" + i, Images.bytes(i, 20_000));
            }
        });
        List<String> requests = new ArrayList<>();
        for (int i = 0; i < 400; i += 2) {
            requests.add("rm /f" + i);
        }
        byte[] big = Images.bytes(77, 4_500_000);
        Path host = Files.write(dir.resolve("host"), big);
        requests.add("mkdir /new");
        requests.add("mknod pipe p");
        requests.add("cd /new");
        requests.add("write " + host + " big");
        requests.add("mkdir dir");
        requests.add("symlink link big");
        Ext2Tools.modify(image, requests);

        try (DiskReader disk = DiskReader.open(image)) {
            assertThat(disk.open("/new/big").readAllBytes()).isEqualTo(big);
            assertThat(disk.readLink("/new/link")).isEqualTo("big");
            assertThat(disk.find("/f0")).isEmpty();
            assertThat(disk.open("/f399").readAllBytes()).isEqualTo(Images.bytes(399, 20_000));
            assertThat(disk.list("/")).hasSize(200 + 3);
            ExtractReport report = disk.copyTo(dir.resolve("target"));
            assertThat(report.files()).isEqualTo(201);
            assertThat(report.skipped()).containsExactly("/pipe: a pipe");
        }
    }
}
