package dev.construir.fuzz;

import dev.construir.DataSize;
import dev.construir.disk.Attributes;
import dev.construir.disk.write.DiskOptions;
import dev.construir.disk.write.JobDisk;
import dev.construir.partition.Partitioned;
import dev.construir.qcow2.Qcow2Maker;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.XZOutputStream;

/** Small images that are whole, which a fuzzer begins with. They are made anew every time. */
final class Seeds {
    private static final Attributes PLAIN = Attributes.ofRoot(0755, Instant.EPOCH);
    private static final List<String> KINDS = List.of(
            "-t ext2 -b 1024 -I 128",
            "-t ext3 -b 1024 -I 128 -O ^has_journal,dir_index",
            "-t ext4 -b 1024 -I 256 -O ^has_journal,inline_data",
            "-t ext4 -b 1024 -O ^has_journal,^extents,^64bit,^flex_bg",
            "-t ext4 -b 1024 -O ^has_journal,^metadata_csum,uninit_bg",
            "-t ext4 -b 1024 -O ^has_journal,meta_bg,^resize_inode",
            "-t ext4 -b 1024 -O ^has_journal,casefold,encrypt -E encoding=utf8",
            "-t ext4 -b 1024 -O ^has_journal,ea_inode,bigalloc,large_dir -C 2048");
    private static final String SIZE = "256k";

    private Seeds() {}

    /** Returns what jobs ask for, within the bounds and beyond. */
    static List<byte[]> jobSettings() {
        return List.of(
                        "",
                        """
                        # all
                        timeout = 1h30m
                        boot-timeout=90s
                        idle-timeout = 10m
                        output = 1M
                        cpus = 2
                        memory = 512M
                        disk = 64M
                        network = false
                        env.A = it's
                        env.B =
                        """,
                        "memory = 4G\n",
                        "network = true\n",
                        "cpus = 2\ncpus = 2\n",
                        "memroy\n",
                        "timeout = 99999999h\n")
                .stream()
                .map(text -> text.getBytes(StandardCharsets.UTF_8))
                .toList();
    }

    /** Returns file systems of many kinds: our own, and those that mke2fs makes. */
    static List<byte[]> fileSystems() throws IOException, InterruptedException {
        List<byte[]> images = new ArrayList<>();
        Path directory = Files.createTempDirectory("seeds");
        try {
            Path own = directory.resolve("own.img");
            JobDisk.create(own, DiskOptions.of(DataSize.ofKibibytes(256)), disk -> {
                for (int i = 0; i < 30; i++) {
                    byte[] content = ("content " + i).repeat(i * i).getBytes(StandardCharsets.UTF_8);
                    disk.file("d" + i % 3 + "/file" + i, PLAIN, content.length, new ByteArrayInputStream(content));
                }
                disk.hardLink("again", "d0/file3");
                disk.symbolicLink("short", PLAIN, "d1");
                disk.symbolicLink("long", PLAIN, "x".repeat(100));
                byte[] list = accessList();
                disk.extendedAttributes("d0/file3", Map.of("system.posix_acl_access", list, "user.small", new byte[3]));
                disk.extendedAttributes(
                        "d1", Map.of("system.posix_acl_access", list, "system.posix_acl_default", list));
                disk.extendedAttributes("d1/file4", Map.of("security.capability", new byte[20]));
            });
            images.add(Files.readAllBytes(own));
            images.add(waysAround(directory.resolve("ways.img")));
            Path tree = tree(directory.resolve("tree"));
            for (String kind : KINDS) {
                Path image = directory.resolve("mke2fs.img");
                List<String> words = new ArrayList<>(List.of("mke2fs", "-q", "-F", "-N", "48", "-d", tree.toString()));
                words.addAll(List.of(kind.split(" ")));
                words.addAll(List.of(image.toString(), SIZE));
                run(words);
                addAttributes(image, kind, tree);
                images.add(Files.readAllBytes(image));
                if (kind.contains("ext3") || kind.contains("uninit_bg")) {
                    addJournal(image);
                    images.add(Files.readAllBytes(image));
                }
                Files.delete(image);
            }
        } finally {
            Outside.remove(directory);
        }
        return images;
    }

    /** Returns a disk of links in all directions, and of directories as deep as the limit and deeper. */
    private static byte[] waysAround(Path image) throws IOException {
        JobDisk.create(image, DiskOptions.of(DataSize.ofKibibytes(256)), disk -> {
            disk.file("deep" + "/d".repeat(15) + "/f", PLAIN, 0, InputStream.nullInputStream());
            disk.file("deeper" + "/d".repeat(18) + "/f", PLAIN, 0, InputStream.nullInputStream());
            disk.file("links/file1", PLAIN, 0, InputStream.nullInputStream());
            disk.symbolicLink("links/in", PLAIN, "../links//");
            disk.symbolicLink("links/up", PLAIN, "../../..");
            disk.symbolicLink("links/self", PLAIN, "self/x");
            disk.symbolicLink("links/loop", PLAIN, "/links/in/loop");
            disk.symbolicLink("links/gone", PLAIN, "./none");
            disk.symbolicLink("links/deep", PLAIN, "/deep/d/../d/d/d");
        });
        return Files.readAllBytes(image);
    }

