package dev.construir.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.construir.DataSize;
import dev.construir.DiskFormatException;
import dev.construir.disk.Attributes;
import dev.construir.disk.read.DiskImage;
import dev.construir.disk.write.DiskOptions;
import dev.construir.disk.write.JobDisk;
import dev.construir.partition.Partitioned;
import dev.construir.qcow2.Qcow2Maker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Files that are taken for disks by mistake are called by their names, with what to do. */
class ForeignFormatTest {
    @TempDir
    Path dir;

    private Path file(String name, long at, String hex) throws IOException {
        return Files.write(dir.resolve(name), bytes(at, hex, 128 << 10));
    }

    private static byte[] bytes(long at, String hex, int size) {
        byte[] bytes = new byte[size];
        byte[] mark = HexFormat.of().parseHex(hex);
        System.arraycopy(mark, 0, bytes, (int) (at < 0 ? size + at : at), mark.length);
        return bytes;
    }

    // Places and bytes as the formats' own specifications have them.
    @ParameterizedTest(name = "{2}")
    @CsvSource({
        "0, 1f8b0800, GZIP, gzip -dc",
        "0, 425a68393141592653590000, BZIP2, bzip2 -dc",
        "0, fd377a585a000004, XZ, xz -dc",
        "0, 5d00008000ffffffffffffffff00, LZMA, xz -dc",
        "0, 28b52ffd, ZSTD, zstd -dc",
        "0, 502a4d1804000000, ZSTD, zstd -dc",
        "0, 04224d18, LZ4, lz4 -dc",
        "0, 02214c18, LZ4, lz4 -dc",
        "0, 4c5a495001, LZIP, lzip -dc",
        "0, 894c5a4f000d0a1a0a, LZOP, lzop -dc",
        "0, 1f9d90, COMPRESS, gzip -dc",
        "0, 504b0304, ZIP, unzip",
        "0, 504b0506, ZIP, unzip",
        "0, 377abcaf271c, SEVEN_ZIP, 7z x",
        "0, 526172211a0701, RAR, unrar x",
        "0, 303730373031, CPIO, cpio -i",
        "0, c771, CPIO, cpio -i",
        "257, 7573746172, TAR, construir pack",
        "0, 213c617263683e0a64656269616e2d62696e617279, DEB, dpkg-deb -x",
        "0, 213c617263683e0a2f20, AR, ar x",
        "0, edabeedb, RPM, rpm2archive",
        "0, 514649fb00000001, QCOW, qemu-img convert -O qcow2",
        "0, 514649fb00000003, QCOW2, format=qcow2",
        "0, 4b444d56, VMDK, qemu-img convert -O qcow2",
        "0, 23204469736b2044657363726970746f7246696c65, VMDK, qemu-img convert",
        "0, 7668647866696c65, VHDX, qemu-img convert",
        "0, 636f6e6563746978, VHD, qemu-img convert",
        "64, 7f10dabe, VDI, qemu-img convert",
        "0, 51454400, QED, qemu-img convert",
        "0, 576974686f757446726565537061636521, PARALLELS, -f parallels",
        "0, 3aff26ed, ANDROID_SPARSE, simg2img",
        "-512, 6b6f6c7900000004, DMG, -f dmg",
        "0, 4c554b53babe0002, LUKS, cryptsetup open",
        "3, 2d4656452d46532d, BITLOCKER, bitlk",
        "512, 4c4142454c4f4e45, LVM, vgchange",
        "4096, fc4e2ba9, RAID, mdadm",
        "4086, 53574150535041434532, SWAP, no files",
        "65526, 53574150535041434532, SWAP, no files",
        "0, 58465342, XFS, mount it",
        "65600, 5f42485266535f4d, BTRFS, mount it",
        "1024, 1020f5f2, F2FS, mount it",
        "1024, e2e1f5e0, EROFS, fsck.erofs",
        "0, 68737173, SQUASHFS, unsquashfs",
        "32769, 4344303031, ISO9660, bsdtar",
        "3, 4e54465320202020, NTFS, mount it",
        "3, 4558464154202020, EXFAT, mount it",
        "82, 4641543332202020, FAT, mcopy",
        "54, 4641543136202020, FAT, mcopy",
    })
    void isRecognised(long at, String hex, ForeignFormat format, String remedy) throws IOException {
        Path file = file("some.img", at, hex);
        assertThat(ForeignFormat.of(file)).contains(format);
        assertThat(format.describe(file)).startsWith(format.what() + "; ").contains(remedy);
        assertThatThrownBy(() -> DiskImage.of(file).files())
                .isInstanceOf(DiskFormatException.class)
                .hasMessage("it is " + format.describe(file));
        assertThatThrownBy(() -> JobDisk.checkFileSystem(file))
                .isInstanceOf(DiskFormatException.class)
                .hasMessageContaining("it is " + format.describeAsNoJob(file));
    }

