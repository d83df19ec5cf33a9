package dev.construir.disk.edit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.construir.DiskFormatException;
import dev.construir.disk.Attributes;
import dev.construir.disk.DiskEntry;
import dev.construir.disk.DiskFullException;
import dev.construir.disk.Ext2Tools;
import dev.construir.disk.FreeSpace;
import dev.construir.disk.ReadLimits;
import dev.construir.disk.read.DiskReader;
import dev.construir.disk.write.Images;
import dev.construir.disk.write.JobDisk;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Changes what mke2fs and debugfs write, and has e2fsck look at it. */
class DiskEditorIT {
    private static final Attributes ATTRIBUTES = new Attributes(0640, 70_000, 100_000, Images.TIME);

    /** More than fit in a block of an extent tree, and so few that they take no time. */
    private static final int PIECES = 100;

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
    private static final class Model {
        final Random random;
        final Map<String, byte[]> files = new TreeMap<>();
        int next;

        Model(long seed) {
            random = new Random(seed);
        }

        void fill(Path tree) throws IOException {
            Files.createDirectories(tree.resolve("many"));
            Files.createDirectories(tree.resolve("few"));
            for (int i = 0; i < 70; i++) {
                put(tree, "/many/" + i + "-a-name-that-is-long".repeat(7), Images.bytes(i, i % 7 * 400));
            }
            for (int i = 0; i < 10; i++) {
                put(tree, "/few/" + i, Images.bytes(i, 1 << (i + 8)));
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
                    String added = List.of("/", "/many/", "/few/").get(random.nextInt(3))
                            + next++
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
        for (int series = 0; series < 2; series++) {
            try (DiskEditor disk = DiskEditor.open(image)) {
                for (int i = 0; i < 30; i++) {
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
        Ext2Tools.debugfs(image, "stats -h")
                .lines()
                .filter(line -> line.contains(":"))
                .forEach(line -> {
                    int colon = line.indexOf(':');
                    said.put(line.substring(0, colon), line.substring(colon + 1).strip());
                });
        FreeSpace free = disk.free();
        assertThat(free.bytes() / Long.parseLong(said.get("Block size")))
                .isEqualTo(Long.parseLong(said.get("Free blocks")));
        assertThat(free.inodes()).isEqualTo(Long.parseLong(said.get("Free inodes")));
    }

    /** What is done to a disk, and what a path holds afterwards; null if nothing. */
    private static final class Step {
        final String path;
        final byte @Nullable [] after;
        final Action action;

        Step(String path, byte @Nullable [] after, Action action) {
            this.path = path;
            this.after = after;
            this.action = action;
        }
    }

    @FunctionalInterface
    private interface Action {
        void on(DiskEditor disk) throws IOException;
    }

    private static Step adding(String path, byte[] content) {
        return new Step(path, content, disk -> file(disk, path, content));
    }

    private static Step removing(String path) {
        return new Step(path, null, disk -> disk.remove(path));
    }

    /**
     * A directory that needs another block (if it is indexed, a leaf is split), a file of a map of its own, one of two
     * names, a shared block of attributes.
     */
    private static List<Step> steps() {
        return List.of(
                adding("/many/" + "x".repeat(250), Images.bytes(1, 40_000)),
                adding("/few/9", Images.bytes(2, 30_000)),
                removing("/few/8"),
                removing("/few/second"),
                removing("/few/1"),
                removing("/few/fast"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"-t ext2 -b 1024", "-t ext4 -b 1024 -O ^has_journal"})
    void cutOffAnywhereNothingIsLostButWhatNoFileHas(String options) throws Exception {
        Model model = new Model(1);
        Path tree = Files.createDirectories(dir.resolve("tree"));
        model.fill(tree);
        Path image = mke2fs(options, "3M", tree);
        if (options.contains("ext4")) {
            index(image);
        }
        shareAttributes(image);
        byte[] before = Files.readAllBytes(image);
        int cuts = 0;
        for (Step step : steps()) {
            boolean whole = false;
            for (int writes = 0; !whole; writes++) {
                byte[] bytes = before.clone();
                EditableBytes disk = new EditableBytes(bytes, writes);
                DiskEditor editor = DiskEditor.on(disk, ReadLimits.DEFAULT);
                try {
                    step.action.on(editor);
                    whole = true;
                } catch (IOException e) {
                    cuts++;
                    if (disk.isChanged()) {
                        assertThat(e)
                                .hasMessageContaining("marked as not clean")
                                .hasMessageContaining("e2fsck -f");
                        assertThatThrownBy(editor::free).hasMessageContaining("not unmounted cleanly");
                    } else {
                        assertThat(editor.free().bytes()).isPositive();
                    }
                }
                Files.write(image, bytes);
                assertOldOrNew(image, model.files, step);
                if (whole || !disk.isChanged()) {
                    Ext2Tools.assertClean(image);
                } else if (writes % 3 == 2) {
                    assertRepairable(image);
                    assertOldOrNew(image, model.files, step);
                }
            }
        }
        assertThat(cuts).isGreaterThan(25);
    }

    private void shareAttributes(Path image) throws Exception {
        Path value = Files.write(dir.resolve("value"), Images.bytes(3, 600));
        Ext2Tools.modify(
                image, List.of("ea_set -f " + value + " /few/1 user.big", "ea_set -f " + value + " /few/8 user.big"));
    }

    private static void assertRepairable(Path image) throws Exception {
        Process check = new ProcessBuilder("/usr/sbin/e2fsck", "-fy", image.toString())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        assertThat(check.waitFor()).isEqualTo(1); // something was repaired, nothing is left to be
        Ext2Tools.assertClean(image);
    }

    private static void assertOldOrNew(Path image, Map<String, byte[]> old, Step step) throws IOException {
        try (DiskReader disk = DiskReader.open(image)) {
            Map<String, byte[]> expected = new TreeMap<>(old);
            byte[] found = content(disk, step.path);
            byte[] earlier = expected.remove(step.path);
            if (found == null || step.after == null) {
                assertThat(found)
                        .satisfiesAnyOf(
                                either -> assertThat(either).isEqualTo(earlier),
                                either -> assertThat(either).isEqualTo(step.after));
            } else {
                assertThat(Arrays.equals(found, earlier) || Arrays.equals(found, step.after))
                        .isTrue();
            }
            for (Map.Entry<String, byte[]> each : expected.entrySet()) {
                assertThat(content(disk, each.getKey())).as(each.getKey()).isEqualTo(each.getValue());
            }
        }
    }

    private static byte @Nullable [] content(DiskReader disk, String path) throws IOException {
        if (disk.find(path).filter(entry -> entry.kind() == DiskEntry.Kind.FILE).isEmpty()) {
            return null;
        }
        try (var in = disk.open(path)) {
            return in.readAllBytes();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"-t ext2 -b 1024", "-t ext4 -b 1024 -O ^has_journal"})
    void whatIsScatteredOrSparseIsMapped(String options) throws Exception {
        Path tree = Files.createDirectories(dir.resolve("tree"));
        Path image = mke2fs(options, "6M", tree);
        byte[] scattered = Images.bytes(4, 450_000);
        byte[] sparse = new byte[80_000_000];
        sparse[70_000_000] = 1;
        sparse[300_000] = 2;
        try (DiskEditor disk = DiskEditor.open(image)) {
            List<String> small = new ArrayList<>();
            for (int i = 0; i < 2 * PIECES; i++) {
                small.add("/" + i);
                file(disk, "/" + i, Images.bytes(i, 700));
            }
            file(disk, "/filler", Images.bytes(5, (int) disk.free().bytes() - 400_000));
            for (int i = 0; i < small.size(); i += 2) {
                disk.remove(small.get(i));
            }
            file(disk, "/scattered", scattered);
            file(disk, "/sparse", sparse);
        }
        Ext2Tools.assertClean(image);
        try (DiskReader disk = DiskReader.open(image)) {
            assertThat(content(disk, "/scattered")).isEqualTo(scattered);
            assertThat(Arrays.equals(content(disk, "/sparse"), sparse)).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"construir", "-t ext4 -b 1024 -O ^has_journal"})
    void anIndexStaysUntilItIsFull(String options) throws Exception {
        Path tree = Files.createDirectories(dir.resolve("tree"));
        Files.createDirectories(tree.resolve("d"));
        for (int i = 0; i < 30; i++) {
            Files.createFile(tree.resolve("d").resolve(longName(i)));
        }
        Path image = dir.resolve("disk.img");
        if (options.equals("construir")) {
            JobDisk.create(image, Images.size("4M"), disk -> disk.tree("/", tree));
        } else {
            mke2fs(options, "4M", tree);
            index(image);
        }
        int added = 30;
        try (DiskEditor disk = DiskEditor.open(image)) {
            while (added < 150) {
                file(disk, "/d/" + longName(added++), new byte[0]);
            }
        }
        Ext2Tools.assertClean(image);
        assertThat(Ext2Tools.debugfs(image, "htree /d"))
                .contains("Root node dump")
                .contains("Indirect levels: 0");
        try (DiskEditor disk = DiskEditor.open(image)) {
            while (added < 500) {
                file(disk, "/d/" + longName(added++), new byte[0]);
            }
        }
        Ext2Tools.assertClean(image);
        assertThat(Ext2Tools.debugfs(image, "htree /d")).contains("Not a hash-indexed directory");
        try (DiskReader disk = DiskReader.open(image)) {
            assertThat(disk.list("/d")).hasSize(added);
        }
    }

    /** So long that four of them fill a block. */
    private static String longName(int number) {
        return number + "ü".repeat(110);
    }

    @ParameterizedTest
    @ValueSource(strings = {"metadata_csum", "^metadata_csum,uninit_bg"})
    void groupsThatWereNeverWrittenAreBegun(String checksums) throws Exception {
        Path tree = Files.createDirectories(dir.resolve("tree"));
        Path image = mke2fs("-t ext4 -b 1024 -g 1024 -N 128 -O ^has_journal," + checksums, "8M", tree);
        assertThat(Ext2Tools.run("dumpe2fs", image.toString())).contains("INODE_UNINIT", "BLOCK_UNINIT");
        try (DiskEditor disk = DiskEditor.open(image)) {
            for (long i = disk.free().inodes(); i > 0; i--) {
                file(disk, "/" + i, i == 50 ? Images.bytes(i, (int) disk.free().bytes() * 9 / 10) : new byte[0]);
            }
            assertThat(disk.free().inodes()).isZero();
            assertThatThrownBy(() -> file(disk, "/more", new byte[0]))
                    .isInstanceOf(DiskFullException.class)
                    .hasMessageContaining("all of its 128 inodes are used");
        }
        Ext2Tools.assertClean(image);
        assertThat(Ext2Tools.run("dumpe2fs", image.toString())).doesNotContain("INODE_UNINIT", "BLOCK_UNINIT");
    }

    @Test
    void aFullDiskTakesAFileInPlaceOfItself() throws Exception {
        Path tree = Files.createDirectories(dir.resolve("tree"));
        Files.write(tree.resolve("status"), Images.bytes(1, 512));
        Path image = mke2fs("-t ext2 -b 1024", "1M", tree);
        try (DiskEditor disk = DiskEditor.open(image)) {
            file(disk, "/big", Images.bytes(2, 200_000));
            for (long free = disk.free().bytes(); free > 0; free = disk.free().bytes()) {
                file(disk, "/rest" + free, Images.bytes(3, (int) Math.max(1024, free / 2)));
            }
            byte[] status = Images.bytes(4, 512);
            assertThatThrownBy(() -> file(disk, "/new", status))
                    .isInstanceOf(DiskFullException.class)
                    .hasMessageContaining("no block of 1024 bytes is free");
            file(disk, "/status", status);
            file(disk, "/big", Images.bytes(5, 199_900));
            assertThatThrownBy(() ->
                            disk.replace("/status", Images.TIME, 512, new ByteArrayInputStream(new byte[] {1, 2, 3})))
                    .hasMessageContaining("/status could not be replaced and is empty now")
                    .hasMessageContaining("ends after 3 of 512 bytes");
        }
        Ext2Tools.assertClean(image);
        try (DiskReader disk = DiskReader.open(image)) {
            assertThat(content(disk, "/status")).isEmpty();
            assertThat(content(disk, "/big")).isEqualTo(Images.bytes(5, 199_900));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"-t ext4 -J size=1 -O ^metadata_csum", "-t ext4 -J size=1"})
    void ofAMutatedDiskOnlyIoExceptionsCome(String options) throws Exception {
        Path tree = dir.resolve("tree");
        Files.createDirectories(tree.resolve("d"));
        Files.write(tree.resolve("d/file"), Images.bytes(1, 20_000));
        Files.createLink(tree.resolve("d/second"), tree.resolve("d/file"));
        Files.write(tree.resolve("construir.status"), Images.bytes(2, 512));
        Files.createSymbolicLink(tree.resolve("slow"), Path.of("s".repeat(100)));
        byte[] original = Files.readAllBytes(mke2fs(options + " -b 1024", "4M", tree));
        Assertions.assertTimeoutPreemptively(Duration.ofSeconds(60), () -> DiskEditorTest.mutate(original, 200));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    -O quota                                 | quota
                    -O project,quota                         | quota, project
                    -O bigalloc                              | bigalloc
                    -O mmp                                   | mmp
                    -O meta_bg,^resize_inode                 | meta_bg
                    -O encrypt                               | encrypt
                    -O casefold -E encoding=utf8             | casefold
                    -O inline_data                           | inline_data
                    -O ea_inode                              | ea_inode
                    """)
    void whatHindersIsNamed(String options, String feature) throws Exception {
        Path image = mke2fs("-t ext4 " + options, "8M", Files.createDirectories(dir.resolve("tree")));
        assertThatThrownBy(() -> DiskEditor.open(image))
                .isInstanceOf(DiskFormatException.class)
                .hasMessageMatching(".*features that (hinder a change|cannot be read): " + feature);
    }

    @Test
    void aJournalThatIsNotEmptyIsRefused() throws Exception {
        Path tree = Files.createDirectories(dir.resolve("tree"));
        Files.write(tree.resolve("file"), new byte[5000]);
        Path image = mke2fs("-t ext4 -b 1024 -J size=1", "8M", tree);
        byte[] clean = Files.readAllBytes(image);
        Ext2Tools.modify(image, List.of("jo", "jw -b 6000 /dev/null", "jc"));
        assertThatThrownBy(() -> DiskEditor.open(image))
                .isInstanceOf(DiskFormatException.class)
                .hasMessageContaining("needs_recovery (the journal was not replayed)");
        Ext2Tools.modify(image, List.of("feature -needs_recovery"));
        assertThatThrownBy(() -> DiskEditor.open(image))
                .isInstanceOf(DiskFormatException.class)
                .hasMessageContaining("the journal, inode 8")
                .hasMessageContaining("not empty");
        Files.write(image, clean);
        Ext2Tools.modify(image, List.of("set_inode_field /file flags 0x180000"));
        try (DiskEditor disk = DiskEditor.open(image)) {
            assertThatThrownBy(() -> disk.remove("/file")).hasMessageContaining("sealed by verity");
        }
    }
}
