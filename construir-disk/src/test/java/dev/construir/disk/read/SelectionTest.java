package dev.construir.disk.read;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.construir.DataSize;
import dev.construir.DiskFormatException;
import dev.construir.disk.DiskEntry;
import dev.construir.disk.ReadLimits;
import dev.construir.disk.read.ExtractOptions.Links;
import dev.construir.disk.write.DiskBuilder;
import dev.construir.disk.write.Images;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is extracted, and which directories are made for it. */
class SelectionTest {
    @TempDir
    Path dir;

    private Path target = Path.of("");
    private Path image = Path.of("");

    @BeforeEach
    void make() throws IOException {
        target = dir.resolve("target");
        image = Images.create(dir.resolve("disk.img"), "1M", SelectionTest::content);
    }

    private static void content(DiskBuilder disk) throws IOException {
        disk.directory("src", Images.mode(0750));
        Images.file(disk, "src/a.c", "a");
        Images.file(disk, "src/deep/er/b.c", "b");
        Images.file(disk, "build/x.o", "x");
        Images.file(disk, "build/lib/y.o", "y");
        disk.directory("build/empty", Images.mode(0755));
        disk.symbolicLink("build/link", Images.mode(0777), "x.o");
        Images.file(disk, "log", "log");
    }

    private ExtractReport extract(Selection selection) throws IOException, InterruptedException {
        try (DiskReader disk = DiskReader.open(image)) {
            return disk.copyTo("/", target, new ExtractOptions(selection, Links.INSIDE));
        }
    }

    private ExtractReport extract(String... globs) throws IOException, InterruptedException {
        return extract(Selection.matching(List.of(globs)));
    }

    private List<String> extracted() throws IOException {
        try (var paths = Files.walk(target)) {
            return paths.map(path -> target.relativize(path).toString())
                    .filter(path -> !path.isEmpty())
                    .sorted()
                    .toList();
        }
    }