    @ParameterizedTest
    @CsvSource({
        "QCOW2, a/p.qcow2, qemu-img convert -O raw a/p.qcow2 a/p.img",
        "QCOW2, a.d/p, qemu-img convert -O raw a.d/p a.d/p.img",
        "VMDK, p.vmdk, qemu-img convert -O raw p.vmdk p.img",
        "DMG, p.dmg, qemu-img convert -f dmg -O raw p.dmg p.img",
        "GZIP, p.tar.gz, construir pack p.tar.gz -o job.img",
        "XZ, p.txz, construir pack p.txz -o job.img",
        "GZIP, p.img.gz, gzip -dc p.img.gz > p.img",
        "TAR, p.tar, construir pack p.tar"
    })
    void whereAJobIsExpectedTheCureMakesOne(ForeignFormat format, Path file, String cure) {
        assertThat(format.describeAsNoJob(file)).contains("; ").contains(cure);
    }

    @Test
    void whatIsUnknownHasNoName() throws IOException {
        assertThat(ForeignFormat.of(file("zeros.img", 0, "00"))).isEmpty();
        assertThat(ForeignFormat.of(Files.createFile(dir.resolve("empty")))).isEmpty();
        assertThat(ForeignFormat.of(Files.write(dir.resolve("short"), new byte[] {'P'})))
                .isEmpty();
        assertThat(ForeignFormat.of(dir)).isEmpty();
        assertThat(ForeignFormat.of(Path.of("/dev/zero"))).isEmpty();
        Path ext = dir.resolve("e.img");
        JobDisk.create(
                ext,
                DiskOptions.of(DataSize.parse("1M")),
                disk -> disk.directory("d", Attributes.ofRoot(0755, Instant.EPOCH)));
        assertThat(ForeignFormat.of(ext)).isEmpty();
    }

    @Test
    void commandsNameTheFile() {
        assertThat(ForeignFormat.GZIP.describe(Path.of("a/b.img.gz")))
                .isEqualTo("compressed by gzip; unpack it: gzip -dc a/b.img.gz > a/b.img");
        assertThat(ForeignFormat.GZIP.describe(Path.of("a.d/b")))
                .isEqualTo("compressed by gzip; unpack it: gzip -dc a.d/b > a.d/b.unpacked");
        assertThat(ForeignFormat.ZSTD.describe(Path.of("it's \n.tar.zst")))
                .isEqualTo("compressed by zstd; unpack it: zstd -dc 'it'\\''s \n.tar.zst' > 'it'\\''s \n.tar'");
        assertThat(ForeignFormat.QCOW.describe(Path.of("old.qcow2")))
                .endsWith("qemu-img convert -O qcow2 old.qcow2 old.new.qcow2");
    }

    @Test
    void aDeclarationThatIsWrongIsCalledSo() throws IOException {
        Path gzip = file("a.qcow2", 0, "1f8b08");
        assertThatThrownBy(() -> DiskImage.of(gzip).files())
                .hasMessageStartingWith("it is declared qcow2, and it is compressed by gzip; unpack it: gzip -dc ");
        Path zstd = file("a.img.xz", 0, "28b52ffd");
        assertThatThrownBy(() -> DiskImage.of(zstd).partitions())
                .hasMessageStartingWith("it is declared xz, and it is compressed by zstd; unpack it: ");
    }

    @Test
    void partitionsAndDisksInsideAreCalledByTheirNames() throws IOException {
        byte[] disk = new Partitioned(2000)
                .gpt(100, 499, 600, 999)
                .put(100, bytes(0, "58465342", 4096))
                .put(600, bytes(0, "4c554b53babe", 4096))
                .bytes();
        DiskImage image = DiskImage.of(Files.write(dir.resolve("disk.img"), disk));
        assertThatThrownBy(image::files)
                .hasMessageContaining("1 (Linux, 200K, an XFS file system), 2 (Linux, 200K, encrypted by LUKS)");
        assertThatThrownBy(() -> image.files(1))
                .hasMessage("partition 1 is an XFS file system; only ext2, ext3 and ext4 are read");
        Path inside = dir.resolve("disk.qcow2");
        new Qcow2Maker().make(inside, bytes(0, "58465342", 1 << 20));
        assertThatThrownBy(() -> DiskImage.of(inside).files())
                .hasMessage("the disk in it is an XFS file system; only ext2, ext3 and ext4 are read");
    }
}
