package dev.construir.disk.write;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.construir.disk.Ext2Tools;
import dev.construir.disk.read.DiskReader;
import dev.construir.ext.DiskPath;
import dev.construir.host.Holes;
import dev.construir.host.HostDirectory;
import dev.construir.host.HostEntry;
import dev.construir.host.HostFile;
import dev.construir.host.OpenDirectory;
import dev.construir.host.ProcFdPaths;
import dev.construir.host.SystemCalls;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Somebody else changes a directory while it is packed. */
@Timeout(value = 60, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ReplacedTreeTest {
    private static final String SECRET = "the host's own, and nobody else's";
    private static final int ROUNDS = 40;

    @TempDir
    Path dir;

    private Path tree = Path.of("");
    private Path victim = Path.of("");

    @BeforeEach
    void prepare() throws IOException {
        victim = Files.createDirectories(dir.resolve("victim"));
        Files.writeString(victim.resolve("file"), SECRET);
        tree = Files.createDirectories(dir.resolve("tree"));
        Files.writeString(Files.createDirectories(tree.resolve("sub")).resolve("file"), "the job's");
    }

    private Path packed(Predicate<Path> which) throws IOException {
        Path image = dir.resolve("disk.img");
        Files.deleteIfExists(image);
        return Images.create(image, "1M", disk -> disk.tree("/", tree, which, PackOptions.DEFAULT));
    }

    private static void move(Path from, Path to) {
        try {
            Files.move(from, to);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static long descriptors() throws IOException {
        try (Stream<Path> all = Files.list(Path.of("/proc/self/fd"))) {
            return all.count();
        }
    }

    /** It is replaced when it was listed, and before its file is opened. */
    @Test
    void aDirectoryThatBecomesALinkIsStillTheDirectory() throws Exception {
        Files.createSymbolicLink(dir.resolve("link"), victim);
        Path image = packed(path -> {
            if (path.endsWith("sub/file")) {
                move(tree.resolve("sub"), dir.resolve("moved"));
                move(dir.resolve("link"), tree.resolve("sub"));
            }
            return true;
        });
        try (DiskReader disk = DiskReader.open(image)) {
            assertThat(new String(disk.open("/sub/file").readAllBytes(), StandardCharsets.UTF_8))
                    .isEqualTo("the job's");
        }
    }

    @Test
    void directoriesThatAreReplacedAllTheTimeLeadNowhere() throws Exception {
        Files.createSymbolicLink(dir.resolve("link"), victim);
        Ext2Tools.run("mkfifo", dir.resolve("pipe").toString());
        AtomicBoolean ended = new AtomicBoolean();
        Thread attacker = new Thread(() -> {
            for (int i = 0; !ended.get(); i++) {
                Path other = dir.resolve(i % 2 == 0 ? "link" : "pipe");
                move(tree.resolve("sub"), dir.resolve("moved"));
                move(other, tree.resolve("sub"));
                move(tree.resolve("sub"), other);
                move(dir.resolve("moved"), tree.resolve("sub"));
            }
        });
        attacker.start();
        try {
            for (int i = 0; i < ROUNDS; i++) {
                try {
                    assertThat(Files.readString(packed(path -> true), StandardCharsets.ISO_8859_1))
                            .doesNotContain(SECRET);
                } catch (FileSystemException e) {
                    assertThat(e.getFile()).isNotNull().startsWith(tree.toString());
                }
            }
        } finally {
            ended.set(true);
            attacker.join();
        }
    }

    private HostEntry entry(String name) throws IOException {
        HostDirectory place = HostDirectory.target(OpenDirectory.open(tree, new ProcFdPaths()));
        return new HostEntry(place, tree.resolve(name), Path.of(name), DiskPath.utf8(name));
    }

    @Test
    void aFileThatBecameAPipeOrALinkIsNotWaitedFor() throws Exception {
        Object key = Objects.requireNonNull(Holes.key(tree.resolve("sub/file")));
        Ext2Tools.run("mkfifo", tree.resolve("pipe").toString());
        Files.createSymbolicLink(tree.resolve("link"), tree.resolve("sub/file"));
        HostEntry pipe = entry("pipe");
        assertThatThrownBy(() -> HostFile.open(pipe, key, SystemCalls.available()))
                .isInstanceOf(FileSystemException.class)
                .hasMessageContainingAll(tree.resolve("pipe").toString(), "it was replaced while it was packed");
        pipe.place().held().close();
        HostEntry link = entry("link");
        for (Optional<SystemCalls> calls : java.util.List.of(SystemCalls.available(), Optional.<SystemCalls>empty())) {
            assertThatThrownBy(() -> HostFile.open(link, key, calls).read()).isInstanceOf(FileSystemException.class);
        }
        link.place().held().close();
    }

    @Test
    void whatFailsIsNamedAndLeavesNothingOpen() throws Exception {
        Files.createDirectories(tree.resolve("sub/below/deep"));
        long before = descriptors();
        assertThatThrownBy(() -> packed(path -> {
                    if (path.endsWith("deep")) {
                        throw new IllegalStateException("stopped");
                    }
                    return true;
                }))
                .isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> packed(path -> {
                    if (path.endsWith("below") && Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
                        move(path.resolve("deep"), path.resolveSibling("other"));
                        move(path, dir.resolve("below"));
                    }
                    return true;
                }))
                .isInstanceOf(FileSystemException.class)
                .hasMessageContaining(tree.resolve("sub/below").toString());
        assertThat(descriptors()).isEqualTo(before);
    }

    @Test
    void severalNamesOfAFileTakeOneInode() throws Exception {
        for (int i = 0; i < 50; i++) {
            Files.createLink(tree.resolve("name" + i), tree.resolve("sub/file"));
        }
        long inodes =
                DiskContent.ofTree(tree, path -> true, PackOptions.DEFAULT).inodes();
        assertThat(inodes).isEqualTo(11 + 2);
    }
}