    @Test
    void directoriesAreMadeForWhatIsInThem() throws Exception {
        ExtractReport report = extract("**/b.c");
        assertThat(extracted()).containsExactly("src", "src/deep", "src/deep/er", "src/deep/er/b.c");
        assertThat(report.directories()).isEqualTo(3);
        assertThat(report.files()).isEqualTo(1);
        assertThat(report.unmatched()).isEmpty();
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(target.resolve("src"))))
                .isEqualTo("rwxr-x---");
        assertThat(Files.getLastModifiedTime(target.resolve("src")).toInstant()).isEqualTo(Images.TIME);
    }

    @Test
    void aDirectoryThatIsMatchedComesWithAllInIt() throws Exception {
        extract("build");
        assertThat(extracted())
                .containsExactly("build", "build/empty", "build/lib", "build/lib/y.o", "build/link", "build/x.o");
    }

    @Test
    void aDirectoryThatIsNotMatchedStaysAway() throws Exception {
        extract("build/*.o", "log");
        assertThat(extracted()).containsExactly("build", "build/x.o", "log");
    }

    @Test
    void whatMatchedNothingIsTold() throws Exception {
        ExtractReport report = extract("build", "build/lib/y.o", "*.jar", "src/*.c", "src/*.h");
        assertThat(report.unmatched()).containsExactly("*.jar", "src/*.h");
        assertThat(target.resolve("build/lib/y.o")).hasContent("y");
        assertThat(extract("nothing/**").unmatched()).containsExactly("nothing/**");
        // A selection can be used again.
        Selection selection = Selection.matching(List.of("log"));
        assertThat(extract(selection).unmatched()).isEmpty();
        try (DiskReader disk = DiskReader.open(image)) {
            ExtractReport below = disk.copyTo("/src", target, new ExtractOptions(selection, Links.INSIDE));
            assertThat(below.unmatched()).containsExactly("log");
            ExtractReport one = disk.copyTo("/log", target, new ExtractOptions(selection, Links.INSIDE));
            assertThat(one.unmatched()).isEmpty();
        }
    }

    @Test
    void globsAreRelativeToWhatIsExtracted() throws Exception {
        try (DiskReader disk = DiskReader.open(image)) {
            Selection objects = Selection.matching(List.of("*.o"));
            assertThat(disk.copyTo("/build", target, new ExtractOptions(objects, Links.INSIDE))
                            .unmatched())
                    .isEmpty();
        }
        assertThat(extracted()).containsExactly("x.o");
    }

    @Test
    void someCanBeLeftOut() throws Exception {
        extract(Selection.ALL.except("/build", "/src/a.c", "/build"));
        assertThat(extracted()).containsExactly("log", "src", "src/deep", "src/deep/er", "src/deep/er/b.c");
    }

    @Test
    void aLinkInPlaceOfADirectoryThatIsMadeLateIsNotFollowed() throws Exception {
        Path outside = Files.createDirectories(dir.resolve("outside"));
        Files.createDirectories(target.resolve("src"));
        Files.createSymbolicLink(target.resolve("src/deep"), outside);
        extract("src/deep/er/b.c");
        assertThat(outside).isEmptyDirectory();
        assertThat(target.resolve("src/deep")).isDirectory().matches(path -> !Files.isSymbolicLink(path));
        assertThat(target.resolve("src/deep/er/b.c")).hasContent("b");
    }

    @Test
    void aDirectoryThatTheHostRefusesIsReportedOnce() throws Exception {
        image = Images.create(dir.resolve("twins.img"), "1M", disk -> {
            Images.file(disk, "aaaa", "first");
            Images.file(disk, "bbbb/one/x", "x");
            Images.file(disk, "bbbb/two", "x");
        });
        Images.replace(image, "bbbb", "aaaa");
        ExtractReport report = extract(Selection.where(entry -> entry.kind() == DiskEntry.Kind.FILE));
        assertThat(report.skipped()).containsExactly("/aaaa: its name is, for this host, that of another");
        assertThat(extracted()).containsExactly("aaaa");
    }

    @Test
    void nothingIsChangedUntilItIs() throws Exception {
        DiskSnapshot before = snapshot();
        extract(Selection.changedSince(before));
        assertThat(extracted()).isEmpty();

        try (DiskReader disk = DiskReader.open(image)) {
            int changeTime = 0x0c;
            int log = (int) disk.find("/log").orElseThrow().inode();
            Images.patchInode(image, log, changeTime, 1_700_000_000);
            int generation = 0x64;
            int object = (int) disk.find("/build/x.o").orElseThrow().inode();
            Images.patchInode(image, object, generation, 5);
            // Only what is in it changed.
            int directory = (int) disk.find("/src").orElseThrow().inode();
            Images.patchInode(image, directory, changeTime, 1_700_000_000);
        }
        extract(Selection.changedSince(before));
        assertThat(extracted()).containsExactly("build", "build/x.o", "log");
    }

    @Test
    void whatHasAnotherPathIsChangedWithAllInIt() throws Exception {
        DiskSnapshot before = snapshot();
        Images.replace(image, "deep", "DEEP");
        extract(Selection.changedSince(before));
        assertThat(extracted()).containsExactly("src", "src/DEEP", "src/DEEP/er", "src/DEEP/er/b.c");
    }

    @Test
    void ofAnUnknownDiskEverythingIsChanged() throws Exception {
        extract(Selection.changedSince(DiskSnapshot.EMPTY).except("/lost+found"));
        assertThat(extracted()).hasSize(12).contains("build/empty", "build/link", "src/a.c");
    }

    @Test
    void aDiskThatIsDamagedOrTooBigHasNoSnapshot() throws Exception {
        try (DiskReader disk = DiskReader.open(image, new ReadLimits(DataSize.ofBytes(0), 12, 100, 4096))) {
            assertThatThrownBy(disk::snapshot)
                    .isInstanceOf(DiskFormatException.class)
                    .hasMessageContaining("more than 12 entries");
        }
        try (DiskReader disk = DiskReader.open(image, new ReadLimits(DataSize.ofBytes(0), 100, 2, 4096))) {
            assertThatThrownBy(disk::snapshot).hasMessageContaining("/src/deep/er is deeper than 2");
        }
        HostileDisk.withDirectories(dir.resolve("hostile.img"), HostileDisk.Records.UNUSED, 2);
        try (DiskReader disk = DiskReader.open(dir.resolve("hostile.img"))) {
            assertThatThrownBy(disk::snapshot).isInstanceOf(DiskFormatException.class);
        }
    }

    @Test
    void anInterruptEndsASnapshot() throws Exception {
        try (DiskReader disk = DiskReader.open(image)) {
            Thread.currentThread().interrupt();
            assertThatThrownBy(disk::snapshot).isInstanceOf(ClosedByInterruptException.class);
            assertThat(Thread.interrupted()).isTrue();
        }
    }

    private DiskSnapshot snapshot() throws IOException {
        try (DiskReader disk = DiskReader.open(image)) {
            return disk.snapshot();
        }
    }
}
