package dev.construir.disk.read;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.construir.disk.Attributes;
import dev.construir.disk.DiskEntry;
import dev.construir.disk.write.DiskContent;
import dev.construir.disk.write.Images;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SimpleFileTest {
    @TempDir
    Path dir;

    private DiskReader disk(DiskContent content) throws IOException {
        return DiskReader.open(Images.create(dir.resolve("disk.img"), "1M", content));
    }

    @Test
    void texts_becomeFilesOfRoot() throws Exception {
        try (DiskReader disk = disk(builder -> builder.file("data.txt", "h\u00e9llo\n")
                .executable("bin/construir", "#!/bin/sh\nexit 3\n")
                .file("empty", ""))) {
            assertThat(disk.open("/data.txt").readAllBytes())
                    .isEqualTo("h\u00e9llo\n".getBytes(StandardCharsets.UTF_8));
            assertThat(disk.find("/data.txt").orElseThrow().attributes())
                    .isEqualTo(Attributes.ofRoot(0644, Instant.EPOCH));
            assertThat(disk.open("/bin/construir").readAllBytes()).asString().isEqualTo("#!/bin/sh\nexit 3\n");
            assertThat(disk.find("/bin/construir").orElseThrow().attributes())
                    .isEqualTo(Attributes.ofRoot(0755, Instant.EPOCH));
            assertThat(disk.find("/empty").orElseThrow().size()).isZero();
        }
    }

    @Test
    void text_withHalfASurrogatePair_isRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> disk(builder -> builder.file("data.txt", "\ud83d")))
                .withMessageContaining("half a surrogate pair");
    }

    @Test
    void path_thatIsTaken_isRefused() {
        assertThatThrownBy(() -> disk(builder -> builder.file("a", "1").executable("a", "2")))
                .isInstanceOf(FileAlreadyExistsException.class);
    }

    @Test
    void copyOfAFile_keepsModeAndTime() throws Exception {
        Path file = Files.writeString(dir.resolve("tool"), "content");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("r-xr-x---"));
        Instant time = Instant.parse("2020-02-29T12:00:00.5Z");
        Files.setLastModifiedTime(file, FileTime.from(time));
        Path link = Files.createSymbolicLink(dir.resolve("link"), file);
        try (DiskReader disk = disk(builder -> builder.copy("bin/tool", file).copy("followed", link))) {
            for (String copy : new String[] {"/bin/tool", "/followed"}) {
                DiskEntry entry = disk.find(copy).orElseThrow();
                assertThat(entry.kind()).isEqualTo(DiskEntry.Kind.FILE);
                assertThat(entry.attributes()).isEqualTo(Attributes.ofRoot(0550, time));
                assertThat(disk.open(entry).readAllBytes()).asString().isEqualTo("content");
            }
        }
    }

    @Test
    void copyOfADirectory_takesWhatIsInIt() throws Exception {
        Path project = Files.createDirectories(dir.resolve("project/sub"));
        Files.writeString(project.resolve("file"), "content");
        try (DiskReader disk = disk(builder -> builder.copy("src", dir.resolve("project")))) {
            assertThat(disk.open("/src/sub/file").readAllBytes()).asString().isEqualTo("content");
        }
    }

    @Test
    void copyOfWhatIsNoFile_namesIt() {
        Path missing = dir.resolve("missing");
        assertThatThrownBy(() -> disk(builder -> builder.copy("x", missing)))
                .isInstanceOf(NoSuchFileException.class)
                .hasMessageContaining(missing.toString());
        assertThatThrownBy(() -> disk(builder -> builder.copy("x", Path.of("/dev/null"))))
                .isInstanceOf(FileSystemException.class)
                .hasMessageContaining("/dev/null")
                .hasMessageContaining("device");
    }
}
