package dev.construir.disk.read;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.construir.DataSize;
import dev.construir.DiskFormatException;
import dev.construir.disk.LimitException;
import dev.construir.disk.ReadLimits;
import dev.construir.disk.read.HostileDisk.Records;
import dev.construir.disk.write.Images;
import dev.construir.ext.Layout;
import dev.construir.thread.InterruptPolicy;
import dev.construir.volume.BlockSet;
import dev.construir.volume.DirectoryBudget;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(value = 60, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class HostileDirectoryTest {
    private static final ReadLimits LIMITS = new ReadLimits(DataSize.ofGibibytes(1), 1000, 10, 4096);

    @TempDir
    Path dir;

    private Path image = Path.of("");

    @BeforeEach
    void name() {
        image = dir.resolve("disk.img");
    }

    @Test
    void aFileOnADiskWhoseRootIsEndlessIsFoundMissingAtOnce() throws Exception {
        HostileDisk.withRoot(image, Records.UNUSED);
        try (DiskReader disk = DiskReader.open(image)) {
            assertThatThrownBy(() -> disk.find("/construir.status"))
                    .isInstanceOf(DiskFormatException.class)
                    .hasMessageContaining("which a directory has already");
            assertThat(disk.find("/empty")).isPresent();
        }
    }

    @Test
    void endlessDirectoriesTakeNoTime() throws Exception {
        HostileDisk.withDirectories(image, Records.UNUSED, 10);
        try (DiskReader disk = DiskReader.open(image)) {
            ExtractReport report = disk.copyTo(dir.resolve("target"));

            assertThat(report.skipped()).hasSize(10).allMatch(text -> text.matches("/d\\d: .*has already"));
            assertThat(report.files()).isEqualTo(2);
        }
    }

    @Test
    void endlessNamesTakeNoMemory() throws Exception {
        HostileDisk.withDirectories(image, Records.ONE_NAME, 1);
        try (DiskReader disk = DiskReader.open(image)) {
            ExtractReport report = disk.copyTo("/d0", dir.resolve("target"), ExtractOptions.DEFAULT);

            assertThat(report.files()).isEqualTo(1);
            assertThat(report.skippedTotal()).isEqualTo(340);
        }
    }

    @Test
    void aDirectoryWithoutNamesIsInterrupted() throws Exception {
        HostileDisk.withDirectories(image, Records.UNUSED, 1);
        try (DiskReader disk = DiskReader.open(image)) {
            Thread.currentThread().interrupt();
            assertThatThrownBy(() -> disk.copyTo("/d0", dir.resolve("target"), ExtractOptions.DEFAULT))
                    .isInstanceOf(InterruptedException.class);
        }
    }

    @Test
    void manySpellingsOfOneNameAreComparedWithFew() throws Exception {
        Images.create(image, "16M", disk -> {
            for (int i = 0; i < 1 << 11; i++) {
                StringBuilder name = new StringBuilder("abcdefghijk");
                for (int bit = 0; bit < 11; bit++) {
                    if ((i >> bit & 1) != 0) {
                        name.setCharAt(bit, (char) (name.charAt(bit) - 'a' + 'A'));
                    }
                }
                Images.file(disk, name.toString(), "");
            }
        });
        Path target = dir.resolve("target");
        try (DiskReader disk = DiskReader.open(image)) {
            assertThat(disk.copyTo(target).files()).isEqualTo(1 << 11);
            assertThat(disk.copyTo(target).files()).isBetween(64L, 66L);
        }
    }

    @Test
    void aDirectoryHasNoMoreBlocksThanItsEntriesNeed() throws Exception {
        DirectoryBudget budget = new DirectoryBudget(Layout.of(1L << 30).geometry(), LIMITS, InterruptPolicy.IGNORED);
        budget.step(1024 + 1000 * 264 / 4096 - 1, "inode 12");

        assertThatThrownBy(() -> budget.step(1024 + 1000 * 264 / 4096, "inode 12"))
                .isInstanceOf(LimitException.class)
                .hasMessageContaining("inode 12, a directory, has more than 1088 blocks");
    }

    @Test
    void allDirectoriesHaveNoMoreBlocksThanAllEntriesNeed() {
        DirectoryBudget budget = new DirectoryBudget(Layout.of(1L << 30).geometry(), LIMITS, InterruptPolicy.IGNORED);

        assertThatThrownBy(() -> {
                    for (int i = 0; i <= 2 * 1088 + 1000; i++) {
                        budget.step(0, "inode " + i);
                    }
                })
                .isInstanceOf(LimitException.class)
                .hasMessageContaining("inode 3176 is among the last");
    }

    @Test
    void everyStepLooksAtInterrupts() throws Exception {
        var geometry = Layout.of(1L << 30).geometry();
        Thread.currentThread().interrupt();
        try {
            new DirectoryBudget(geometry, LIMITS, InterruptPolicy.IGNORED).step(0, "inode 2");
            assertThatThrownBy(
                            () -> new DirectoryBudget(geometry, LIMITS, InterruptPolicy.RESPECTED).step(0, "inode 2"))
                    .isInstanceOf(ClosedByInterruptException.class);
        } finally {
            assertThat(Thread.interrupted()).isTrue();
        }
    }

    @Test
    void blocksAreRememberedWhereverTheyAre() {
        BlockSet blocks = new BlockSet();
        for (long block : new long[] {0, 1, 1023, 1024, 1L << 40}) {
            assertThat(blocks.add(block)).isTrue();
            assertThat(blocks.add(block)).isFalse();
        }
    }

    @Test
    void oneDamagedBlockOfTheRootCostsItsEntries() throws Exception {
        Images.create(image, "1M", disk -> {
            for (int i = 100; i < 200; i++) {
                Images.file(disk, "result-with-a-long-name-" + i, "x");
            }
        });
        damageRecord("result-with-a-long-name-110");
        try (DiskReader disk = DiskReader.open(image)) {
            ExtractReport report = disk.copyTo(dir.resolve("target"));

            assertThat(report.skipped())
                    .hasSize(1)
                    .first()
                    .asString()
                    .matches("/: directory record at byte \\d+ has an impossible length, 0");
            assertThat(report.files()).isBetween(70L, 99L);
            assertThat(dir.resolve("target/result-with-a-long-name-109")).exists();
            assertThat(dir.resolve("target/result-with-a-long-name-199")).exists();
        }
    }

    @Test
    void aRootOfImpossibleSizeIsReported() throws Exception {
        Images.create(image, "1M", disk -> Images.file(disk, "file", "x"));
        Images.patchInode(image, 2, 4, 1000);
        try (DiskReader disk = DiskReader.open(image)) {
            assertThat(disk.copyTo(dir.resolve("target")).skipped())
                    .hasSize(1)
                    .first()
                    .asString()
                    .endsWith("a directory, has an impossible size, 1000");
        }
    }

    private void damageRecord(String name) throws IOException {
        byte[] bytes = Files.readAllBytes(image);
        int at = new String(bytes, java.nio.charset.StandardCharsets.ISO_8859_1).indexOf(name) - 4;
        bytes[at] = 0;
        bytes[at + 1] = 0;
        Files.write(image, bytes);
    }
}
