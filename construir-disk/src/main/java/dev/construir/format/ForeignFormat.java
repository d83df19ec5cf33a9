package dev.construir.format;

import static dev.construir.format.Mark.mark;
import static dev.construir.format.Mark.marks;

import dev.construir.block.BlockSource;
import dev.construir.block.BytesSource;
import dev.construir.block.FileSource;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * A format that is not read here, recognised by a file's first bytes. This is for messages only: what a file is taken
 * for never depends on it, as a guest can write any bytes.
 *
 * <pre>{@code
 * ForeignFormat.of(file).ifPresent(format -> System.err.println(file + ": it is " + format.describe(file)));
 * }</pre>
 */
public enum ForeignFormat {
    /** Compressed by gzip. */
    GZIP("compressed by gzip", "gzip -dc {file}", mark(0, "\u001f\u008b\b")),
    /** Compressed by bzip2. */
    BZIP2("compressed by bzip2", "bzip2 -dc {file}", mark(0, "BZh").and(4, "1AY&SY")),
    /** Compressed by xz. */
    XZ("compressed by xz", "xz -dc {file}", mark(0, "\u00fd7zXZ\0")),
    /** Compressed by lzma. */
    LZMA(
            "compressed by lzma",
            "xz -dc {file}",
            mark(0, "]\0\0").and(5, "\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff"),
            mark(0, "]\0\0").and(10, "\0\0\0")),
    /** Compressed by Zstandard. */
    ZSTD("compressed by zstd", "zstd -dc {file}", mark(0, "(\u00b5/\u00fd"), mark(0, "P*M\u0018")),
    /** Compressed by LZ4. */
    LZ4("compressed by lz4", "lz4 -dc {file}", mark(0, "\u0004\"M\u0018"), mark(0, "\u0002!L\u0018")),
    /** Compressed by lzip. */
    LZIP("compressed by lzip", "lzip -dc {file}", mark(0, "LZIP\u0001")),
    /** Compressed by lzop. */
    LZOP("compressed by lzop", "lzop -dc {file}", mark(0, "\u0089LZO\0\r\n\u001a\n")),
    /** Compressed by compress. */
    COMPRESS("compressed by compress", "gzip -dc {file}", mark(0, "\u001f\u009d")),

    /** A zip archive. */
    ZIP(
            Kind.ARCHIVE,
            "a zip archive",
            "unpack it to a directory: unzip -d DIR {file}",
            marks(0, "PK\u0003\u0004", "PK\u0005\u0006", "PK\u0007\b")),
    /** A 7z archive. */
    SEVEN_ZIP(
            Kind.ARCHIVE,
            "a 7z archive",
            "unpack it to a directory: 7z x -oDIR {file}",
            mark(0, "7z\u00bc\u00af'\u001c")),
    /** A RAR archive. */
    RAR(Kind.ARCHIVE, "a RAR archive", "unpack it to a directory: unrar x {file} DIR/", mark(0, "Rar!\u001a\u0007")),
    /** A cpio archive. */
    CPIO(
            Kind.ARCHIVE,
            "a cpio archive",
            "unpack it to a directory: cpio -id -D DIR < {file}",
            marks(0, "070701", "070702", "070707", "\u00c7q", "q\u00c7")),
    /** A tar archive. */
    TAR(
            Kind.ARCHIVE,
            "a tar archive",
            "make a job image of it: construir pack {file} -o {name}.img",
            mark(257, "ustar")),
    /** A Debian package. */
    DEB(
            Kind.ARCHIVE,
            "a Debian package",
            "unpack it to a directory: dpkg-deb -x {file} DIR",
            "dpkg-deb --fsys-tarfile {file}",
            List.of(mark(0, "!<arch>\ndebian"))),
    /** A static library, or another archive of ar. */
    AR(Kind.ARCHIVE, "an ar archive", "unpack it in a directory: ar x {file}", mark(0, "!<arch>\n")),
    /** A xar archive, or a package of macOS. */
    XAR(Kind.ARCHIVE, "a xar archive", "unpack it in a directory: bsdtar -xf {file}", mark(0, "xar!")),
    /** A Cabinet archive. */
    CAB(
            Kind.ARCHIVE,
            "a Cabinet archive",
            "unpack it to a directory: cabextract -d DIR {file}",
            mark(0, "MSCF\0\0\0\0")),
    /** An RPM package. */
    RPM(
            Kind.ARCHIVE,
            "an RPM package",
            "make a tar archive of it: rpm2archive -n {file}",
            "rpm2cpio {file} | bsdtar -cf - @-",
            List.of(mark(0, "\u00ed\u00ab\u00ee\u00db"))),

