package dev.construir.volume;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.construir.disk.DiskEntry;
import dev.construir.disk.read.DiskReader;
import dev.construir.disk.read.ExtractOptions;
import dev.construir.disk.write.DiskBuilder;
import dev.construir.disk.write.DiskContent;
import dev.construir.disk.write.Images;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LinkWalkTest {
    @TempDir
    Path dir;

    private Path image(DiskContent content) throws IOException {
        return Images.create(dir.resolve("disk.img"), "1M", content);
    }

    private static void link(DiskBuilder disk, String path, String target) throws IOException {
        disk.symbolicLink(path, Images.mode(0777), target);
    }

    private Path tree() throws IOException {
        return image(disk -> {
            Images.file(disk, "usr/lib/os-release", "content");
            link(disk, "etc/os-release", "../usr/lib/os-release");
            link(disk, "etc/absolute", "/lib//os-release");
            link(disk, "lib", "usr/lib/");
            link(disk, "etc/far", "../../../../../usr/lib/os-release");
            link(disk, "etc/up", "..");
            link(disk, "etc/dangling", "../gone/file");
            link(disk, "one", "two");
            link(disk, "two", "/one");
            link(disk, "self", "self/x");
        });
    }

    @ParameterizedTest
    @CsvSource({
        "/etc/os-release, /usr/lib/os-release",
        "etc//os-release, /usr/lib/os-release",
        "/etc/absolute, /usr/lib/os-release",
        "/lib/os-release, /usr/lib/os-release",
        "/etc/far, /usr/lib/os-release",
        "/etc/up/etc/up/lib/./os-release, /usr/lib/os-release",
        "/usr/lib/../../../etc/../usr/lib/os-release, /usr/lib/os-release",
        "/lib/.., /usr",
        "/lib, /usr/lib",
        "/.., /",
        "'', /"
    })
    void leadsWhereLinuxGoes(String path, String expected) throws IOException {
        try (DiskReader disk = DiskReader.open(tree())) {
            DiskEntry found = disk.follow(path);
            assertThat(found.path()).isEqualTo(expected);
            if (found.kind() == DiskEntry.Kind.FILE) {
                try (InputStream content = disk.open(found)) {
                    assertThat(content.readAllBytes()).isEqualTo("content".getBytes(StandardCharsets.US_ASCII));
                }
            }
        }
    }

    @Test
    void aLinkThatLeadsToNothingIsNamed() throws IOException {
        try (DiskReader disk = DiskReader.open(tree())) {
            assertThatThrownBy(() -> disk.follow("/etc/dangling"))
                    .isInstanceOf(NoSuchFileException.class)
                    .hasMessage(
                            "/etc/dangling: /gone is not on the disk; /etc/dangling is a symbolic link to ../gone/file");
            assertThatThrownBy(() -> disk.follow("/none"))
                    .isInstanceOf(NoSuchFileException.class)
                    .hasMessage("/none: /none is not on the disk");
            assertThatThrownBy(() -> disk.follow("/etc/os-release/x"))
                    .isInstanceOf(FileSystemException.class)
                    .hasMessageContaining("/usr/lib/os-release is no directory; /etc/os-release is a symbolic link to");
            assertThatThrownBy(() -> disk.follow("/etc/os-release/")).hasMessageContaining("is no directory");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/one", "/two/x", "/self"})
    void circlesEnd(String path) throws IOException {
        try (DiskReader disk = DiskReader.open(tree())) {
            assertThatThrownBy(() -> disk.follow(path))
                    .isInstanceOf(FileSystemException.class)
                    .hasMessageContaining("leads through more than 40 symbolic links, perhaps in a circle");
        }
    }

    /** Forty are as many as Linux follows. */
    @Test
    void manyLinksAreFollowedAndNoMore() throws IOException {
        Path chain = image(disk -> {
            Images.file(disk, "0", "x");
            for (int i = 1; i <= 41; i++) {
                link(disk, String.valueOf(i), String.valueOf(i - 1));
            }
        });
        try (DiskReader disk = DiskReader.open(chain)) {
            assertThat(disk.follow("40").path()).isEqualTo("/0");
            assertThatThrownBy(() -> disk.follow("41")).hasMessageContaining("more than 40");
        }
    }

    @Test
    void namesThatAreNoTextAreFollowed() throws IOException {
        Path image = image(disk -> {
            Images.file(disk, "name-xx", "content");
            link(disk, "link", "name-xx");
        });
        Images.replace(image, "name-xx", "name-\u00ff\u00fe");
        try (DiskReader disk = DiskReader.open(image);
                InputStream content = disk.open(disk.follow("link"))) {
            assertThat(content.readAllBytes()).hasSize(7);
        }
    }

    @Test
    void whatIsFollowedIsExtracted() throws Exception {
        try (DiskReader disk = DiskReader.open(tree())) {
            disk.copyTo(disk.follow("/etc/os-release"), dir.resolve("target"), ExtractOptions.DEFAULT);
            disk.copyTo(disk.follow("/lib"), dir.resolve("directory"), ExtractOptions.DEFAULT);
        }
        assertThat(dir.resolve("target/os-release")).hasContent("content");
        assertThat(dir.resolve("directory/os-release")).hasContent("content");
    }
}
