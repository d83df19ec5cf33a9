package dev.construir.tar;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Formats of files that are taken for tar archives, by their first bytes. */
enum OtherFormat {
    GZIP("compressed by gzip", "gzip -dc FILE", "\u001f\u008b"),
    XZ("compressed by xz", "xz -dc FILE", "\u00fd7zXZ\0"),
    ZSTD("compressed by zstd", "zstd -dc FILE", "(\u00b5/\u00fd"),
    BZIP2("compressed by bzip2", "bzip2 -dc FILE", "BZh"),
    LZ4("compressed by lz4", "lz4 -dc FILE", "\4\"M\u0018", "\2!L\u0018"),
    LZIP("compressed by lzip", "lzip -dc FILE", "LZIP"),
    LZOP("compressed by lzop", "lzop -dc FILE", "\u0089LZO\0\r\n\u001a\n"),
    LZMA("compressed by lzma", "xz -dc --format=lzma FILE", "]\0\0"),
    COMPRESS("compressed by compress", "gzip -dc FILE", "\u001f\u009d", "\u001f\u00a0"),
    ZIP("a zip archive", "bsdtar -cf - @FILE", "PK\3\4", "PK\5\6", "PK\7\u0008"),
    SEVEN_ZIP("a 7z archive", "bsdtar -cf - @FILE", "7z\u00bc\u00af'\u001c"),
    RAR("a rar archive", "bsdtar -cf - @FILE", "Rar!\u001a\7"),
    CPIO("a cpio archive", "bsdtar -cf - @FILE", "070701", "070702", "070707", "\u00c7q", "q\u00c7"),
    DEB("a Debian package", "dpkg-deb --fsys-tarfile FILE", "!<arch>\ndebian-binary"),
    AR("an ar archive", "bsdtar -cf - @FILE", "!<arch>\n"),
    XAR("a xar archive", "bsdtar -cf - @FILE", "xar!"),
    CAB("a cabinet", "bsdtar -cf - @FILE", "MSCF\0\0\0\0"),
    RPM("an rpm package", "rpm2cpio FILE | bsdtar -cf - @-", "\u00ed\u00ab\u00ee\u00db"),
    SQUASHFS("a squashfs image", "sqfs2tar FILE", "hsqs"),
    QCOW2("a qcow2 disk image", "", "QFI\u00fb"),
    PROGRAM("a program", "", "\u007fELF");

    private static final String NO_BYTE = "\uffff";

    /** Zstd and lz4 share frames of other data that may come first; the first byte is of a range. */
    private static final byte[] SKIPPABLE = {0x2a, 0x4d, 0x18};

    private static final int EXT_MAGIC_AT = 56; // in the superblock

    private final String text;
    private final String unpacking;
    /** One behind the other, between characters that are no bytes. */
    private final String beginnings;

    OtherFormat(String text, String unpacking, String... beginnings) {
        this.text = text;
        this.unpacking = unpacking;
        this.beginnings = String.join(NO_BYTE, beginnings);
    }

    /** Says what a file is that begins with some bytes, and what to do about it, or returns null. */
    static @Nullable String describe(byte[] block, int length) {
        for (OtherFormat format : values()) {
            for (String beginning : format.beginnings.split(NO_BYTE)) {
                if (begins(block, length, 0, beginning.getBytes(StandardCharsets.ISO_8859_1))) {
                    return described(format.text, format.unpacking);
                }
            }
        }
        return (block[0] & 0xf0) == 0x50 && begins(block, length, 1, SKIPPABLE)
                ? described("compressed by zstd or lz4", "zstd -dc FILE")
                : null;
    }

    private static String described(String text, String unpacking) {
        String cure = unpacking.isEmpty()
                ? "; name a directory or an archive"
                : "; unpack it: " + unpacking + " | construir pack - -o job.img";
        return "it is " + text + ", not a tar archive" + cure;
    }

    private static boolean begins(byte[] block, int length, int at, byte[] beginning) {
        int end = at + beginning.length;
        return length >= end && Arrays.equals(block, at, end, beginning, 0, beginning.length);
    }

    /** Returns whether the block that begins at byte 1,024 of a file is the superblock of an ext file system. */
    static boolean isSuperblock(byte[] block) {
        return block[EXT_MAGIC_AT] == 0x53 && block[EXT_MAGIC_AT + 1] == (byte) 0xef;
    }
}
