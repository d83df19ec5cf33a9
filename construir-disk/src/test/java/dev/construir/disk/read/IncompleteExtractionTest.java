package dev.construir.disk.read;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.construir.DataSize;
import dev.construir.disk.Attributes;
import dev.construir.disk.LimitException;
import dev.construir.disk.ReadLimits;
import dev.construir.disk.read.ExtractOptions.WhenIncomplete;
import dev.construir.disk.write.Images;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Extractions that end early, and how far they tell to be. */
class IncompleteExtractionTest {
    private static final ReadLimits FIVE_BYTES =
            ReadLimits.DEFAULT.withBytes(DataSize.ofBytes(5)).withEntries(100).withDepth(100);

    @TempDir
    Path dir;

    private Path image = Path.of("");
    private Path target = Path.of("");

    @BeforeEach
    void prepare() throws IOException {
        target = dir.resolve("target");
        image = Images.create(dir.resolve("disk.img"), "1M", disk -> {
            Images.file(disk, "dir/first", "12345");
            disk.directory("dir/closed", Images.mode(0555));
            Images.file(disk, "dir/closed/empty", "");
            Images.file(disk, "second", "12345");
        });
    }

    private List<String> names() throws IOException {
        try (var all = Files.walk(target)) {
            return all.map(each -> target.relativize(each).toString()).sorted().toList();
        }
    }

    @Test
    void whatIsCompleteStaysBesideAMark() throws Exception {
        try (DiskReader disk = DiskReader.open(image, FIVE_BYTES)) {
            assertThatThrownBy(() -> disk.copyTo(target))
                    .isInstanceOf(LimitException.class)
                    .hasMessageEndingWith("; what was extracted by then stays: 2 files");
        }
        assertThat(names())
                .containsExactly("", ExtractTarget.MARK, "dir", "dir/closed", "dir/closed/empty", "dir/first");

        try (DiskReader disk = DiskReader.open(image)) {
            assertThat(disk.copyTo(target).files()).isEqualTo(3);
        }
        assertThat(names()).doesNotContain(ExtractTarget.MARK).contains("second");
    }

    @Test
    void whatWasMadeIsRemovedAndWhatWasThereStays() throws Exception {
        Files.createDirectories(target.resolve("dir"));
        Files.writeString(target.resolve("dir/mine"), "x");
        ExtractOptions options = ExtractOptions.DEFAULT.withWhenIncomplete(WhenIncomplete.REMOVE);
        try (DiskReader disk = DiskReader.open(image, FIVE_BYTES)) {
            assertThatThrownBy(() -> disk.copyTo("/", target, options))
                    .isInstanceOf(LimitException.class)
                    .hasMessageEndingWith("; what was extracted by then was removed");
            assertThat(names()).containsExactly("", "dir", "dir/mine");

            Path fresh = dir.resolve("fresh");
            assertThatThrownBy(() -> disk.copyTo("/", fresh, options)).isInstanceOf(LimitException.class);
            assertThat(fresh).doesNotExist();
        }
    }

    @Test
    void aGuestCannotHaveTheMarksName() throws Exception {
        Path forged =
                Images.create(dir.resolve("forged.img"), "1M", disk -> Images.file(disk, ExtractTarget.MARK, "x"));
        try (DiskReader disk = DiskReader.open(forged)) {
            assertThat(disk.copyTo(target).skipped())
                    .hasSize(1)
                    .first()
                    .asString()
                    .contains("the mark");
        }
        assertThat(names()).containsExactly("");
    }

    @Test
    void aLinkInThePlaceOfTheMarkEndsIt() throws Exception {
        Files.createSymbolicLink(Files.createDirectories(target).resolve(ExtractTarget.MARK), dir);
        try (DiskReader disk = DiskReader.open(image)) {
            assertThatThrownBy(() -> disk.copyTo(target))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("is in the way of an extraction");
        }
    }

    @Test
    void theListenerHearsTheEndAndMayEndItEarlier() throws Exception {
        List<ExtractProgress> heard = new ArrayList<>();
        try (DiskReader disk = DiskReader.open(image)) {
            disk.copyTo("/", target, ExtractOptions.DEFAULT.withProgress(heard::add));
            assertThat(heard).last().isEqualTo(new ExtractProgress(3, 2, 0, 10));

            ExtractOptions throwing = ExtractOptions.DEFAULT.withProgress(progress -> {
                throw new IllegalStateException("no more");
            });
            assertThatThrownBy(() -> disk.copyTo("/", target, throwing)).hasMessage("no more");
        }
        assertThat(target.resolve(ExtractTarget.MARK)).isEmptyDirectory();
    }

