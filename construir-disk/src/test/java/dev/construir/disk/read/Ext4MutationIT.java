package dev.construir.disk.read;

import static org.assertj.core.api.Assertions.assertThat;

import dev.construir.disk.Ext2Tools;
import dev.construir.testing.Mutants;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Damages disks of ext4 in many ways, as {@link MutationTest} does those that are written here. */
class Ext4MutationIT {
    private static final int ROUNDS = 1000;

    @TempDir
    Path dir;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "inline_data,meta_bg,^resize_inode,ea_inode,^has_journal -b 1024 -g 512 -N 64",
                "bigalloc,casefold,large_dir,^has_journal,^resize_inode -b 1024 -C 4096 -N 64 -E encoding=utf8",
                "^64bit,^extents,uninit_bg,^metadata_csum,^has_journal,^resize_inode -b 1024 -I 128 -N 64"
            })
    void onlyIoExceptionsComeOut(String options) throws Exception {
        Path image = image(options);
        byte[] original = Files.readAllBytes(image);
        // Zeros are rarely worth changing.
        int[] candidates = IntStream.range(1024, original.length)
                .filter(at -> original[at] != 0 || original[at - 1] != 0)
                .toArray();
        Assertions.assertTimeoutPreemptively(Duration.ofSeconds(60), () -> {
            Mutants mutants =
                    new Mutants(image, random -> candidates[random.nextInt(candidates.length)], dir.resolve("target"));
            assertThat(mutants.refused(new Random(20_240_501), ROUNDS)).isBetween(ROUNDS / 10, ROUNDS - 1);
        });
    }

    private Path image(String options) throws Exception {
        Path image = dir.resolve("disk.img");
        Path tree = tree();
        List<String> words = new ArrayList<>(List.of("-q", "-t", "ext4", "-O"));
        words.addAll(List.of(options.split(" ")));
        words.addAll(List.of("-d", tree.toString(), image.toString(), "3M"));
        Ext2Tools.run("mke2fs", words.toArray(new String[0]));
        Path value = Files.write(dir.resolve("value"), new byte[700]);
        Ext2Tools.modify(
                image,
                List.of(
                        "ea_set /d0/file3 user.small value",
                        "ea_set -f " + value + " /d0/file3 user.block",
                        "ea_set -f " + value + " /pieces user.block",
                        "ea_set /d1 user.small value"));
        return image;
    }

    /** Little content, much that says where it is. */
    private Path tree() throws IOException {
        Path tree = Files.createDirectories(dir.resolve("tree"));
        for (int i = 0; i < 24; i++) {
            Path directory = Files.createDirectories(tree.resolve("d" + i % 3));
            Files.write(directory.resolve("file" + i), new byte[i * 20]);
        }
        Files.createSymbolicLink(tree.resolve("fast"), Path.of("d1/file1"));
        Files.createSymbolicLink(tree.resolve("slow"), Path.of("y".repeat(90)));
        try (RandomAccessFile pieces =
                new RandomAccessFile(tree.resolve("pieces").toFile(), "rw")) {
            for (int i = 0; i < 350; i++) {
                pieces.seek(i * 4096L);
                pieces.write(1);
            }
        }
        return tree;
    }
}
