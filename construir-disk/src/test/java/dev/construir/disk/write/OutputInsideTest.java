package dev.construir.disk.write;

import static org.assertj.core.api.Assertions.assertThat;

import dev.construir.DataSize;
import dev.construir.disk.read.DiskReader;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is written while a directory is packed is not packed with it. */
class OutputInsideTest {
    @TempDir
    Path dir;

    private Path tree;
    private final List<String> warnings = new ArrayList<>();

    @BeforeEach
    void fill() throws IOException {
        tree = Files.createDirectory(dir.resolve("tree"));
        Files.createDirectories(tree.resolve("a/b"));
        Files.writeString(tree.resolve("a/input"), "x");
    }

    private List<String> pack(Path image, Path directory, Path... outputs) throws IOException {
        PackOptions options = PackOptions.DEFAULT.withOutputs(List.of(outputs)).withWarnings(warnings::add);
        JobDisk.create(
                image, DiskOptions.of(DataSize.ofMebibytes(8)), DiskContent.ofTree(directory, entry -> true, options));
        List<String> paths = new ArrayList<>();
        try (DiskReader disk = DiskReader.open(image)) {
            disk.walk("/", entry -> {
                paths.add(entry.path());
                return FileVisitResult.CONTINUE;
            });
        }
        paths.remove("/lost+found");
        return paths;
    }

    @Test
    void theImageItselfIsLeftOutAtAnyDepth() throws IOException {
        assertThat(pack(tree.resolve("top.img"), tree)).containsExactlyInAnyOrder("/a", "/a/b", "/a/input");
        Files.delete(tree.resolve("top.img"));
        assertThat(pack(tree.resolve("a/b/deep.img"), tree)).containsExactlyInAnyOrder("/a", "/a/b", "/a/input");
        assertThat(warnings)
                .containsExactly(
                        "left out, as it is being written: " + tree.resolve("top.img"),
                        "left out, as it is being written: " + tree.resolve("a/b/deep.img"));
    }

    @Test
    void theImageIsKnownThroughLinks() throws IOException {
        Path link = Files.createSymbolicLink(dir.resolve("link"), tree);
        assertThat(pack(link.resolve("one.img"), tree)).containsExactlyInAnyOrder("/a", "/a/b", "/a/input");
        Files.delete(tree.resolve("one.img"));
        assertThat(pack(tree.resolve("a/two.img"), link)).containsExactlyInAnyOrder("/a", "/a/b", "/a/input");
        assertThat(warnings).hasSize(2);
    }

    @Test
    void outputsAreLeftOutByAllTheirNames() throws IOException {
        Path file = Files.writeString(tree.resolve("result"), "x");
        Files.createLink(tree.resolve("a/other-name"), file);
        Files.createSymbolicLink(tree.resolve("link"), Path.of("result"));
        Files.writeString(tree.resolve("a/b/inside"), "x");
        assertThat(pack(dir.resolve("i.img"), tree, file, dir.resolve("tree/a/../a/b"), dir.resolve("none")))
                .containsExactlyInAnyOrder("/a", "/a/input", "/link");
        assertThat(warnings)
                .containsExactlyInAnyOrder(
                        "left out, as it is being written: " + file,
                        "left out, as it is being written: " + tree.resolve("a/other-name"),
                        "left out, as it is being written: " + tree.resolve("a/b"));
    }

    @Test
    void resultsMayGoToTheDirectoryItself() throws IOException {
        assertThat(pack(dir.resolve("i.img"), tree, tree)).containsExactlyInAnyOrder("/a", "/a/b", "/a/input");
        assertThat(warnings).isEmpty();
    }
}
