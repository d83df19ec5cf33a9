package dev.construir.image;

import dev.construir.DiskFormatException;
import dev.construir.block.BlockSource;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/**
 * Something that is taken for a raw disk by mistake. This is asked only of root disks, which are the host's own: what a guest wrote is
 * never told by its bytes.
 *
 * @param start how such a file starts, in Latin-1
 * @param what what it is
 * @param remedy what to do
 */
record Lookalike(String start, String what, String remedy) {
    private static final int LONGEST = 8;
    private static final String CONVERT = "convert it with qemu-img convert -O qcow2";
    private static final List<Lookalike> ALL = List.of(
            new Lookalike(
                    "QFI\u00fb",
                    "a qcow2 image",
                    "declare it as qcow2: by format=qcow2, or by a name that ends in .qcow2"),
            new Lookalike("KDMV", "a VMDK image", CONVERT),
            new Lookalike("vhdxfile", "a VHDX image", CONVERT),
            new Lookalike("conectix", "a VHD image", CONVERT),
            new Lookalike("<<< ", "a VDI image", CONVERT),
            new Lookalike("\u00fd7zXZ", "compressed by xz", "unpack it with xz -d"),
            new Lookalike("\u001f\u008b", "compressed by gzip", "unpack it with gzip -d"),
            new Lookalike("BZh", "compressed by bzip2", "unpack it with bzip2 -d"),
            new Lookalike("(\u00b5/\u00fd", "compressed by zstd", "unpack it with zstd -d"));

    /** Refuses a root disk that is declared raw and is not. */
    static void refuse(BlockSource disk) throws IOException {
        byte[] start = disk.read(0, (int) Math.min(LONGEST, disk.size()));
        for (Lookalike each : ALL) {
            byte[] mark = each.start.getBytes(StandardCharsets.ISO_8859_1);
            if (start.length >= mark.length && Arrays.equals(start, 0, mark.length, mark, 0, mark.length)) {
                throw new DiskFormatException("it is declared raw, and it is " + each.what + "; " + each.remedy);
            }
        }
    }
}
