package dev.construir.disk.read;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.construir.DataSize;
import dev.construir.DiskFormatException;
import dev.construir.disk.LimitException;
import dev.construir.disk.ReadLimits;
import dev.construir.disk.read.ExtractOptions.WhenIncomplete;
import dev.construir.disk.write.Images;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Many small files, which two threads copy. */
class FilePrefetcherTest {
    private static final int DIRECTORIES = 12;
    private static final int FILES = 30;
    private static final int DAMAGED = 7;

    @TempDir
    Path dir;

    private Path image = Path.of("");
    private Path target = Path.of("");

    /** Directories within directories, each with files before and behind the next one. */
    @BeforeEach
    void prepare() throws IOException {
        target = dir.resolve("target");
        image = Images.create(dir.resolve("disk.img"), "8M", disk -> {
            for (int i = 0; i < DIRECTORIES; i++) {
                for (int j = 0; j < FILES; j++) {
                    Images.file(disk, path(i, j), content(i, j));
                }
            }
        });
    }

    private static String path(int directory, int file) {
        // In the order of their names, half of the files come before the directory.
        return "m/".repeat(directory) + (file < FILES / 2 ? "a" : "z") + file;
    }

    private static byte[] content(int directory, int file) {
        return Images.bytes(directory * FILES + file, 10 + file * 100);
    }

    private List<Path> extracted() throws IOException {
        try (Stream<Path> all = Files.walk(target)) {
            return all.filter(Files::isRegularFile).toList();
        }
    }

    private static void assertNoThreadIsLeft() {
        assertThat(Thread.getAllStackTraces().keySet())
                .extracting(Thread::getName)
                .doesNotContain("construir-extract");
    }

    @Test
    void eachIsWhole() throws Exception {
        try (DiskReader disk = DiskReader.open(image)) {
            ExtractReport report = disk.copyTo(target);
            assertThat(report.files()).isEqualTo(DIRECTORIES * FILES);
            assertThat(report.skippedTotal()).isZero();
        }
        for (int i = 0; i < DIRECTORIES; i++) {
            for (int j = 0; j < FILES; j++) {
                Path file = target.resolve(path(i, j));
                assertThat(file).hasBinaryContent(content(i, j));
                assertThat(Files.getLastModifiedTime(file).toInstant()).isEqualTo(Images.TIME);
            }
        }
        assertThat(target.resolve(ExtractTarget.MARK)).doesNotExist();
        assertNoThreadIsLeft();
    }

    @Test
    void damageIsReportedInTheOrderOfTheDisk() throws Exception {
        String[] damaged = new String[DAMAGED];
        try (DiskReader disk = DiskReader.open(image)) {
            for (int i = 0; i < DAMAGED; i++) {
                damaged[i] = "/" + path(i, i);
                long inode = disk.find(damaged[i]).orElseThrow().inode();
                Images.patchInode(image, inode, 40, 0x7fffffff); // its first block
            }
        }
        List<String> first = damageOf(dir.resolve("first"));
        assertThat(first).hasSize(DAMAGED);
        for (int i = 0; i < DAMAGED; i++) {
            assertThat(first.get(i)).startsWith(damaged[i] + ": ");
        }
        assertThat(damageOf(dir.resolve("second"))).isEqualTo(first);
    }

    private List<String> damageOf(Path to) throws Exception {
        try (DiskReader disk = DiskReader.open(image)) {
            ExtractReport report = disk.copyTo(to);
            assertThat(report.files()).isEqualTo(DIRECTORIES * FILES - DAMAGED);
            return report.skipped();
        }
    }

    @Test
    void noneTooManyIsThereWhenALimitEndsIt() throws Exception {
        try (DiskReader all = DiskReader.open(image)) {
            assertThat(all.copyTo(target).files()).isEqualTo(DIRECTORIES * FILES);
        }
        int some = 200;
        ReadLimits entries = ReadLimits.DEFAULT.withEntries(some);
        target = dir.resolve("some");
        try (DiskReader disk = DiskReader.open(image, entries)) {
            assertThatThrownBy(() -> disk.copyTo(target)).isInstanceOf(LimitException.class);
            assertThat(extracted()).hasSizeBetween(some - DIRECTORIES, some);
            assertThat(target.resolve(ExtractTarget.MARK)).isEmptyDirectory();

            target = dir.resolve("none");
            ExtractOptions options = ExtractOptions.DEFAULT.withWhenIncomplete(WhenIncomplete.REMOVE);
            assertThatThrownBy(() -> disk.copyTo("/", target, options)).isInstanceOf(LimitException.class);
            assertThat(target).doesNotExist();
        }
        assertNoThreadIsLeft();
    }

    /** As many as there is room for, though others were copied ahead of them. */
    @Test
    void aLimitOfBytesIsExact() throws Exception {
        long half = 0;
        for (int j = 0; j < FILES / 2; j++) {
            half += content(0, j).length;
        }
        ReadLimits bytes = ReadLimits.DEFAULT.withBytes(DataSize.ofBytes(half));
        try (DiskReader disk = DiskReader.open(image, bytes)) {
            assertThatThrownBy(() -> disk.copyTo(target))
                    .isInstanceOf(DiskFormatException.class)
                    .hasMessageContaining("would make it more than");
        }
        assertThat(extracted()).hasSize(FILES / 2);
    }
}
