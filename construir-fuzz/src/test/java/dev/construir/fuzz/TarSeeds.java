package dev.construir.fuzz;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Small tar archives of all formats, which a fuzzer begins with. */
final class TarSeeds {
    private static final List<String> KINDS = List.of(
            "--format=v7",
            "--format=ustar",
            "--format=gnu --sparse",
            "--format=pax --sparse --sparse-version=0.0",
            "--format=pax --sparse --sparse-version=0.1",
            "--format=pax --sparse --sparse-version=1.0 --pax-option=SCHILY.xattr.user.name=value");

    private TarSeeds() {}

    static List<byte[]> archives() throws IOException, InterruptedException {
        List<byte[]> archives = new ArrayList<>();
        Path directory = Files.createTempDirectory("seeds");
        try {
            Path tree = tree(directory.resolve("tree"));
            for (String kind : KINDS) {
                if (kind.contains("gnu")) { // from here on they go beyond 100 bytes
                    Path deep = Files.createDirectory(tree.resolve("n".repeat(120)));
                    Files.createSymbolicLink(deep.resolve("target"), Path.of("t".repeat(120)));
                }
                Path archive = directory.resolve("archive.tar");
                List<String> words =
                        new ArrayList<>(List.of("tar", "-b", "1", "--owner=0", "--group=0", "--sort=name"));
                words.addAll(List.of(kind.split(" ")));
                words.addAll(List.of("-C", tree.toString(), "-cf", archive.toString(), "."));
                Seeds.run(words);
                archives.add(Files.readAllBytes(archive));
            }
        } finally {
            Outside.remove(directory);
        }
        return archives;
    }

    private static Path tree(Path tree) throws IOException {
        Path deep = Files.createDirectories(tree.resolve("some/directories"));
        Files.writeString(deep.resolve("file"), "content");
        Files.createLink(tree.resolve("again"), deep.resolve("file"));
        Files.createSymbolicLink(tree.resolve("link"), Path.of("some/directories/file"));
        try (RandomAccessFile sparse =
                new RandomAccessFile(tree.resolve("sparse").toFile(), "rw")) {
            for (int i = 1; i <= 6; i++) { // more than an old header has room for
                sparse.seek(i * 20_480L);
                sparse.write(i);
            }
            sparse.setLength(150_000);
        }
        return tree;
    }
}