    /** The first version of qcow. */
    QCOW(Kind.DISK, "a disk image of qcow's first version", RemedyText.CONVERT, mark(0, "QFI\u00fb\0\0\0\u0001")),
    /** A qcow2 image, where something else was expected. */
    QCOW2(
            Kind.DISK,
            "a qcow2 image",
            "declare it as qcow2: by format=qcow2, or by a name that ends in .qcow2",
            mark(0, "QFI\u00fb")),
    /** A VMDK image, or the description of one. */
    VMDK(
            Kind.DISK,
            "a VMDK image",
            RemedyText.CONVERT,
            mark(0, "KDMV"),
            mark(0, "COWD"),
            mark(0, "# Disk DescriptorFile")),
    /** A VHDX image. */
    VHDX(Kind.DISK, "a VHDX image", RemedyText.CONVERT, mark(0, "vhdxfile")),
    /** A VHD image whose size grows. */
    VHD(Kind.DISK, "a VHD image", RemedyText.CONVERT, mark(0, "conectix")),
    /** A VDI image. */
    VDI(Kind.DISK, "a VDI image", RemedyText.CONVERT, mark(64, "\u007f\u0010\u00da\u00be")),
    /** A QED image. */
    QED(Kind.DISK, "a QED image", RemedyText.CONVERT, mark(0, "QED\0")),
    /** A Parallels image. */
    PARALLELS(
            Kind.DISK,
            "a Parallels image",
            "convert it: qemu-img convert -f parallels -O qcow2 {file} {qcow2}",
            mark(0, "WithoutFreeSpace"),
            mark(0, "WithouFreSpacExt")),
    /** A growing image of Bochs. */
    BOCHS(Kind.DISK, "a Bochs image", RemedyText.CONVERT, mark(0, "Bochs Virtual HD Image")),
    /** A sparse image of Android. */
    ANDROID_SPARSE(
            Kind.DISK,
            "a sparse image of Android's",
            "convert it: simg2img {file} {name}.raw.img",
            mark(0, ":\u00ff&\u00ed")),
    /** A disk image of macOS. */
    DMG(
            Kind.DISK,
            "a disk image of macOS",
            "convert it: qemu-img convert -f dmg -O qcow2 {file} {qcow2}",
            mark(-512, "koly\0\0\0\u0004")),
    /** An Expert Witness image. */
    EWF(Kind.DISK, "an Expert Witness image", "convert it: ewfexport {file}", mark(0, "EVF\t\r\n\u00ff\0")),
    /** A Windows image. */
    WIM(Kind.DISK, "a WIM image", "unpack it to a directory: wimlib-imagex apply {file} 1 DIR", mark(0, "MSWIM\0\0\0")),

    /** Encrypted by LUKS. */
    LUKS(
            Kind.VOLUME,
            "encrypted by LUKS",
            "as root, unlock it by cryptsetup open, and copy what is in it",
            mark(0, "LUKS\u00ba\u00be")),
    /** Encrypted by BitLocker. */
    BITLOCKER(
            Kind.VOLUME,
            "encrypted by BitLocker",
            "as root, unlock it by cryptsetup open --type bitlk, and copy what is in it",
            mark(3, "-FVE-FS-")),
    /** A part of a volume group of LVM. */
    LVM(
            Kind.VOLUME,
            "a physical volume of LVM",
            "as root, activate its volumes by vgchange -a y, and copy the one that is wanted to a file",
            mark(512, "LABELONE"),
            mark(0, "LABELONE"),
            mark(1024, "LABELONE"),
            mark(1536, "LABELONE")),
    /** A part of a RAID of Linux. */
    RAID(
            Kind.VOLUME,
            "a part of a Linux RAID",
            "as root, assemble it by mdadm, and copy it to a file",
            mark(4096, "\u00fcN+\u00a9"),
            mark(0, "\u00fcN+\u00a9")),
    /** Swap space. */
    SWAP(
            Kind.VOLUME,
            "Linux swap space",
            "it has no files",
            mark(4086, "SWAPSPACE2"),
            mark(4086, "SWAP-SPACE"),
            mark(16_374, "SWAPSPACE2"),
            mark(65_526, "SWAPSPACE2")),

