package dev.construir.disk.write;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.construir.disk.read.DiskReader;
import dev.construir.tar.TarArchive;
import dev.construir.tar.TarArchive.Header;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TarTreeTest {
    @TempDir
    Path dir;

    private Path image(String path, TarArchive archive) throws IOException {
        return Images.create(dir.resolve("disk.img"), "1M", disk -> disk.tar(path, archive.stream()));
    }

    private Path image(String path, TarArchive archive, PackOptions options) throws IOException {
        return Images.create(dir.resolve("disk.img"), "1M", disk -> disk.tar(path, archive.stream(), options));
    }

    private void assertRefused(TarArchive archive, String... words) {
        assertThatThrownBy(() -> image("/", archive))
                .isInstanceOf(IOException.class)
                .hasMessageContainingAll(words);
        assertThat(dir.resolve("disk.img")).doesNotExist();
    }

    @Test
    void pathsBeginWhereTheArchiveGoes() throws Exception {
        Path image = image(
                "/some/where",
                new TarArchive()
                        .add(Header.of('5', "./").text(100, "0000700\0"))
                        .file("/a//b/./c", "c")
                        .file("d", "d")
                        .add(Header.of('1', "e").target("/a/b/c"))
                        .add(Header.of('5', "a").text(100, "0001777\0")));
        try (DiskReader disk = DiskReader.open(image)) {
            assertThat(disk.open("/some/where/a/b/c").readAllBytes()).isEqualTo("c".getBytes(StandardCharsets.UTF_8));
            assertThat(disk.open("/some/where/e").readAllBytes()).isEqualTo("c".getBytes(StandardCharsets.UTF_8));
            assertThat(disk.find("/some/where").orElseThrow().attributes().mode())
                    .isEqualTo(0700);
            assertThat(disk.find("/some/where/a").orElseThrow().attributes().mode())
                    .isEqualTo(01777);
        }
    }

    @Test
    void namesNeedNotBeText() throws Exception {
        Path image = image("/", new TarArchive().file("\u00e4\u00ff", "x"));
        assertThat(Files.readString(image, StandardCharsets.ISO_8859_1)).contains("\2\1\u00e4\u00ff\0\0");
    }

    @ParameterizedTest
    @ValueSource(strings = {"..", "a/../b", "../a", "/.."})
    void noPathLeadsUp(String path) {
        assertRefused(
                new TarArchive().file("x", "").file(path, "y"), "\"" + path + "\" (at byte 512 of the archive)", "..");
        assertRefused(new TarArchive().file("x", "").add(Header.of('1', "h").target(path)), "\"h\" (at byte 512");
    }

    @Test
    void pathsAreBounded() {
        assertRefused(new TarArchive().pax('x', "path=" + "a/".repeat(400_000)).file("f", ""), "800000 bytes", "4096");
        assertRefused(new TarArchive().file("", ""), "has no name");
        assertRefused(new TarArchive().pax('x', "path=" + "n".repeat(256)).file("f", ""), "1 to 255 bytes");
        assertRefused(new TarArchive().pax('x', "path=a\0b").file("f", ""), "NUL");
    }

    @Test
    void nothingIsReplacedIfThatIsNotWanted() {
        PackOptions refuse = PackOptions.DEFAULT.withDuplicates(PackOptions.Duplicates.REFUSE);
        assertThatThrownBy(() -> image("/", new TarArchive().file("dir/a", "1").file("dir/a", "2"), refuse))
                .isInstanceOf(FileAlreadyExistsException.class)
                .hasMessageContainingAll("/dir/a", "second time", "at byte 1024");
        assertThatThrownBy(() -> image("/", new TarArchive().file("a", "1").add(Header.of('5', "a")), refuse))
                .isInstanceOf(FileAlreadyExistsException.class);
    }

    @Test
    void nothingIsWrittenThroughALink() {
        TarArchive archive =
                new TarArchive().add(Header.of('2', "a").target("/lost+found")).file("a/b", "x");
        assertThatThrownBy(() -> image("/", archive))
                .isInstanceOf(NotDirectoryException.class)
                .hasMessageContainingAll(
                        "a/b", "at byte 512", "/a: it is a symbolic link, and nothing is packed through links");
    }

    @Test
    void namesAreOfWhatCameBefore() {
        assertThatThrownBy(() ->
                        image("/", new TarArchive().add(Header.of('1', "a").target("b"))))
                .isInstanceOf(NoSuchFileException.class)
                .hasMessageContaining("b");
        assertThatThrownBy(() -> image(
                        "/",
                        new TarArchive()
                                .add(Header.of('5', "d"))
                                .add(Header.of('1', "a").target("d"))))
                .isInstanceOf(NoSuchFileException.class)
                .hasMessageContaining("directory");
    }

    @Test
    void whatTheDiskCannotHaveIsNamed() {
        assertRefused(
                new TarArchive().add(Header.of('3', "dev/null")), "\"dev/null\" (at byte 0", "a device or a pipe");
        assertRefused(new TarArchive().add(Header.of('2', "l")), "\"l\" (at byte 0", "1 to 1023 bytes");
        assertRefused(new TarArchive().pax('x', "uid=5000000000").file("f", ""), "\"f\" (at byte 1024", "5000000000");
        assertRefused(new TarArchive().add(Header.of('0', "f").size(1L << 30)), "cut off");
        assertRefused(
                new TarArchive().pax('x', "size=900000000000000000").file("f", ""), "/f has 900000000000000000 bytes");
    }

    @Test
    void anInterruptEndsIt() {
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> image("/", new TarArchive().add(Header.of('5', "d"))))
                .isInstanceOf(ClosedByInterruptException.class);
        assertThat(Thread.interrupted()).isTrue();
        assertThat(dir.resolve("disk.img")).doesNotExist();
    }
}
