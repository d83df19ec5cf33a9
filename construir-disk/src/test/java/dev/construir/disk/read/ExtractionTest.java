package dev.construir.disk.read;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.construir.DataSize;
import dev.construir.DiskFormatException;
import dev.construir.disk.DiskEntry;
import dev.construir.disk.ReadLimits;
import dev.construir.disk.read.ExtractOptions.Links;
import dev.construir.disk.write.DiskContent;
import dev.construir.disk.write.Images;
import dev.construir.disk.write.JobDiskTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExtractionTest {
    @TempDir
    Path dir;

    private Path target = Path.of("");
    private Path outside = Path.of("");

    @BeforeEach
    void prepare() throws IOException {
        target = dir.resolve("target");
        outside = Files.createDirectories(dir.resolve("outside"));
        Files.writeString(outside.resolve("file"), "untouched");
    }

    private Path image(DiskContent content) throws IOException {
        Path file = dir.resolve("disk.img");
        Files.deleteIfExists(file);
        return Images.create(file, "1M", content);
    }

    private ExtractReport extract(Path image) throws IOException, InterruptedException {
        try (DiskReader disk = DiskReader.open(image)) {
            return disk.copyTo(target);
        }
    }

    private void assertNothingOutside() throws IOException {
        assertThat(outside.resolve("file")).hasContent("untouched");
        try (var entries = Files.list(outside)) {
            assertThat(entries).hasSize(1);
        }
        try (var entries = Files.list(dir)) {
            assertThat(entries.map(path -> path.getFileName().toString()))
                    .containsExactlyInAnyOrder("disk.img", "outside", "target");
        }
    }

    @Test
    void keepsContentModesTimesAndLinks() throws Exception {
        byte[] content = Images.bytes(1, 100_000);
        Path image = image(disk -> {
            disk.directory("dir", Images.mode(0750));
            Images.file(disk, "dir/file", content);
            disk.hardLink("name", "dir/file");
            disk.symbolicLink("dir/link", Images.mode(0777), "../name");
            disk.file("su", Images.mode(04755), 0, java.io.InputStream.nullInputStream());
        });

        ExtractReport report = extract(image);

        assertThat(report.files()).isEqualTo(3);
        assertThat(report.directories()).isEqualTo(1);
        assertThat(report.links()).isEqualTo(1);
        assertThat(report.bytes()).isEqualTo(100_000);
        assertThat(report.skipped()).containsExactly("/su: its set-id bits");
        assertThat(target.resolve("dir/link")).isSymbolicLink().hasBinaryContent(content);
        assertThat(Files.isSameFile(target.resolve("dir/file"), target.resolve("name")))
                .isTrue();
        for (Path path : new Path[] {target.resolve("dir"), target.resolve("dir/file")}) {
            assertThat(Files.getLastModifiedTime(path).toInstant()).isEqualTo(Images.TIME);
        }
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(target.resolve("dir"))))
                .isEqualTo("rwxr-x---");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(target.resolve("su"))))
                .isEqualTo("rwxr-xr-x");
        assertThat(target.resolve("lost+found")).doesNotExist();
    }

    @Test
    void aHugeSparseFileIsExtracted() throws Exception {
        long size = 1L << 30;
        Path image =
                image(disk -> disk.file("f", Images.mode(0644), size, JobDiskTest.zerosThen(size - 1, new byte[] {1})));
        extract(image);

        assertThat(target.resolve("f")).hasSize(size);
    }

    @Test
    void doesNotWriteThroughLinksThatAreThere() throws Exception {
        Path image = image(disk -> {
            Images.file(disk, "dir/file", "new");
            Images.file(disk, "file", "new");
            Images.file(disk, "hard", "new");
        });
        Files.createDirectories(target);
        Files.createSymbolicLink(target.resolve("dir"), outside);
        Files.createSymbolicLink(target.resolve("file"), outside.resolve("file"));
        Files.createLink(target.resolve("hard"), outside.resolve("file"));

        extract(image);

        assertNothingOutside();
        assertThat(target.resolve("dir")).isDirectory().matches(path -> !Files.isSymbolicLink(path));
        assertThat(target.resolve("dir/file")).hasContent("new");
        assertThat(target.resolve("file")).hasContent("new").matches(path -> !Files.isSymbolicLink(path));
        assertThat(target.resolve("hard")).hasContent("new");
    }

    @Test
    void aLinkAndADirectoryOfTheSameNameLeadNowhere() throws Exception {
        Path image = image(disk -> {
            disk.symbolicLink("aaaa", Images.mode(0777), "bbbb");
            Images.file(disk, "cccc/file", "evil");
            disk.symbolicLink("bbbb", Images.mode(0777), "cccc");
        });
        Images.replace(image, "cccc", "aaaa");

        ExtractReport report = extract(image);

        assertNothingOutside();
        assertThat(report.skipped()).hasSize(1).first().asString().startsWith("/aaaa: its name is");
    }

    @Test
    void extractsTwiceToTheSamePlace() throws Exception {
        Path image = image(disk -> {
            disk.directory("dir", Images.mode(0555));
            Images.file(disk, "dir/file", "one");
            disk.hardLink("dir/name", "dir/file");
            disk.symbolicLink("link", Images.mode(0777), "dir");
        });
        extract(image);
        ExtractReport report = extract(image);

        assertThat(report.skipped()).isEmpty();
        assertThat(report.files()).isEqualTo(2);
        assertThat(target.resolve("dir/name")).hasContent("one");
    }

    @Test
    void aDirectoryInTheWayStays() throws Exception {
        Files.createDirectories(target.resolve("file"));
        ExtractReport report = extract(image(disk -> Images.file(disk, "file", "x")));

        assertThat(report.skipped()).containsExactly("/file: a directory is in its place");
    }

    @Test
    void linksThatLeadOutsideAreLeftOut() throws Exception {
        Path image = image(disk -> disk.symbolicLink("up", Images.mode(0777), "../outside")
                .symbolicLink("d/up", Images.mode(0777), "../../outside")
                .symbolicLink("d/in", Images.mode(0777), "../d")
                .symbolicLink("trick", Images.mode(0777), "d/in/../../outside")
                .symbolicLink("abs", Images.mode(0777), "/etc/passwd"));
        ExtractReport report = extract(image);

        assertThat(report.skippedTotal()).isEqualTo(4);
        assertThat(report.links()).isEqualTo(1);
        assertThat(Files.exists(target.resolve("up"), LinkOption.NOFOLLOW_LINKS))
                .isFalse();
    }

    @Test
    void linksCanBeLeftOut() throws Exception {
        Path image = image(disk -> disk.symbolicLink("link", Images.mode(0777), "x"));
        try (DiskReader disk = DiskReader.open(image)) {
            ExtractReport report =
                    disk.copyTo("/", target, new ExtractOptions(Selection.where(entry -> true), Links.SKIP));
            assertThat(report.skipped()).containsExactly("/link: a symbolic link");
        }
        assertThat(target.resolve("lost+found")).isDirectory();
    }

    @Test
    void namesThatLeadOutsideAreDamage() throws Exception {
        Path image = image(disk -> {
            Images.file(disk, "before", "x");
            Images.file(disk, "dir/aaXoutsideXevil", "evil");
            Images.file(disk, "dots", "evil");
        });
        Images.replace(image, "aaXoutsideXevil", "../outside/evil");
        ExtractReport report = extract(image);

        assertNothingOutside();
        assertThat(target.resolve("before")).exists();
        assertThat(report.skipped())
                .hasSize(1)
                .first()
                .asString()
                .matches("/dir: directory record at byte \\d+ has a name with a slash in it");
    }

    @Test
    void dotsInPlaceOfANameAreNotEntered() throws Exception {
        Path image = image(disk -> {
            Images.file(disk, "zz/evil", "evil");
            Images.file(disk, "qq/good", "good");
        });
        Images.replace(image, "zz", "..");
        extract(image);

        assertNothingOutside();
        assertThat(target.resolve("qq/good")).hasContent("good");
    }

    @Test
    void damageCostsOneEntry() throws Exception {
        Path image = image(disk -> {
            Images.file(disk, "a", Images.bytes(1, 50_000));
            Images.file(disk, "b", "good");
        });
        Images.patchInode(image, 12, 0x28, -1);
        ExtractReport report = extract(image);

        assertThat(report.skipped()).hasSize(1).first().asString().startsWith("/a: inode 12 at byte ");
        assertThat(target.resolve("a")).doesNotExist();
        assertThat(target.resolve("b")).hasContent("good");
    }

    @Test
    void aDirectoryInsideItselfIsEnteredOnce() throws Exception {
        Path image = image(disk -> {
            disk.directory("dir", Images.mode(0755));
            Images.file(disk, "dir/self", "x");
        });
        // The record is made to name the directory it stands in, inode 12.
        byte[] bytes = Files.readAllBytes(image);
        int record = new String(bytes, java.nio.charset.StandardCharsets.ISO_8859_1).indexOf("self") - 8;
        bytes[record] = 12;
        Files.write(image, bytes);

        assertThat(extract(image).skipped()).containsExactly("/dir/self: a directory that has another name");
    }

    @Test
    void specialFilesAreLeftOut() throws Exception {
        Path image = image(disk -> Images.file(disk, "null", ""));
        Images.patchInode(image, 12, 0, 0020666);

        assertThat(extract(image).skipped()).containsExactly("/null: a device");
        assertThat(target.resolve("null")).doesNotExist();
    }

    @Test
    void limitsEndIt() throws Exception {
        Path image = image(disk -> {
            Images.file(disk, "a/b/c/d", "12345");
            Images.file(disk, "e", "12345");
        });
        assertLimit(image, new ReadLimits(DataSize.ofBytes(9), 100, 100, 4096), "9");
        assertLimit(image, new ReadLimits(DataSize.ofBytes(10), 4, 100, 4096), "more than 4 entries");
        assertLimit(image, new ReadLimits(DataSize.ofBytes(10), 100, 2, 4096), "deeper than 2");
        assertLimit(image, new ReadLimits(DataSize.ofBytes(10), 100, 100, 9), "more than 9 bytes");
        try (DiskReader disk = DiskReader.open(image, new ReadLimits(DataSize.ofBytes(10), 6, 3, 10))) {
            assertThat(disk.copyTo(target).files()).isEqualTo(2);
        }
    }

    /** What fails at its end was copied all the same. */
    @Test
    void damagedContentCountsAgainstTheLimit() throws Exception {
        Path image = image(disk -> {
            for (String name : new String[] {"a", "b", "c"}) {
                Images.file(disk, name, Images.bytes(1, 12 * 1024));
            }
        });
        for (int inode = 12; inode < 15; inode++) {
            Images.patchInode(image, inode, 0x28 + 11 * 4, -1); // the last block
        }
        assertThat(extract(image).skipped()).hasSize(3);
        assertLimit(image, ReadLimits.DEFAULT.withBytes(DataSize.ofBytes(24 * 1024)), "/c, of 12288 bytes, would make");
    }

    private void assertLimit(Path image, ReadLimits limits, String message) throws IOException {
        try (DiskReader disk = DiskReader.open(image, limits)) {
            assertThatThrownBy(() -> disk.copyTo(target))
                    .isInstanceOf(DiskFormatException.class)
                    .hasMessageContaining(message);
        }
    }

    @Test
    void oneFileIsExtractedByItsName() throws Exception {
        Path image = image(disk -> Images.file(disk, "a/b/log", "12345"));
        try (DiskReader disk = DiskReader.open(image)) {
            disk.copyTo("/a/b/log", target, ExtractOptions.DEFAULT);
            disk.copyTo("/a", target, ExtractOptions.DEFAULT);
        }
        assertThat(target.resolve("log")).hasContent("12345");
        assertThat(target.resolve("b/log")).hasContent("12345");
    }

    @Test
    void anInterruptEndsIt() throws Exception {
        Path image = image(disk -> Images.file(disk, "file", "x"));
        try (DiskReader disk = DiskReader.open(image)) {
            Thread.currentThread().interrupt();
            assertThatThrownBy(() -> disk.copyTo(target)).isInstanceOf(InterruptedException.class);
            assertThat(Thread.currentThread().isInterrupted()).isFalse();
            assertThat(disk.copyTo(target).files()).isEqualTo(1);
        }
    }

    @Test
    void namesThatAreNoTextAreKept() throws Exception {
        Path image = image(disk -> {
            Images.file(disk, "dir/name-xx", "content");
            disk.symbolicLink("dir/link", Images.mode(0777), "name-xx");
        });
        Images.replace(image, "name-xx", "name-\u00ff\u00fe");
        assertThat(extract(image).skipped()).isEmpty();

        Path again = Images.create(dir.resolve("again.img"), "1M", disk -> disk.tree("/", target));
        Files.delete(target.resolve("dir/link"));
        try (DiskReader disk = DiskReader.open(again)) {
            assertThat(disk.list("/dir"))
                    .extracting(DiskEntry::path)
                    .containsExactly("/dir/link", "/dir/name-\ufffd\ufffd");
            assertThat(disk.readLink("/dir/link")).isEqualTo("name-\ufffd\ufffd");
        }
        assertThat(Files.readString(again, java.nio.charset.StandardCharsets.ISO_8859_1))
                .contains("name-\u00ff\u00fe");
    }

    @Test
    void oneFileReplacesAFile() throws Exception {
        Path image = image(disk -> Images.file(disk, "a/log", "12345"));
        try (DiskReader disk = DiskReader.open(image)) {
            Files.writeString(Files.createDirectories(target).resolve("log"), "old");
            ExtractReport report = disk.copyTo("/a/log", target, ExtractOptions.DEFAULT);
            assertThat(report.files()).isEqualTo(1);
            assertThat(report.skipped()).isEmpty();
        }
        assertThat(target.resolve("log")).hasContent("12345");
    }

    @Test
    void ofANameWrittenTwiceTheFirstIsExtracted() throws Exception {
        Path image = image(disk -> {
            Images.file(disk, "aaaa", "first");
            Images.file(disk, "bbbb", "second");
        });
        Images.replace(image, "bbbb", "aaaa");
        for (int i = 0; i < 2; i++) {
            assertThat(extract(image).skipped()).containsExactly("/aaaa: its name is, for this host, that of another");
            assertThat(target.resolve("aaaa")).hasContent("first");
        }
    }

    /** Nothing names them on this host in one go, yet they are there. */
    @Test
    void pathsThatAreLongerThanAnyOfTheHostAreExtracted() throws Exception {
        String deep = "a" + ("/" + "n".repeat(250)).repeat(20);
        Path image = image(disk -> {
            disk.directory(deep, Images.mode(0755));
            Images.file(disk, deep + "/file", "12345");
            Images.file(disk, "zz-result", "x");
        });
        ExtractReport report;
        try (DiskReader disk = DiskReader.open(image, ReadLimits.DEFAULT.withPathLength(6000))) {
            report = disk.copyTo(target);
        }
        assertThat(report.skipped()).isEmpty();
        assertThat(report.bytes()).isEqualTo(6);
        assertThat(report.directories()).isEqualTo(21);
        Path moved = dir.resolve("moved");
        for (int i = 0; i < 20; i++) {
            Files.move(target.resolve("a/" + "n".repeat(250)), moved, StandardCopyOption.ATOMIC_MOVE);
            remove(target.resolve("a"));
            Files.move(moved, target.resolve("a"), StandardCopyOption.ATOMIC_MOVE);
        }
        assertThat(target.resolve("a/file")).hasContent("12345");
        assertThat(target.resolve("zz-result")).hasContent("x");
        assertNothingOutside();
    }

    @Test
    void directoriesAsDeepAsAPathCanNameThemAreExtracted() throws Exception {
        String deep = "d" + "/d".repeat(2046);
        Path image = Images.create(dir.resolve("disk.img"), "16M", disk -> {
            disk.directory("d", Images.mode(0700));
            Images.file(disk, deep + "/f", "x");
            Images.file(disk, "d/d/f", "y");
            Images.file(disk, "d/e/f", "z");
        });
        ExtractReport report = extract(image);

        assertThat(report.skipped()).isEmpty();
        assertThat(report.files()).isEqualTo(3);
        assertThat(report.directories()).isEqualTo(2048);
        assertThat(Files.getLastModifiedTime(target.resolve("d")).toInstant()).isEqualTo(Images.TIME);
        assertThat(target.resolve("d/d/f")).hasContent("y");
        assertThat(target.resolve("d/e/f")).hasContent("z");
        remove(target);
        assertThat(target).doesNotExist();
    }

    @Test
    void aHostThatTakesNothingEndsIt() throws Exception {
        Path image = image(disk -> {
            Images.file(disk, "a", "x");
            Images.file(disk, "b", "x");
        });
        try (DiskReader disk = DiskReader.open(image)) {
            // What is extracted to goes away under the extraction's hands.
            ExtractOptions options = new ExtractOptions(
                    Selection.where(entry -> {
                        if (Files.exists(target)) {
                            delete(target);
                        }
                        return entry.path().equals("/b");
                    }),
                    Links.INSIDE);
            assertThatThrownBy(() -> disk.copyTo("/", target, options))
                    .isInstanceOf(IOException.class)
                    .hasMessageStartingWith("nothing more can be extracted to ");
        }
    }

    private static void delete(Path directory) {
        try (var all = Files.walk(directory)) {
            all.sorted(java.util.Comparator.reverseOrder())
                    .forEach(each -> assertThat(each.toFile().delete()).isTrue());
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Test
    void aHostWithoutMoreHardLinksGetsCopies() throws Exception {
        int most = 65_000; // of ext4; others have more, and link on
        Path image = image(disk -> {
            Images.file(disk, "a", "content");
            disk.hardLink("b", "a");
            disk.hardLink("c", "a");
        });
        Path links = Files.createDirectories(dir.resolve("links"));
        ExtractOptions options = new ExtractOptions(
                Selection.where(entry -> {
                    if (entry.path().equals("/b")) {
                        linkTo(target.resolve("a"), links, most - 2); // the extraction keeps one
                    }
                    return true;
                }),
                Links.INSIDE);
        try (DiskReader disk = DiskReader.open(image)) {
            ExtractReport report = disk.copyTo("/", target, options);
            assertThat(report.skipped()).isEmpty();
            assertThat(report.files()).isEqualTo(3);
        }
        assertThat(target.resolve("b")).hasContent("content");
        assertThat(Files.isSameFile(target.resolve("b"), target.resolve("c"))).isTrue();
    }

    private static void linkTo(Path file, Path links, int count) {
        try {
            for (int i = 0; i < count; i++) {
                Files.createLink(links.resolve(String.valueOf(i)), file);
            }
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    /** Removes a tree that is deeper than Java can name. */
    private static void remove(Path tree) throws Exception {
        Process rm =
                new ProcessBuilder("rm", "-rf", tree.toString()).inheritIO().start();
        assertThat(rm.waitFor()).isZero();
    }
}