    /** As getxattr(2) returns it: owner, a user, group, mask, others. */
    private static byte[] accessList() {
        ByteBuffer list =
                ByteBuffer.allocate(4 + 5 * 8).order(ByteOrder.LITTLE_ENDIAN).putInt(2);
        for (int tag : new int[] {0x01, 0x02, 0x04, 0x10, 0x20}) {
            list.putShort((short) tag).putShort((short) 6).putInt(tag == 0x02 ? 1234 : -1);
        }
        return list.array();
    }

    /** Returns disks with partitions, whose one file system can be read. */
    static List<byte[]> partitioned() throws IOException, InterruptedException {
        byte[] files = fileSystems().get(0);
        List<byte[]> disks = new ArrayList<>();
        for (int sector : new int[] {512, 4096}) {
            int sectors = files.length / sector;
            disks.add(new Partitioned(sectors + 80, sector)
                    .gpt(40, 40 + sectors - 1)
                    .put(40, files)
                    .bytes());
            disks.add(new Partitioned(sectors + 80, sector)
                    .mbr(0, 1, 0x83, 8, sectors)
                    .put(8, files)
                    .bytes());
        }
        return List.copyOf(disks);
    }

    /** Returns qcow2 images of a disk with files. */
    static List<byte[]> qcow2() throws IOException, InterruptedException {
        byte[] files = fileSystems().get(0);
        return List.of(
                new Qcow2Maker().clusterBits(9).make(files),
                new Qcow2Maker().clusterBits(12).compressed().make(files),
                new Qcow2Maker().version(2).make(files));
    }

    /** Returns compressed disks with files: of one block, of several, of several streams, each with another check. */
    static List<byte[]> xz() throws IOException, InterruptedException {
        byte[] files = fileSystems().get(0);
        ByteArrayOutputStream streams = new ByteArrayOutputStream();
        for (int at = 0; at < files.length; at += 32 << 10) {
            streams.writeBytes(xz(Arrays.copyOfRange(files, at, at + (32 << 10)), files.length, 1));
        }
        return List.of(xz(files, files.length, 4), xz(files, 16 << 10, 10), streams.toByteArray());
    }

    private static byte[] xz(byte[] bytes, int block, int check) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        LZMA2Options options = new LZMA2Options(1);
        options.setDictSize(64 << 10); // a decoder takes no more memory than it must, and a fuzzer makes many
        try (XZOutputStream xz = new XZOutputStream(out, options, check)) {
            for (int at = 0; at < bytes.length; at += block) {
                xz.write(bytes, at, Math.min(block, bytes.length - at));
                xz.endBlock();
            }
        }
        return out.toByteArray();
    }

    private static Path tree(Path tree) throws IOException {
        for (int i = 0; i < 24; i++) {
            Path file = tree.resolve("d" + i % 3).resolve("file" + i);
            Files.createDirectories(file.getParent());
            Files.writeString(file, ("content " + i).repeat(i * i));
        }
        Files.createSymbolicLink(tree.resolve("short"), Path.of("d1"));
        Files.createSymbolicLink(tree.resolve("long"), Path.of("x".repeat(100)));
        Files.createLink(tree.resolve("again"), tree.resolve("d0/file3"));
        return tree;
    }

    /** Extended attributes in an inode, in a block and in an inode of their own, and flags of directories. */
    private static void addAttributes(Path image, String kind, Path tree) throws IOException, InterruptedException {
        debugfs(image, "ea_set /d0/file3 user.small value");
        debugfs(image, "ea_set -f " + tree.resolve("d2/file8") + " /d1/file4 user.block");
        if (kind.contains("ea_inode")) {
            debugfs(image, "ea_set -f " + tree.resolve("d2/file23") + " /d1/file7 user.inode");
        }
        if (kind.contains("casefold")) {
            debugfs(image, "set_inode_field /d1 flags 0x40080000"); // folds case, has extents
            debugfs(image, "set_inode_field /d2 flags 0x80800"); // encrypted, has extents
        }
    }

    /** A journal with nothing to replay; mke2fs makes none of less than a megabyte. */
    private static void addJournal(Path image) throws IOException, InterruptedException {
        Path journal = image.resolveSibling("journal");
        Files.write(
                journal,
                ByteBuffer.allocate(1024)
                        .putInt(0xc03b3998)
                        .putInt(4) // a header of version 2
                        .putInt(0)
                        .putInt(1024)
                        .putInt(1024)
                        .putInt(1)
                        .putInt(1)
                        .array());
        String inode = debugfs(image, "write " + journal + " journal")
                .replaceAll("(?s).*Allocated inode: ([0-9]+).*", "$1")
                .strip();
        debugfs(image, "set_super_value journal_inum " + inode);
        debugfs(image, "feature has_journal");
        Files.delete(journal);
    }

    private static String debugfs(Path image, String request) throws IOException, InterruptedException {
        return run(List.of("debugfs", "-w", "-R", request, image.toString()));
    }

    /** Runs a program of the system. */
    static String run(List<String> words) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("env", "PATH=" + System.getenv("PATH") + ":/usr/sbin:/sbin"));
        command.addAll(words);
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IOException(command + " says: " + said
                    + "; these programs belong to e2fsprogs and tar: apt-get install e2fsprogs tar");
        }
        return said;
    }
}
