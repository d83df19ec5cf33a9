package dev.construir.command.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.construir.sandbox.Sandbox;
import dev.construir.sandbox.SandboxException;
import dev.construir.testkit.FakeHypervisor;
import dev.construir.testkit.FakeSandboxGuest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Where copies go, to and from a guest in memory. */
@Timeout(60)
class SandboxFilesTest {
    private static final FakeSandboxGuest GUEST = FakeSandboxGuest.builder()
            .file("/d/a", "in the sandbox")
            .file("/d/b", "another")
            .program(
                    "test",
                    process -> process.files().isDirectory(process.arguments().get(2)) ? 0 : 1)
            .program("cat", process -> {
                process.print(process.files().readText(process.arguments().get(1)));
                return 0;
            })
            .build();

    @TempDir
    Path directory;

    private Sandbox vm;
    private Path file;

    @BeforeEach
    void open() throws Exception {
        file = Files.writeString(directory.resolve("file"), "of the host");
        vm = Sandbox.open(new FakeHypervisor(GUEST), FakeHypervisor.image(directory.resolve("root.img")));
    }

    @AfterEach
    void close() throws IOException {
        vm.close();
        try (Stream<Path> left = Files.walk(directory)) {
            assertThat(left.map(path -> path.getFileName().toString())).noneMatch(name -> name.startsWith("."));
        }
    }

    private String there(String path) throws Exception {
        return vm.exec("cat", path).text();
    }

    @Test
    void aFileGoesIn_toItsPathOrToADirectory() throws Exception {
        SandboxFiles.copyIn(vm, file, "/new/name");
        assertThat(there("/new/name")).isEqualTo("of the host");
        SandboxFiles.copyIn(vm, file, "/d/a");
        assertThat(there("/d/a")).isEqualTo("of the host");
        SandboxFiles.copyIn(vm, file, "/d");
        assertThat(there("/d/file")).isEqualTo("of the host");
        SandboxFiles.copyIn(vm, file, "/made/for/it/");
        assertThat(there("/made/for/it/file")).isEqualTo("of the host");
        SandboxFiles.copyIn(vm, file, "/");
        assertThat(there("/file")).isEqualTo("of the host");
        assertThat(there("/d/b")).isEqualTo("another");
    }

    @Test
    void aDirectoryGoesIn_withItsEntries() throws Exception {
        Files.writeString(
                Files.createDirectories(directory.resolve("tree/below")).resolve("x"), "x");
        SandboxFiles.copyIn(vm, directory.resolve("tree"), "/d");
        assertThat(there("/d/below/x")).isEqualTo("x");
        assertThatThrownBy(() -> SandboxFiles.copyIn(vm, directory.resolve("tree"), "/d/a"))
                .isInstanceOf(SandboxException.class);
        assertThat(there("/d/a")).isEqualTo("in the sandbox");
    }

    @Test
    void aFileComesOut_toItsPathOrToADirectory() throws Exception {
        Path renamed = directory.resolve("renamed");
        SandboxFiles.copyOut(vm, "/d/a", renamed);
        assertThat(renamed).hasContent("in the sandbox");
        SandboxFiles.copyOut(vm, "/d/a", file);
        assertThat(file).hasContent("in the sandbox");
        Path out = Files.createDirectories(directory.resolve("out"));
        SandboxFiles.copyOut(vm, "/d/a", out);
        SandboxFiles.copyOut(vm, "/d/b", out.resolve("."));
        SandboxFiles.copyOut(vm, "/d/b", directory.resolve("made/for/it/."));
        assertThat(out.resolve("a")).hasContent("in the sandbox");
        assertThat(out.resolve("b")).hasContent("another");
        assertThat(directory.resolve("made/for/it/b")).hasContent("another");
    }

    @Test
    void whatGoesInComesBack() throws Exception {
        SandboxFiles.copyIn(vm, file, "/x");
        SandboxFiles.copyOut(vm, "/x", file);
        assertThat(file).isRegularFile().hasContent("of the host");
    }

    @Test
    void aDirectoryComesOut_withItsEntries() throws Exception {
        Path out = directory.resolve("out");
        SandboxFiles.copyOut(vm, "/d", out);
        SandboxFiles.copyOut(vm, "/d", out);
        assertThat(out.resolve("a")).hasContent("in the sandbox");
        assertThat(out.resolve("b")).hasContent("another");
    }

    @Test
    void aFileReplacesFilesOnly() throws Exception {
        Path in = Files.createDirectories(directory.resolve("out/a"));
        assertThatThrownBy(() -> SandboxFiles.copyOut(vm, "/d/a", directory.resolve("out")))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("is a directory");
        assertThat(in).isEmptyDirectory();
        assertThatThrownBy(() -> SandboxFiles.copyOut(vm, "/d/a", Path.of("/dev/null")))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("no regular file");
        assertThatThrownBy(() -> SandboxFiles.copyOut(vm, "/d/a", directory.resolve("no/such/file")))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("there is no directory " + directory.resolve("no/such"));
        Path link = Files.createSymbolicLink(directory.resolve("link"), Path.of("file"));
        SandboxFiles.copyOut(vm, "/d/a", link);
        assertThat(link).isSymbolicLink();
        assertThat(file).hasContent("in the sandbox");
    }

    @Test
    void whatIsNotThere_leavesNothing() throws Exception {
        assertThatThrownBy(() -> SandboxFiles.copyOut(vm, "/nowhere", directory.resolve("out")))
                .isInstanceOf(SandboxException.class)
                .hasMessageContaining("could not copy /nowhere");
        assertThat(List.of(directory.resolve("out"))).noneMatch(Files::exists);
    }
}
