package dev.construir.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.construir.DataSize;
import dev.construir.command.disk.DiskFiles;
import dev.construir.disk.write.DiskOptions;
import dev.construir.disk.write.JobDisk;
import dev.construir.partition.Partitioned;
import dev.construir.qcow2.Qcow2Maker;
import dev.construir.terminal.Environment;
import dev.construir.terminal.ExitCode;
import dev.construir.terminal.Terminal;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code ls}, {@code cat} and {@code extract} on every kind of image they take. */
@Timeout(60)
@SuppressWarnings("NullAway.Init")
class ReadDisksTest {
    private static final List<String> KINDS =
            List.of("whole.img", "whole.qcow2", "disk.img", "disk.qcow2", "disk.img.xz", "disk.qcow2.xz", "directory");

    @TempDir
    Path directory;

    private final Terminal terminal = Terminal.files();

    @BeforeEach
    void makeDisks() throws Exception {
        byte[] whole = fileSystem("content");
        byte[] disk =
                new Partitioned(1500).gpt(40, 99, 100, 611).put(100, whole).bytes();
        Qcow2Maker qcow2 = new Qcow2Maker().clusterBits(12).compressed();
        Files.write(directory.resolve("whole.img"), whole);
        qcow2.make(directory.resolve("whole.qcow2"), whole);
        Path raw = Files.write(directory.resolve("disk.img"), disk);
        Path packed = qcow2.make(directory.resolve("disk.qcow2"), disk);
        DiskFiles.pack(raw, directory.resolve("disk.img.xz"));
        DiskFiles.pack(packed, directory.resolve("disk.qcow2.xz"));
        Path image = Files.createDirectory(directory.resolve("directory"));
        Files.copy(packed, image.resolve("root")); // its format is not told by its name here
        Files.writeString(image.resolve("image.properties"), "disk=root\nformat=qcow2\narchitecture=x86_64\n");
    }

    private byte[] fileSystem(String content) throws IOException {
        Path tree = Files.createDirectories(directory.resolve(content));
        Files.writeString(Files.createDirectories(tree.resolve("etc")).resolve("motd"), content);
        Path image = directory.resolve(content + ".ext");
        JobDisk.create(image, DiskOptions.of(DataSize.ofKibibytes(256)), disk -> disk.tree("/", tree));
        return Files.readAllBytes(image);
    }

    private int execute(String... arguments) {
        terminal.out.reset();
        terminal.err.reset();
        Backends none = new Backends(List.of());
        Environment surroundings = Environment.of(Map.of("CONSTRUIR_CACHE", directory.toString()), Optional.empty());
        return Main.execute(terminal.streams(), surroundings, none, RunnerSource.on(none), arguments);
    }

    private String scratch() {
        return "--scratch=" + directory.resolve("scratch");
    }

    @Test
    void readsEveryKind() throws Exception {
        for (String kind : KINDS) {
            String image = directory.resolve(kind).toString();
            assertThat(execute("ls", scratch(), image, "/etc"))
                    .as(terminal.err())
                    .isZero();
            assertThat(terminal.out()).matches("-rw.* 7 .* motd\n");
            assertThat(execute("cat", scratch(), image, "/etc/motd")).isZero();
            assertThat(terminal.out()).isEqualTo("content");
            Path target = directory.resolve("from-" + kind);
            assertThat(execute("extract", scratch(), image, "-o", target.toString()))
                    .isZero();
            assertThat(target.resolve("etc/motd")).hasContent("content");
        }
        assertThat(directory.resolve("scratch")).doesNotExist(); // nothing was unpacked
    }

    @Test
    void aJournalThatWasNotReplayedIsSaidOnce() throws Exception {
        String image = directory.resolve("whole.img").toString();
        try (RandomAccessFile file = new RandomAccessFile(image, "rw")) {
            file.seek(1024 + 0x60);
            file.write(0x2 | 0x4); // needs_recovery
        }
        for (List<String> words : List.of(
                List.of("ls", "-R", image),
                List.of("cat", image, "/etc/motd"),
                List.of("extract", image, "-o", directory.resolve("stale").toString()))) {
            assertThat(execute(words.toArray(new String[0]))).isZero();
            assertThat(terminal.err().split("whole.img was not unmounted", -1)).hasSize(2);
            assertThat(terminal.err()).contains("run: e2fsck -p on a copy");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"disk.img", "disk.qcow2", "disk.qcow2.xz", "directory"})
    void listsPartitions(String kind) {
        assertThat(execute(
                        "ls", "--partitions", scratch(), directory.resolve(kind).toString()))
                .isZero();
        assertThat(terminal.out()).isEqualTo("""
                  #           START       SIZE  HOLDS     TYPE
                  1           20480        30K  -         Linux
                  2           51200       256K  ext2      Linux
                """);
        assertThat(execute(
                        "cat",
                        "--partition=2",
                        scratch(),
                        directory.resolve(kind).toString(),
                        "etc/motd"))
                .isZero();
        assertThat(terminal.out()).isEqualTo("content");
    }