    @Test
    void theListenerIsNotCalledTooOften() {
        AtomicLong nanos = new AtomicLong();
        List<ExtractProgress> heard = new ArrayList<>();
        ExtractionCounter tally = new ExtractionCounter(heard::add, nanos::get);
        for (int i = 0; i < 1000; i++) {
            nanos.addAndGet(1_000_000);
            tally.progress(i);
        }
        assertThat(heard).hasSize(10).first().isEqualTo(new ExtractProgress(0, 0, 0, 99));
    }

    @Test
    void ownersAndStickyBitsAreReported() throws Exception {
        Path owned = Images.create(dir.resolve("owned.img"), "1M", disk -> {
            disk.directory("tmp", Images.mode(01777));
            disk.file(
                    "theirs", new Attributes(0644, 1000, 1000, Images.TIME), 0, java.io.InputStream.nullInputStream());
        });
        try (DiskReader disk = DiskReader.open(owned)) {
            ExtractReport report = disk.copyTo(target);
            assertThat(report.foreign()).isEqualTo(1);
            assertThat(report.skipped()).containsExactly("/tmp: its sticky bit");
        }
    }

    @Test
    void moreDirectoriesInsideEachOtherThanMayBeOpenAreExtracted() throws Exception {
        String deep = "a" + "/b".repeat(200);
        Path image200 = Images.create(dir.resolve("deep.img"), "4M", disk -> {
            disk.directory("a", Images.mode(0755));
            disk.directory("a/b", Images.mode(0755));
            disk.directory(deep, Images.mode(0755));
            Images.file(disk, deep + "/file", "x");
            Images.file(disk, "a/b/file", "x");
        });
        try (DiskReader disk = DiskReader.open(image200)) {
            ExtractReport report = disk.copyTo(target);
            assertThat(report.skipped()).isEmpty();
            assertThat(report.directories()).isEqualTo(201);
        }
        assertThat(target.resolve(deep + "/file")).exists();
        assertThat(target.resolve("a/b/file")).exists();
        assertThat(Files.getLastModifiedTime(target.resolve("a/b")).toInstant()).isEqualTo(Images.TIME);
    }

    @Test
    void noDirectoryStaysOpen() throws Exception {
        Path deep = Images.create(dir.resolve("deep.img"), "4M", disk -> {
            for (int i = 0; i < 9; i++) {
                Images.file(disk, "d" + i + "/a/b/c/file", "x");
            }
        });
        for (WhenIncomplete fate : WhenIncomplete.values()) {
            ExtractOptions options = ExtractOptions.DEFAULT.withWhenIncomplete(fate);
            for (int i = 0; i < 9; i++) {
                Files.createDirectories(target.resolve("d" + i + "/a/b"));
            }
            try (DiskReader disk = DiskReader.open(deep, FIVE_BYTES)) {
                List<String> before = openBelow(target);
                assertThatThrownBy(() -> disk.copyTo("/", target, options)).isInstanceOf(LimitException.class);
                assertThat(openBelow(target)).isEqualTo(before).isEmpty();
            }
        }
    }

    /** Returns what this process has open in a directory. */
    private static List<String> openBelow(Path directory) throws IOException {
        List<String> found = new ArrayList<>();
        try (var all = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
            for (Path each : all) {
                String open = Files.exists(each, LinkOption.NOFOLLOW_LINKS)
                        ? Files.readSymbolicLink(each).toString()
                        : "";
                if (open.startsWith(directory.toString())) {
                    found.add(open);
                }
            }
        }
        return found;
    }

    @Test
    void whatTookThePlaceOfWhatWasMadeIsNotRemoved() throws Exception {
        Files.createDirectories(target);
        Selection replacing = Selection.where(entry -> {
            if (entry.path().equals("/second")) {
                replace("dir", "dir/mine");
                replace("above", "above");
            }
            return true;
        });
        Path disk = Images.create(dir.resolve("other.img"), "1M", builder -> {
            Images.file(builder, "above", "");
            Images.file(builder, "dir/first", "12345");
            Images.file(builder, "second", "12345");
        });
        ExtractOptions options =
                new ExtractOptions(replacing, ExtractOptions.Links.INSIDE).withWhenIncomplete(WhenIncomplete.REMOVE);
        try (DiskReader reader = DiskReader.open(disk, FIVE_BYTES)) {
            assertThatThrownBy(() -> reader.copyTo("/", target, options)).isInstanceOf(LimitException.class);
        }
        assertThat(names()).containsExactly("", "above", "dir", "dir/mine");
    }

    private void replace(String made, String own) {
        try {
            Files.move(target.resolve(made), dir.resolve("moved-" + made));
            Files.createDirectories(target.resolve(own).getParent());
            Files.writeString(target.resolve(own), "x");
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
