package dev.construir.partition;

import java.util.Locale;
import java.util.Map;
import java.util.UUID;

/** The words for those types of partitions that disks with Linux have. */
final class PartitionType {
    private static final Map<Integer, String> MBR = Map.ofEntries(
            Map.entry(0x01, "FAT12"),
            Map.entry(0x04, "FAT16"),
            Map.entry(0x06, "FAT16"),
            Map.entry(0x07, "NTFS or exFAT"),
            Map.entry(0x0b, "FAT32"),
            Map.entry(0x0c, "FAT32"),
            Map.entry(0x0e, "FAT16"),
            Map.entry(0x82, "Linux swap"),
            Map.entry(0x83, "Linux"),
            Map.entry(0x8e, "Linux LVM"),
            Map.entry(0xef, "EFI system"),
            Map.entry(0xfd, "Linux RAID"));

    private static final Map<String, String> GPT = Map.ofEntries(
            Map.entry("c12a7328-f81f-11d2-ba4b-00a0c93ec93b", "EFI system"),
            Map.entry("21686148-6449-6e6f-744e-656564454649", "BIOS boot"),
            Map.entry("0fc63daf-8483-4772-8e79-3d69d8477de4", "Linux"),
            Map.entry("4f68bce3-e8cd-4db1-96e7-fbcaf984b709", "Linux root (x86-64)"),
            Map.entry("b921b045-1df0-41c3-af44-4c6f280d3fae", "Linux root (arm64)"),
            Map.entry("933ac7e1-2eb4-4f13-b844-0e14e2aef915", "Linux home"),
            Map.entry("bc13c2ff-59e6-4262-a352-b275fd6f7172", "Linux boot"),
            Map.entry("0657fd6d-a4ab-43c4-84e5-0933c84b4f4f", "Linux swap"),
            Map.entry("e6d6d379-f507-44c2-a23c-238f2a3df928", "Linux LVM"),
            Map.entry("a19d880f-05fc-4d3b-a006-743f0f84911e", "Linux RAID"),
            Map.entry("e3c9e316-0b5c-4db8-817d-f92df00215ae", "Microsoft reserved"),
            Map.entry("ebd0a0a2-b9e5-4433-87c0-68b6b72699c7", "Microsoft data"));

    private PartitionType() {}

    static String ofMbr(int type) {
        return MBR.getOrDefault(type, String.format(Locale.ROOT, "type 0x%02x", type));
    }

    static String ofGpt(UUID type) {
        return GPT.getOrDefault(type.toString(), "type " + type);
    }
}
