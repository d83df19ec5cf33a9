package dev.construir.disk.edit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.construir.disk.Ext2Tools;
import dev.construir.disk.read.DiskReader;
import dev.construir.disk.write.DiskBuilder;
import dev.construir.disk.write.DiskContent;
import dev.construir.disk.write.Images;
import dev.construir.ext.DirectoryHash;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Directories of more than one block: e2fsck computes every hash again and checks their order. */
class HashedDirectoryIT {
    private static final DirectoryHash HASH = DirectoryHash.of(Images.size("1M").uuid());

    @TempDir
    Path dir;

    private Path image(String size, DiskContent content) throws IOException {
        return Images.create(dir.resolve("disk.img"), size, content);
    }

    /** Many names of few files: there need not be as many inodes. */
    private static void names(DiskBuilder disk, Iterable<String> names) throws IOException {
        int count = 0;
        for (String name : names) {
            String file = "file" + count / 30_000;
            if (count++ % 30_000 == 0) {
                Images.file(disk, file, "");
            }
            disk.hardLink("many/" + name, file);
        }
    }

    private static Set<String> numbered(int count) {
        Set<String> names = new HashSet<>();
        for (int i = 0; i < count; i++) {
            names.add("a name of its own, " + i);
        }
        return names;
    }

    private static Set<String> names(Path image) throws IOException {
        Set<String> found = new HashSet<>();
        try (DiskReader disk = DiskReader.open(image)) {
            disk.list("/many").forEach(entry -> found.add(entry.path().substring("/many/".length())));
        }
        return found;
    }

    /** Disks below 16 MiB have blocks of 1 KiB, in which a root has room for 124 leaves; in 4 KiB it has for 508. */
    @ParameterizedTest
    @CsvSource({"1M, 33, 0", "8M, 2500, 0", "8M, 3200, 1", "15M, 40000, 1", "16M, 129, 0", "64M, 100000, 1"})
    void isIndexed(String size, int count, int levels) throws Exception {
        Set<String> names = numbered(count);
        Path image = image(size, disk -> names(disk, names));

        Ext2Tools.assertClean(image);
        assertThat(Ext2Tools.debugfs(image, "htree /many"))
                .contains("Hash Version: 1", "Indirect levels: " + levels, "a name of its own, " + (count - 1));
        assertThat(names(image)).isEqualTo(names);
    }

    @ParameterizedTest
    @CsvSource({"1M, 32", "16M, 128"})
    void isNotIndexedInOneBlock(String size, int count) throws Exception {
        Set<String> names = numbered(count);
        Path image = image(size, disk -> names(disk, names));

        Ext2Tools.assertClean(image);
        assertThat(Ext2Tools.debugfs(image, "htree /many")).contains("Not a hash-indexed directory");
        assertThat(names(image)).isEqualTo(names);
    }

    /** Three long names fill a leaf of 1 KiB, and the second of the two with one hash begins the next. */
    @Test
    void goesOnWithTheSameHash() throws Exception {
        TreeMap<Integer, String> byHash = new TreeMap<>(Integer::compareUnsigned);
        String first = null;
        String second = null;
        for (int i = 0; second == null; i++) {
            String name = i + "x".repeat(240);
            byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
            int hash = HASH.of(bytes, 0, bytes.length);
            first = byHash.put(hash, name);
            if (first != null && byHash.headMap(hash).size() >= 5) {
                second = name;
            }
        }
        byte[] bytes = second.getBytes(StandardCharsets.UTF_8);
        List<String> before =
                List.copyOf(byHash.headMap(HASH.of(bytes, 0, bytes.length)).values());
        Set<String> names = new HashSet<>(before.subList(0, 5));
        names.add(first);
        names.add(second);
        Path image = image("1M", disk -> names(disk, names));

        Ext2Tools.assertClean(image);
        String hash = String.format("0x%08x", HASH.of(bytes, 0, bytes.length) | DirectoryHash.CONTINUED);
        assertThat(Ext2Tools.debugfs(image, "htree /many")).contains("Hash " + hash);
        assertThat(names(image)).isEqualTo(names);
    }
}