    /** An XFS file system. */
    XFS(Kind.FILE_SYSTEM, "an XFS file system", RemedyText.MOUNT, mark(0, "XFSB")),
    /** A Btrfs file system. */
    BTRFS(Kind.FILE_SYSTEM, "a Btrfs file system", RemedyText.MOUNT, mark(0x10040, "_BHRfS_M")),
    /** A ZFS file system, or a part of its pool. */
    ZFS(
            Kind.FILE_SYSTEM,
            "a part of a ZFS pool",
            "as root, import the pool by zpool import, and copy its files",
            mark(16_384, "\u0001\u0001\0\0").and(16_408, "version")),
    /** A Bcachefs file system. */
    BCACHEFS(
            Kind.FILE_SYSTEM,
            "a Bcachefs file system",
            RemedyText.MOUNT,
            mark(4120, "\u00c6\u0085s\u00f6f\u00ce\u0090\u00a9\u00d9j`\u00cf\u0080=\u00f7\u00ef")),
    /** An F2FS file system. */
    F2FS(Kind.FILE_SYSTEM, "an F2FS file system", RemedyText.MOUNT, mark(1024, "\u0010 \u00f5\u00f2")),
    /** An EROFS file system. */
    EROFS(
            Kind.FILE_SYSTEM,
            "an EROFS file system",
            "unpack it to a directory: fsck.erofs --extract=DIR {file}",
            mark(1024, "\u00e2\u00e1\u00f5\u00e0")),
    /** A SquashFS file system. */
    SQUASHFS(
            Kind.FILE_SYSTEM,
            "a SquashFS file system",
            "unpack it to a directory: unsquashfs -d DIR {file}",
            "sqfs2tar {file}",
            List.of(mark(0, "hsqs"), mark(0, "sqsh"))),
    /** A CramFS file system. */
    CRAMFS(
            Kind.FILE_SYSTEM,
            "a CramFS file system",
            "unpack it to a directory: fsck.cramfs --extract=DIR {file}",
            mark(0, "E=\u00cd("),
            mark(512, "E=\u00cd(")),
    /** A file system of a CD or DVD. */
    ISO9660(
            Kind.FILE_SYSTEM,
            "an ISO 9660 file system",
            "unpack it to a directory: bsdtar -xf {file} -C DIR",
            mark(32_769, "CD001")),
    /** A UDF file system. */
    UDF(Kind.FILE_SYSTEM, "a UDF file system", RemedyText.MOUNT, mark(32_769, "BEA01")),
    /** An NTFS file system. */
    NTFS(Kind.FILE_SYSTEM, "an NTFS file system", RemedyText.MOUNT, mark(3, "NTFS    ")),
    /** An exFAT file system. */
    EXFAT(Kind.FILE_SYSTEM, "an exFAT file system", RemedyText.MOUNT, mark(3, "EXFAT   ")),
    /** A FAT file system. */
    FAT(
            Kind.FILE_SYSTEM,
            "a FAT file system (vfat)",
            "copy its files to a directory: mcopy -s -i {file} :: DIR",
            mark(82, "FAT32   "),
            mark(54, "FAT16   "),
            mark(54, "FAT12   ")),
    /** A JFS file system. */
    JFS(Kind.FILE_SYSTEM, "a JFS file system", RemedyText.MOUNT, mark(32_768, "JFS1")),
    /** A ReiserFS file system. */
    REISERFS(Kind.FILE_SYSTEM, "a ReiserFS file system", RemedyText.MOUNT, mark(65_588, "ReIsEr")),
    /** An APFS container. */
    APFS(Kind.FILE_SYSTEM, "an APFS container", RemedyText.MOUNT, mark(32, "NXSB")),
    /** An HFS+ file system. */
    HFS_PLUS(Kind.FILE_SYSTEM, "an HFS+ file system", RemedyText.MOUNT, marks(1024, "H+\0\u0004", "HX\0\u0005")),
    /** A UFS2 file system. */
    UFS2(Kind.FILE_SYSTEM, "a UFS file system", RemedyText.MOUNT, mark(66_908, "\u0019\u0001T\u0019")),

    /** A program, a library or an object file of ELF. */
    ELF(Kind.PROGRAM, "a program", "it has no files that are read here", mark(0, "\u007fELF"));

