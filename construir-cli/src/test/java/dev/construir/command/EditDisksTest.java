package dev.construir.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.construir.DataSize;
import dev.construir.command.disk.DiskFiles;
import dev.construir.disk.Attributes;
import dev.construir.disk.DiskEntry;
import dev.construir.disk.read.DiskReader;
import dev.construir.disk.write.DiskOptions;
import dev.construir.disk.write.JobDisk;
import dev.construir.partition.Partitioned;
import dev.construir.terminal.Environment;
import dev.construir.terminal.ExitCode;
import dev.construir.terminal.Terminal;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code put} and {@code rm}: what they change, what they leave, and what they refuse. */
@Timeout(60)
@SuppressWarnings("NullAway.Init")
class EditDisksTest {
    private static final Instant MONDAY = Instant.parse("2026-03-02T08:00:00Z");

    @TempDir
    Path directory;

    private final Terminal terminal = Terminal.files();
    private Path image;
    private Path file;

    @BeforeEach
    void makeDisk() throws Exception {
        image = directory.resolve("job.img");
        JobDisk.create(image, DiskOptions.of(DataSize.ofMebibytes(1)), disk -> {
            disk.directory("bin", Attributes.ofRoot(0755, Instant.EPOCH));
            byte[] old = "old".getBytes(StandardCharsets.UTF_8);
            disk.file("bin/construir", new Attributes(0750, 7, 8, Instant.EPOCH), 3, new ByteArrayInputStream(old));
            disk.symbolicLink("link", Attributes.ofRoot(0777, Instant.EPOCH), "bin/construir");
        });
        file = Files.writeString(directory.resolve("new.sh"), "#!/bin/sh\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-x--x"));
        Files.setLastModifiedTime(file, FileTime.from(MONDAY));
    }

    private int execute(Object... arguments) {
        terminal.out.reset();
        terminal.err.reset();
        Backends none = new Backends(List.of());
        Environment surroundings = Environment.of(Map.of("CONSTRUIR_CACHE", directory.toString()), Optional.empty());
        String[] texts = new String[arguments.length];
        for (int i = 0; i < texts.length; i++) {
            texts[i] = arguments[i].toString();
        }
        return Main.execute(terminal.streams(), surroundings, none, RunnerSource.on(none), texts);
    }

    private void assertDone(Object... arguments) {
        assertThat(execute(arguments)).as(terminal.err()).isZero();
        assertThat(terminal.out() + terminal.err()).isEmpty();
    }

    /** The command says why in one line, and the image has the bytes that it had. */
    private void assertRefused(Path disk, String why, Object... arguments) throws IOException {
        byte[] before = Files.readAllBytes(disk);
        assertThat(execute(arguments)).isEqualTo(ExitCode.FAILED);
        assertThat(terminal.err()).startsWith("construir: ").contains(why).doesNotContain("Exception", "\tat ");
        assertThat(Files.readAllBytes(disk)).isEqualTo(before);
    }

    private DiskEntry entry(String path) throws IOException {
        try (DiskReader disk = DiskReader.open(image)) {
            return disk.find(path).orElseThrow();
        }
    }

    private String text(String path) throws IOException {
        try (DiskReader disk = DiskReader.open(image)) {
            return new String(disk.open(path).readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @Test
    void put_newFile_hasPermissionsAndTimeOfTheHostsFileAndBelongsToRoot() throws Exception {
        assertDone("put", image, file, "/bin/other");
        assertThat(entry("bin/other").attributes()).isEqualTo(new Attributes(0751, 0, 0, MONDAY));
        assertThat(text("bin/other")).isEqualTo("#!/bin/sh\n");
    }

    @Test
    void put_existingFile_keepsOwnerAndPermissions() throws Exception {
        assertDone("put", image, file, "bin/construir");
        assertThat(entry("bin/construir").attributes()).isEqualTo(new Attributes(0750, 7, 8, MONDAY));
        assertThat(text("bin/construir")).isEqualTo("#!/bin/sh\n");
    }

    @Test
    void put_mode_setsPermissionsAndKeepsOwner() throws Exception {
        assertDone("put", "--mode=4711", image, file, "bin/construir");
        assertThat(entry("bin/construir").attributes()).isEqualTo(new Attributes(04711, 7, 8, MONDAY));
        assertDone("put", "--mode", "0640", image, file, "bin/other");
        assertThat(entry("bin/other").attributes()).isEqualTo(new Attributes(0640, 0, 0, MONDAY));
    }

    @Test
    void put_ontoADirectory_goesIntoItUnderItsOwnName() throws Exception {
        assertDone("put", image, file, "/bin");
        assertDone("put", image, file, "/");
        assertThat(text("bin/new.sh")).isEqualTo(text("new.sh")).isEqualTo("#!/bin/sh\n");
    }

    @Test
    void rm_removesFilesAndLinks_notWhatLinksLeadTo() throws Exception {
        assertDone("put", image, file, "a");
        assertDone("rm", image, "a", "/link");
        try (DiskReader disk = DiskReader.open(image)) {
            assertThat(disk.find("a")).isEmpty();
            assertThat(disk.find("link")).isEmpty();
        }
        assertThat(text("bin/construir")).isEqualTo("old");
    }

    @Test
    void rm_missingFile_isRefusedUnlessForced() throws Exception {
        assertRefused(image, "none: there is no such file or directory", "rm", image, "none");
        assertDone("rm", "-f", image, "none", "bin/construir");
        try (DiskReader disk = DiskReader.open(image)) {
            assertThat(disk.list("bin")).isEmpty();
        }
    }

    @Test
    void pathsThatCannotBeChanged_areRefused() throws Exception {
        assertRefused(image, "bin: is a directory", "rm", image, "bin");
        assertRefused(image, "is the root, a directory", "rm", image, "/");
        assertRefused(image, "\".\" and \"..\" are no names", "rm", image, "bin/../x");
        assertRefused(image, "\".\" and \"..\" are no names", "put", image, file, "bin/../x");
        assertRefused(image, "none/x: there is no such file or directory", "put", image, file, "none/x");
        assertRefused(image, "none/: there is no such directory on the disk", "put", image, file, "none/");
        assertRefused(image, "it is not a directory", "put", image, file, "bin/construir/x");
        assertRefused(image, "link: a symbolic link on the disk; name the file", "put", image, file, "link");
        Files.createDirectory(directory.resolve("bin"));
        assertRefused(image, "a directory; put takes one file", "put", image, directory.resolve("bin"), "x");
        assertRefused(image, "no file to copy: there is no such file", "put", image, directory.resolve("x"), "x");
        assertRefused(image, "the image cannot be put onto itself", "put", image, image, "x");
    }

    @Test
    void put_modeThatIsNone_isRefused() throws Exception {
        for (String mode : List.of("9", "17777", "", "-1", "u+x", "000000755")) {
            assertRefused(image, "--mode takes an octal number", "put", "--mode=" + mode, image, file, "x");
        }
    }

    @Test
    void put_fileThatDoesNotFit_changesNoFile() throws Exception {
        byte[] big = new byte[2 << 20];
        new Random(1).nextBytes(big);
        Files.write(file, big);
        for (String path : List.of("x", "bin/construir")) {
            assertThat(execute("put", image, file, path)).isEqualTo(ExitCode.FAILED);
            assertThat(terminal.err())
                    .contains("has no room for " + file, "construir rm")
                    .hasLineCount(1);
        }
        try (DiskReader disk = DiskReader.open(image)) {
            assertThat(disk.find("x")).isEmpty();
        }
        assertThat(text("bin/construir")).isEqualTo("old");
    }

    @Test
    void imagesThatAreNoRawDiskOfOneFileSystem_areRefusedWithTheCure() throws Exception {
        Path packed = directory.resolve("job.img.xz");
        DiskFiles.pack(image, packed);
        Path qcow2 = Files.write(directory.resolve("job.qcow2"), new byte[1024]);
        Path parts = Files.write(
                directory.resolve("parts.img"),
                new Partitioned(3000)
                        .gpt(100, 2147)
                        .put(100, Files.readAllBytes(image))
                        .bytes());
        Path empty = Files.write(directory.resolve("empty.img"), new byte[1 << 16]);
        for (List<Object> rest : List.of(List.<Object>of("x"), List.<Object>of(file, "x"))) {
            String command = rest.size() == 1 ? "rm" : "put";
            Object last = rest.get(rest.size() - 1);
            Object[] tail = rest.size() == 1 ? new Object[] {last} : new Object[] {file, last};
            assertRefused(packed, "xz -dk", with(command, packed, tail));
            assertRefused(qcow2, "qemu-img convert -O raw", with(command, qcow2, tail));
            assertRefused(parts, "a disk with partitions", with(command, parts, tail));
            assertRefused(empty, empty.toString(), with(command, empty, tail));
            assertThat(execute(with(command, directory, tail))).isEqualTo(ExitCode.FAILED);
            assertThat(terminal.err()).contains("a directory; name a disk image in it");
            assertThat(execute(with(command, directory.resolve("none"), tail))).isEqualTo(ExitCode.FAILED);
            assertThat(terminal.err()).contains("no disk image: there is no such file or directory");
        }
    }

    private static Object[] with(String command, Path disk, Object... rest) {
        Object[] all = new Object[2 + rest.length];
        all[0] = command;
        all[1] = disk;
        System.arraycopy(rest, 0, all, 2, rest.length);
        return all;
    }
}