    @Test
    void whatCannotBeReadIsSaidInALine() throws Exception {
        String disk = directory.resolve("disk.img").toString();
        assertFails(
                "there is no partition 3; there are: 1 (Linux, 30K), 2 (Linux, 256K, with files)",
                "ls",
                "--partition=3",
                disk);
        assertFails("magic number is missing", "ls", "--partition=1", disk);
        assertFails("--partition", "ls", "--partition=one", disk);
        assertFails(
                "no disk image: there is no such file or directory",
                "ls",
                directory.resolve("nothing").toString());
        assertFails("no root image in", "ls", directory.resolve("content").toString());
        Path several = Files.write(
                directory.resolve("several.img"),
                new Partitioned(2000)
                        .gpt(100, 611, 1000, 1511)
                        .put(100, fileSystem("one"))
                        .put(1000, fileSystem("two"))
                        .bytes());
        assertFails("say which one; there are: 1 (Linux, 256K, with files), 2", "ls", several.toString());
        assertThat(execute("cat", "--partition=2", several.toString(), "etc/motd"))
                .isZero();
        assertThat(terminal.out()).isEqualTo("two");
        Path overlay = directory.resolve("overlay.qcow2");
        byte[] bytes = new Qcow2Maker().make(new byte[1000]);
        bytes[15] = 1;
        Files.write(overlay, bytes);
        assertFails(
                "backing file, which is never opened; make a standalone image: qemu-img convert",
                "ls",
                overlay.toString());
    }

    private String links() throws IOException {
        Path tree = directory.resolve("links");
        Files.createDirectories(tree.resolve("usr/bin"));
        Files.createDirectories(tree.resolve("etc"));
        Files.writeString(tree.resolve("usr/bin/sh"), "shell");
        Files.createSymbolicLink(tree.resolve("bin"), Path.of("usr/bin"));
        Files.createSymbolicLink(tree.resolve("etc/sh"), Path.of("/bin/shell"));
        Files.createSymbolicLink(tree.resolve("usr/bin/shell"), Path.of("../../../../usr/bin/sh"));
        Files.createSymbolicLink(tree.resolve("gone"), Path.of("etc/none"));
        Files.createSymbolicLink(tree.resolve("circle"), Path.of("circle"));
        Path image = directory.resolve("links.img");
        JobDisk.create(image, DiskOptions.of(DataSize.ofKibibytes(256)), disk -> disk.tree("/", tree));
        return image.toString();
    }

    @Test
    void linksAreFollowedInsideTheImage() throws Exception {
        String disk = links();
        for (String path : List.of("etc/sh", "/bin/sh", "bin/../bin/./shell", "../../bin/sh")) {
            assertThat(execute("cat", disk, path)).as(terminal.err()).isZero();
            assertThat(terminal.out()).isEqualTo("shell");
        }
        String target = directory.resolve("out").toString();
        assertThat(execute("extract", disk, "/etc/sh", "-o", target)).isZero();
        assertThat(directory.resolve("out/sh")).hasContent("shell").matches(path -> !Files.isSymbolicLink(path));
        assertThat(execute("extract", disk, "bin", "-o", target + "2")).isZero();
        assertThat(directory.resolve("out2/sh")).hasContent("shell");
        assertThat(execute("ls", disk, "/bin")).isZero();
        assertThat(terminal.out()).endsWith(" /bin -> usr/bin\n");
        assertThat(execute("ls", disk, "/bin/")).isZero();
        assertThat(terminal.out()).contains(" sh\n", " shell -> ../../../../usr/bin/sh\n");
        assertThat(execute("ls", disk, "/bin/sh")).isZero();
        assertThat(terminal.out()).endsWith("/usr/bin/sh\n");
    }

