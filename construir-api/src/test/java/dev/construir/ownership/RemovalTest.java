package dev.construir.ownership;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RemovalTest {
    private static final int DEEPER_THAN_ANY_PATH = 3000;

    @TempDir
    Path dir;

    private Path root = Path.of("");

    @BeforeEach
    void prepare() throws IOException {
        root = Files.createDirectory(dir.resolve("root"));
    }

    /** From the inside out, as no path leads to the innermost. */
    private void deep(String name) throws IOException {
        Path inner = Files.createDirectory(dir.resolve("inner"));
        Files.writeString(inner.resolve("file"), "x");
        for (int i = 1; i < DEEPER_THAN_ANY_PATH; i++) {
            Path outer = Files.createDirectory(dir.resolve("outer"));
            Files.move(inner, outer.resolve("d"), StandardCopyOption.ATOMIC_MOVE);
            Files.move(outer, inner, StandardCopyOption.ATOMIC_MOVE);
        }
        Files.move(inner, root.resolve(name), StandardCopyOption.ATOMIC_MOVE);
    }

    @Test
    void whatIsDeeperThanAnyPathIsRemoved() throws IOException {
        deep("one");
        deep("two");
        Removal.delete(root);
        assertThat(dir).isEmptyDirectory();
    }

    @Test
    void linksAreRemovedAndNotFollowed() throws IOException {
        Path other = Files.createDirectory(dir.resolve("other"));
        Files.writeString(other.resolve("file"), "x");
        Files.createSymbolicLink(root.resolve("link"), other);
        Files.createSymbolicLink(Files.createDirectory(root.resolve("below")).resolve("link"), other);
        Removal.delete(root);
        assertThat(root).doesNotExist();
        assertThat(other.resolve("file")).hasContent("x");
    }

    @Test
    void aLinkInPlaceOfTheTreeIsRemovedAlone() throws IOException {
        Path link = Files.createSymbolicLink(dir.resolve("link"), root);
        Removal.delete(link);
        assertThat(link).doesNotExist();
        assertThat(root).exists();
    }

    @Test
    void whatDeniesItToItsOwnerIsRemoved() throws IOException {
        Path closed = Files.createDirectories(root.resolve("a/b/closed"));
        Files.writeString(closed.resolve("file"), "x");
        for (Path each : new Path[] {closed, root.resolve("a/b"), root.resolve("a"), root}) {
            Files.setPosixFilePermissions(each, PosixFilePermissions.fromString("---------"));
        }
        Removal.delete(root);
        assertThat(root).doesNotExist();
    }

    @Test
    void namesOfItsOwnMayBeTaken() throws IOException {
        Files.createDirectories(root.resolve(".removed-1/below"));
        Files.writeString(root.resolve(".removed-2"), "x");
        Removal.delete(root);
        assertThat(root).doesNotExist();
    }

    @Test
    void whatIsNotThereIsNoFault() throws IOException {
        Removal.delete(dir.resolve("missing"));
        assertThat(dir.resolve("missing")).doesNotExist();
    }
}
