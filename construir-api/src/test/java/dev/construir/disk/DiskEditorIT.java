package dev.construir.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.construir.DiskFormatException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Changes what mke2fs and debugfs write, and has e2fsck look at it. */
class DiskEditorIT {
    private static final Attributes ATTRIBUTES = new Attributes(0640, 70_000, 100_000, Images.TIME);

    @TempDir
    Path dir;

    private Path mke2fs(String options, String size, Path tree) throws Exception {
        Path image = dir.resolve("disk.img");
        List<String> words = new ArrayList<>(List.of("-q", "-F"));
        words.addAll(List.of(options.split(" ")));
        words.addAll(List.of("-d", tree.toString(), image.toString(), size));
        Ext2Tools.run("mke2fs", words.toArray(new String[0]));
        return image;
    }

    private static void file(DiskEditor disk, String path, byte[] content) throws IOException {
        disk.file(path, ATTRIBUTES, content.length, new ByteArrayInputStream(content));
    }

    /** What is on a disk that a seed changes. */
    private final class Model {
        final Random random;
        final Map<String, byte[]> files = new TreeMap<>();
        int next;

        Model(long seed) {
            random = new Random(seed);
        }

        void fill(Path tree) throws IOException {
            Files.createDirectories(tree.resolve("many"));
            Files.createDirectories(tree.resolve("few"));
            for (int i = 0; i < 300; i++) {
                put(tree, "/many/a-name-that-is-rather-long-" + i, Images.bytes(i, i % 7 * 400));
            }
            for (int i = 0; i < 10; i++) {
                put(tree, "/few/" + i, Images.bytes(i, 1 << i + 8));
            }
            Files.createSymbolicLink(tree.resolve("few/fast"), Path.of("f".repeat(59)));
            Files.createSymbolicLink(tree.resolve("few/slow"), Path.of("s".repeat(200)));
            Files.createLink(tree.resolve("few/second"), tree.resolve("few/7"));
            files.put("/few/second", files.get("/few/7"));
        }

        private void put(Path tree, String path, byte[] content) throws IOException {
            Files.write(tree.resolve(path.substring(1)), content);
            files.put(path, content);
        }

        byte[] content() {
            byte[] content = new byte[random.nextInt(random.nextInt(5) == 0 ? 400_000 : 6_000)];
            random.nextBytes(content);
            for (int i = random.nextInt(4); i > 0 && content.length > 0; i--) {
                int from = random.nextInt(content.length);
                Arrays.fill(content, from, from + random.nextInt(content.length - from), (byte) 0);
            }
            return content;
        }

        void change(DiskEditor disk) throws IOException {
            List<String> paths = List.copyOf(files.keySet());
            String path = paths.get(random.nextInt(paths.size()));
            switch (random.nextInt(4)) {
                case 0 -> {
                    byte[] content = content();
                    disk.replace(path, Instant.ofEpochSecond(next), content.length, new ByteArrayInputStream(content));
                    files.put(path, content);
                    if (path.equals("/few/7") || path.equals("/few/second")) {
                        files.computeIfPresent("/few/7", (key, old) -> content);
                        files.computeIfPresent("/few/second", (key, old) -> content);
                    }
                }
                case 1 -> {
                    disk.remove(path);
                    files.remove(path);
                }
                default -> {
                    String added = List.of("/", "/many/", "/few/").get(random.nextInt(3)) + next++
                            + "n".repeat(random.nextInt(random.nextInt(5) == 0 ? 240 : 40));
                    byte[] content = content();
                    file(disk, added, content);
                    files.put(added, content);
                }
            }
        }

        void assertOn(Path image) throws IOException {
            try (DiskReader disk = DiskReader.open(image)) {
                List<String> found = new ArrayList<>();
                for (String directory : List.of("/", "/many", "/few")) {
                    for (DiskEntry entry : disk.list(directory)) {
                        if (entry.kind() == DiskEntry.Kind.FILE) {
                            found.add(entry.path());
                            try (var in = disk.open(entry.path())) {
                                assertThat(in.readAllBytes()).as(entry.path()).isEqualTo(files.get(entry.path()));
                            }
                        }
                    }
                }
                assertThat(found).containsExactlyInAnyOrderElementsOf(files.keySet());
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "-t ext2 -b 1024",
                "-t ext2 -b 1024 -I 128 -O none -g 1024",
                "-t ext2 -b 4096 -O sparse_super2,^resize_inode",
                "-t ext3 -b 1024 -J size=1",
                "-t ext4 -b 1024 -J size=1 -G 2 -g 2048",
                "-t ext4 -b 1024 -J size=1 -O metadata_csum_seed,orphan_file",
                "-t ext4 -b 2048 -O ^has_journal,^64bit -I 1024",
                "-t ext4 -b 4096 -O ^metadata_csum,uninit_bg,^has_journal -g 1024",
                "-t ext4 -b 4096 -O ^has_journal,64bit,metadata_csum,sparse_super2,^resize_inode -g 512",
                "-t ext4 -b 65536 -O ^has_journal"
            })
    void manyChangesLeaveNothingToRepair(String options) throws Exception {
        Model model = new Model(options.hashCode());
        Path tree = Files.createDirectories(dir.resolve("tree"));
        model.fill(tree);
        Path image = mke2fs(options, options.contains("65536") ? "64M" : "24M", tree);
        index(image);
        Ext2Tools.assertClean(image);
        for (int series = 0; series < 3; series++) {
            try (DiskEditor disk = DiskEditor.open(image)) {
                for (int i = 0; i < 40; i++) {
                    model.change(disk);
                }
                assertFree(disk, image);
            }
            Ext2Tools.assertClean(image);
            model.assertOn(image);
        }
        String path = List.copyOf(model.files.keySet()).get(model.files.size() / 2);
        Path dumped = dir.resolve("dumped");
        Ext2Tools.debugfs(image, "dump " + path + " " + dumped);
        assertThat(Files.readAllBytes(dumped)).isEqualTo(model.files.get(path));
        try (DiskEditor disk = DiskEditor.open(image)) {
            for (String each : model.files.keySet()) {
                disk.remove(each);
            }
            disk.remove("/few/fast");
            disk.remove("/few/slow");
        }
        Ext2Tools.assertClean(image);
    }

    /** Builds the hashed directories that mke2fs does not. */
    private static void index(Path image) throws Exception {
        new ProcessBuilder("/usr/sbin/e2fsck", "-fyD", image.toString())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start()
                .waitFor();
    }

    private static void assertFree(DiskEditor disk, Path image) throws Exception {
        Map<String, String> said = new HashMap<>();
        Ext2Tools.debugfs(image, "stats -h").lines().filter(line -> line.contains(":")).forEach(line -> {
            int colon = line.indexOf(':');
            said.put(line.substring(0, colon), line.substring(colon + 1).strip());
        });
        FreeSpace free = disk.free();
        assertThat(free.bytes() / Long.parseLong(said.get("Block size")))
                .isEqualTo(Long.parseLong(said.get("Free blocks")));
        assertThat(free.inodes()).isEqualTo(Long.parseLong(said.get("Free inodes")));
    }
}
