package dev.construir.disk.read;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.construir.disk.Attributes;
import dev.construir.disk.DiskEntry;
import dev.construir.disk.DiskEntry.Kind;
import dev.construir.disk.Ext2Tools;
import dev.construir.disk.write.Images;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the system's tar packs, in its formats, arrives on a disk. */
class TarIT {
    private static final String LONG = "long-".repeat(18) + "name";

    @TempDir
    Path dir;

    private Path tree;
    private final byte[] content = Images.bytes(1, 70_000);

    @BeforeEach
    void makeTree() throws IOException {
        tree = Files.createDirectories(dir.resolve("tree"));
        Path bin = Files.createDirectory(tree.resolve("bin"));
        Files.writeString(bin.resolve("construir"), "#!/bin/sh\n");
        Files.setPosixFilePermissions(bin.resolve("construir"), PosixFilePermissions.fromString("rwxr-x--x"));
        Files.setLastModifiedTime(bin.resolve("construir"), FileTime.from(Images.TIME));
        Files.write(tree.resolve("content"), content);
        Files.createLink(bin.resolve("name"), tree.resolve("content"));
        Files.createSymbolicLink(tree.resolve("link"), Path.of("bin/construir"));
        Files.createDirectories(tree.resolve("empty/ü"));
        try (RandomAccessFile sparse =
                new RandomAccessFile(tree.resolve("sparse").toFile(), "rw")) {
            for (int i = 1; i <= 30; i++) {
                sparse.seek(i * 200_000L);
                sparse.write(i);
            }
            sparse.setLength(7_000_000);
        }
    }

    private Path archive(String... options) throws Exception {
        Path archive = dir.resolve("archive.tar");
        List<String> words = new ArrayList<>(List.of(options));
        words.addAll(List.of("-C", tree.toString(), "-cf", archive.toString(), "--sort=name", "."));
        Ext2Tools.run("tar", words.toArray(String[]::new));
        return archive;
    }

    private Path image(Path archive) throws IOException {
        return Images.create(dir.resolve("disk.img"), "16M", disk -> {
            try (InputStream in = Files.newInputStream(archive)) {
                disk.tar("/", in);
            }
        });
    }

    @ParameterizedTest
    @CsvSource({
        "v7, ''",
        "ustar, ''",
        "oldgnu, ''",
        "gnu, ''",
        "pax, ''",
        "gnu, 0.0",
        "pax, 0.0",
        "pax, 0.1",
        "pax, 1.0"
    })
    void everyFormatArrives(String format, String sparse) throws Exception {
        boolean longNames = !format.equals("v7") && !format.equals("ustar");
        if (longNames) {
            Files.writeString(
                    Files.createDirectories(tree.resolve(LONG).resolve(LONG)).resolve(LONG), "far down");
            Files.createSymbolicLink(tree.resolve("long link"), Path.of(LONG, LONG, LONG));
        }
        Path image = image(
                sparse.isEmpty()
                        ? archive("--format=" + format)
                        : archive("--format=" + format, "--sparse", "--sparse-version=" + sparse));

        Ext2Tools.assertClean(image);
        try (DiskReader disk = DiskReader.open(image)) {
            Instant time = format.equals("pax") ? Images.TIME : Instant.ofEpochSecond(Images.TIME.getEpochSecond());
            DiskEntry script = disk.find("/bin/construir").orElseThrow();
            assertThat(script.attributes()).isEqualTo(new Attributes(0751, owner("uid"), owner("gid"), time));
            assertThat(disk.open("/bin/name").readAllBytes()).isEqualTo(content);
            assertThat(disk.find("/content").orElseThrow().inode())
                    .isEqualTo(disk.find("/bin/name").orElseThrow().inode());
            assertThat(disk.readLink("/link")).isEqualTo("bin/construir");
            assertThat(disk.find("/empty/ü"))
                    .hasValueSatisfying(entry -> assertThat(entry.kind()).isEqualTo(Kind.DIRECTORY));
            assertThat(disk.open("/sparse").readAllBytes()).isEqualTo(Files.readAllBytes(tree.resolve("sparse")));
            if (longNames) {
                assertThat(disk.readLink("/long link")).isEqualTo(LONG + "/" + LONG + "/" + LONG);
                assertThat(disk.open("/" + disk.readLink("/long link")).readAllBytes())
                        .asString()
                        .isEqualTo("far down");
            }
        }
        assertThat(Ext2Tools.debugfs(image, "stat /sparse")).containsPattern("Blockcount: 2[0-9]{2}\n");
    }

    private long owner(String id) throws IOException {
        Object owner = Files.getAttribute(tree.resolve("bin/construir"), "unix:" + id, LinkOption.NOFOLLOW_LINKS);
        return (Integer) owner;
    }

    @Test
    void extendedAttributesArrive() throws Exception {
        Files.getFileAttributeView(tree.resolve("content"), UserDefinedFileAttributeView.class)
                .write("mime", ByteBuffer.wrap("text/plain".getBytes(UTF_8)));
        Path image = image(archive("--format=pax", "--xattrs"));

        Ext2Tools.assertClean(image);
        assertThat(Ext2Tools.debugfs(image, "ea_list /content")).contains("user.mime (10) = \"text/plain\"");
    }
}
