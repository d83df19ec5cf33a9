package dev.construir.disk.compress;

import static org.assertj.core.api.Assertions.assertThat;

import dev.construir.DataSize;
import dev.construir.disk.Ext2Tools;
import dev.construir.disk.write.Images;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is compressed is a file like any other to xz itself. */
class CompressedImageIT {
    private static final int ZEROS = 500_000;

    @TempDir
    Path dir;

    @ParameterizedTest
    @CsvSource({"0, 64K, 12", "1, 1M, 1", "6, 256K, 3", "9, 100K, 8"})
    void xzTestsListsAndUnpacksIt(int preset, String blockSize, int blocks) throws Exception {
        byte[] content = new byte[ZEROS + 250_001];
        System.arraycopy(Images.bytes(4, 250_001), 0, content, ZEROS, 250_001);
        Path disk = Files.write(dir.resolve("disk.img"), content);
        Path packed = dir.resolve("disk.img.xz");
        CompressedImage.write(
                disk, packed, CompressOptions.DEFAULT.withPreset(preset).withBlockSize(DataSize.parse(blockSize)));
        Files.delete(disk);

        assertThat(Ext2Tools.run("xz", "-t", packed.toString())).isEmpty();
        assertThat(Ext2Tools.run("xz", "--robot", "-l", packed.toString()).lines())
                .filteredOn(line -> line.startsWith("file\t"))
                .singleElement()
                .asString()
                .startsWith("file\t1\t" + blocks + "\t" + Files.size(packed) + "\t" + content.length + "\t")
                .contains("\tCRC64\t");
        Ext2Tools.run("xz", "-dk", "-T2", packed.toString());
        assertThat(disk).hasBinaryContent(content);
    }
}
