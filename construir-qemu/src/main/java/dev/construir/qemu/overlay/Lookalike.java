package dev.construir.qemu.overlay;

import dev.construir.machine.HypervisorException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
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
    static void refuse(Path image) throws HypervisorException, IOException {
        byte[] start = new byte[8];
        try (InputStream in = Files.newInputStream(image)) {
            in.readNBytes(start, 0, start.length);
        }
        for (Lookalike each : ALL) {
            byte[] mark = each.start.getBytes(StandardCharsets.ISO_8859_1);
            if (Arrays.equals(start, 0, mark.length, mark, 0, mark.length)) {
                throw new HypervisorException(
                        "the disk image " + image + " is declared raw, and it is " + each.what + "; " + each.remedy);
            }
        }
    }
}