    /** What something in a format is good for. */
    public enum Kind {
        /** Anything, compressed. */
        COMPRESSED,
        /** Files, packed into one. */
        ARCHIVE,
        /** A disk, in a form other than its bytes in a row. */
        DISK,
        /** Something that holds other things, or no files at all. */
        VOLUME,
        /** Files on a disk. */
        FILE_SYSTEM,
        /** Something to be executed. */
        PROGRAM
    }

    private final Kind kind;
    private final String what;
    private final String remedy;
    /** A command that writes its files as a tar archive; empty if there is none. */
    private final String asTar;

    @SuppressWarnings("ImmutableEnumChecker") // a copy by List.of
    private final List<Mark> marks;

    /** A format of compressed files. */
    ForeignFormat(String what, String unpack, Mark... marks) {
        this(Kind.COMPRESSED, what, "unpack it: " + unpack + " > {unpacked}", unpack, List.of(marks));
    }

    ForeignFormat(Kind kind, String what, String remedy, Mark... marks) {
        this(kind, what, remedy, kind == Kind.ARCHIVE ? "bsdtar -cf - @{file}" : "", List.of(marks));
    }

    /** A format with its own program that makes a tar archive. */
    ForeignFormat(Kind kind, String what, String remedy, String asTar, List<Mark> marks) {
        this.kind = kind;
        this.what = what;
        this.remedy = remedy;
        this.asTar = asTar;
        this.marks = marks;
    }

    /**
     * Recognises what a file is.
     *
     * @param file the file
     * @return the format; nothing if it is none of these, or no regular file
     * @throws IOException if the file cannot be read
     */
    public static Optional<ForeignFormat> of(Path file) throws IOException {
        if (!Files.isRegularFile(file)) { // a pipe would block
            return Optional.empty();
        }
        try (BlockSource source = new FileSource(file)) {
            return on(source);
        }
    }

    /**
     * Recognises what begins with some bytes.
     *
     * @param start the first bytes of a file, or all of it
     * @return the format; nothing if it is none of these, or its mark lies behind these bytes
     */
    public static Optional<ForeignFormat> startingWith(byte[] start) {
        try (BlockSource bytes = new BytesSource(start)) {
            return on(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException("not expected: nothing is read from a file", e);
        }
    }

    /**
     * Recognises what is on a disk, or in a part of one.
     *
     * @param disk where to look
     * @return the format; nothing if it is none of these
     * @throws IOException if the disk cannot be read
     */
    public static Optional<ForeignFormat> on(BlockSource disk) throws IOException {
        for (ForeignFormat format : values()) {
            for (Mark mark : format.marks) {
                if (mark.isOn(disk)) {
                    return Optional.of(format);
                }
            }
        }
        return Optional.empty();
    }

    /** {@return what something in this format is good for} */
    public Kind kind() {
        return kind;
    }

    /**
     * {@return what something in this format is, after "it is": {@code compressed by gzip}, or {@code a VMDK image}}
     */
    public String what() {
        return what;
    }

    /** {@return a short name, as for a column of a table: {@code xfs}, {@code swap}, or {@code vfat}} */
    public String shortName() {
        return this == FAT ? "vfat" : name().toLowerCase(Locale.ROOT).replace("_", "");
    }

    /**
     * Returns what a file in this format is, and what to do about it.
     *
     * @param file the file
     * @return for example {@code a VMDK image; convert it: qemu-img convert -O qcow2 a.vmdk a.qcow2}
     */
    public String describe(Path file) {
        return what + "; " + RemedyText.fill(remedy, file.toString());
    }

    /**
     * Returns what a file in this format is, where the raw disk of a job was expected.
     *
     * @param file the file
     * @return for example {@code a qcow2 image; convert it: qemu-img convert -O raw a.qcow2 a.img}
     */
    public String describeAsNoJob(Path file) {
        return what + "; " + RemedyText.forJob(this, remedy, file.toString());
    }

    /**
     * {@return what something in this format is where a tar archive was expected: {@code it is compressed by zstd, not
     * a tar archive; unpack it: zstd -dc FILE | construir pack - -o job.img}}
     */
    public String describeAsNoTar() {
        return "it is " + what + ", not a tar archive; "
                + (asTar.isEmpty()
                        ? "name a directory or an archive"
                        : "unpack it: " + asTar.replace("{file}", "FILE") + " | construir pack - -o job.img");
    }
}
