package dev.construir.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.construir.DataSize;
import dev.construir.DiskFormatException;
import dev.construir.disk.Attributes;
import dev.construir.disk.read.DiskReader;
import dev.construir.disk.write.DiskOptions;
import dev.construir.disk.write.JobDisk;
import dev.construir.format.ForeignFormat;
import dev.construir.job.Job;
import dev.construir.partition.Partitioned;
import dev.construir.qcow2.Qcow2Maker;
import java.io.ByteArrayInputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.XZOutputStream;

/** What a disk that is named as a root, or as a job, may hold. */
class RootDiskTest {
    @TempDir
    Path dir;

    private Path file(String name, long at, String hex) throws Exception {
        byte[] bytes = new byte[128 << 10];
        byte[] mark = HexFormat.of().parseHex(hex);
        System.arraycopy(mark, 0, bytes, (int) at, mark.length);
        return Files.write(dir.resolve(name), bytes);
    }

    private byte[] fileSystem() throws Exception {
        Path image = dir.resolve("third.ext");
        byte[] content = "third".getBytes(StandardCharsets.UTF_8);
        JobDisk.create(
                image,
                DiskOptions.of(DataSize.ofKibibytes(128)),
                disk -> disk.file(
                        "which",
                        Attributes.ofRoot(0644, Instant.EPOCH),
                        content.length,
                        new ByteArrayInputStream(content)));
        return Files.readAllBytes(image);
    }

    @ParameterizedTest
    @ValueSource(strings = {"disk.img", "disk.QCOW2.qcow2", "disk.qcow2"})
    void theFilesOfARootAreReadWithoutAMachine(String name) throws Exception {
        byte[] disk = new Partitioned(2000)
                .gpt(40, 99, 100, 355, 1000, 1255)
                .put(1000, fileSystem())
                .bytes();
        Path file = name.endsWith(".qcow2")
                ? new Qcow2Maker().clusterBits(9).compressed().make(dir.resolve(name), disk)
                : Files.write(dir.resolve(name), disk);

        try (DiskReader files = RootImage.at(file).contents().files()) {
            assertThat(files.open("/which").readAllBytes()).asString().isEqualTo("third");
        }
    }

    @Test
    void aPackedRootIsToBeUnpacked() throws Exception {
        Path root = dir.resolve("root.qcow2.xz");
        try (OutputStream out = new XZOutputStream(Files.newOutputStream(root), new LZMA2Options(1))) {
            out.write(new Qcow2Maker().make(fileSystem()));
        }

        assertThatThrownBy(() -> RootImage.at(root))
                .isInstanceOf(BadImageException.class)
                .hasMessageContaining("compressed by xz; unpack it: xz -dc");
    }

    @Test
    void aDeclarationThatIsWrongIsCalledSo() throws Exception {
        Path gzip = file("a.qcow2", 0, "1f8b08");
        assertThatThrownBy(() -> RootImage.at(gzip)).hasMessageContaining("it is declared qcow2, and it is compressed");
        Path vdi = file("root.img", 64, "7f10dabe");
        assertThatThrownBy(() -> RootImage.at(vdi)).hasMessageContaining("it is declared raw, and it is a VDI image");
    }

    @Test
    void whatMachinesBootIsNotRefusedAsARoot() throws Exception {
        Path root = file("root.img", 0, "58465342"); // XFS
        byte[] disk = Files.readAllBytes(root);
        disk[510] = 0x55;
        disk[511] = (byte) 0xaa;
        Files.write(root, disk);

        assertThat(ForeignFormat.of(root)).contains(ForeignFormat.XFS);
        assertThat(RootImage.at(root).disk()).isEqualTo(root);
    }

    @ParameterizedTest
    @CsvSource({
        "0, 1f8b0800, compressed by gzip",
        "0, fd377a585a000004, compressed by xz",
        "0, 504b0304, a zip archive",
        "257, 7573746172, a tar archive",
        "0, 514649fb00000003, a qcow2 image",
        "0, 4b444d56, a VMDK image",
        "0, 58465342, an XFS file system",
        "0, 7f454c46, a program"
    })
    void aJobOfAnotherFormatIsCalledByItsName(long at, String hex, String what) throws Exception {
        Path file = file("some.img", at, hex);

        assertThatThrownBy(() -> Job.fromImage(file).createDisk(dir.resolve("job"), DataSize.ofMebibytes(8)))
                .isInstanceOf(DiskFormatException.class)
                .hasMessageContaining("it is " + what + "; ");
    }
}