    @Test
    void whatLeadsNowhereIsNamedWithTheLink() throws Exception {
        String disk = links();
        assertFails("usr: it is a directory; list it", "cat", disk, "usr");
        String target = directory.resolve("out").toString();
        for (String[] arguments : new String[][] {{"cat"}, {"ls"}, {"extract", "-o", target}}) {
            List<String> words = new ArrayList<>(List.of(arguments));
            words.addAll(List.of(disk, "none/at/all"));
            assertFails("none/at/all: /none is not on the disk", words.toArray(String[]::new));
            words.set(words.size() - 1, "gone/");
            assertFails(
                    "gone/: /etc/none is not on the disk; /gone is a symbolic link to etc/none",
                    words.toArray(String[]::new));
            words.set(words.size() - 1, "circle/x");
            assertFails(
                    "/circle: leads through more than 40 symbolic links, perhaps in a circle; /circle is a symbolic link to circle",
                    words.toArray(String[]::new));
            words.set(words.size() - 1, "usr/bin/sh/x");
            assertFails("usr/bin/sh/x: /usr/bin/sh is no directory", words.toArray(String[]::new));
        }
        assertThat(directory.resolve("out")).doesNotExist();
    }

    @Test
    void aFileThatIsMissingShowsInTheExitCode() throws Exception {
        Path target = Files.createDirectories(directory.resolve("taken/etc/motd"))
                .resolve("../..")
                .normalize();
        String image = directory.resolve("whole.img").toString();
        assertThat(execute("extract", image, "-o", target.toString())).isEqualTo(ExitCode.FAILED);
        assertThat(terminal.err())
                .contains("left out /etc/motd: a directory is in its place")
                .endsWith("1 of what was left out should be there: they are damaged, or this host refuses them\n");
    }

    @Test
    void whatIsDamagedCostsAListingNothingElse() throws Exception {
        Path tree = Files.createDirectories(directory.resolve("damaged"));
        Files.createSymbolicLink(tree.resolve("a-link"), Path.of("MARK"));
        Files.createDirectories(tree.resolve("dir"));
        Path image = directory.resolve("damaged.img");
        JobDisk.create(image, DiskOptions.of(DataSize.ofKibibytes(256)), disk -> disk.tree("/", tree));
        byte[] bytes = Files.readAllBytes(image);
        int mark = new String(bytes, java.nio.charset.StandardCharsets.ISO_8859_1).indexOf("MARK");
        bytes[mark + 1] = 0; // no link's text has a NUL
        Files.write(image, bytes);
        assertThat(execute("ls", image.toString())).isEqualTo(ExitCode.FAILED);
        assertThat(terminal.out()).contains("a-link -> ?\n", " dir\n");
        assertThat(terminal.err()).contains("/a-link cannot be read: ", "has a NUL in its target");
    }

    @Test
    void whatIsNoDiskIsToldByItsName() throws Exception {
        Path text = Files.writeString(directory.resolve("text"), "no disk\n".repeat(100));
        assertFails(
                text + ": no ext2, ext3 or ext4 file system fills the disk, and: no partition table",
                "ls",
                text.toString());
        Path notXz = Files.copy(text, directory.resolve("text.xz"));
        assertFails(notXz + ": it does not start as an .xz file does; ", "ls", scratch(), notXz.toString());
        byte[] whole = Files.readAllBytes(directory.resolve("disk.img.xz"));
        Path cut = Files.write(directory.resolve("cut.xz"), Arrays.copyOf(whole, whole.length / 2));
        assertFails("it was cut short, or something follows it; copy it again", "ls", scratch(), cut.toString());
        String one = directory.resolve("whole.img").toString();
        assertFails("there are no partitions, one file system fills the disk; ", "ls", "--partition=1", one);
        assertThat(execute("ls", "--partitions", one)).isZero();
        assertThat(terminal.err()).isEqualTo("construir: there are no partitions: one file system fills the disk\n");
        assertFails("-o " + text + ": it is there and no directory", "extract", one, "-o", text.toString());
    }

    private void assertFails(String why, String... arguments) {
        assertThat(execute(arguments)).isEqualTo(ExitCode.FAILED);
        assertThat(terminal.err()).startsWith("construir: ").contains(why).doesNotContain("\tat ");
        assertThat(terminal.out()).isEmpty();
    }
}
