package dev.construir.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.construir.disk.read.DiskReader;
import dev.construir.tar.TarArchive;
import dev.construir.tar.TarArchive.Header;
import dev.construir.terminal.Environment;
import dev.construir.terminal.ExitCode;
import dev.construir.terminal.Keyboard;
import dev.construir.terminal.Streams;
import dev.construir.terminal.Terminal;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.XZOutputStream;

/** {@code pack} on tar archives. */
@Timeout(60)
class PackCommandTest {
    private static final byte[] ARCHIVE = new TarArchive()
            .add(Header.of('0', "bin/construir").size(3).text(100, "0000755\0"), new byte[] {'a', 'b', 'c'})
            .bytes();

    @TempDir
    Path directory;

    private final Terminal terminal = Terminal.files();

    private int pack(String operand, InputStream stdin) {
        return pack(operand, stdin, image());
    }

    private int pack(String operand, InputStream stdin, String target) {
        Streams streams = new Streams(
                terminal.streams().out(), terminal.streams().err(), false, false, new Keyboard(stdin, false, "stty"));
        Backends none = new Backends(List.of());
        Environment surroundings = Environment.of(Map.of("CONSTRUIR_CACHE", directory.toString()), Optional.empty());
        return Main.execute(
                streams, surroundings, none, RunnerSource.on(none), "pack", operand, "-o", target, "--size=1M");
    }

    private String image() {
        return directory.resolve("job.img").toString();
    }

    private Path write(String name, byte[] archive) throws IOException {
        Path file = directory.resolve(name);
        try (OutputStream plain = Files.newOutputStream(file);
                OutputStream out = name.endsWith("z") ? compressed(name, plain) : plain) {
            out.write(archive);
        }
        return file;
    }

    private static OutputStream compressed(String name, OutputStream out) throws IOException {
        return name.endsWith("xz") ? new XZOutputStream(out, new LZMA2Options(1)) : new GZIPOutputStream(out);
    }

    private void assertPacked() throws IOException {
        try (DiskReader disk = DiskReader.open(Path.of(image()))) {
            assertThat(disk.open("/bin/construir").readAllBytes()).isEqualTo("abc".getBytes(StandardCharsets.US_ASCII));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"a.tar", "a.tar.gz", "a.tgz", "a.tar.xz", "a.txz"})
    void takesArchives(String name) throws Exception {
        assertThat(pack(write(name, ARCHIVE).toString(), InputStream.nullInputStream()))
                .as(terminal.err())
                .isZero();
        assertPacked();
        assertThat(terminal.err()).isEmpty();
    }

    @Test
    void takesAnArchiveFromStdin() throws Exception {
        try (InputStream in = new FileInputStream(write("a", ARCHIVE).toFile())) {
            assertThat(pack("-", in)).as(terminal.err()).isZero();
        }
        assertPacked();
    }

    @ParameterizedTest
    @ValueSource(strings = {"a.tar", "a.tar.gz", "a.tar.xz"})
    void namesAnArchiveThatIsCutOff(String name) throws Exception {
        byte[] cut = Arrays.copyOf(ARCHIVE, 700);
        assertThat(pack(write(name, cut).toString(), InputStream.nullInputStream()))
                .isEqualTo(ExitCode.FAILED);
        assertThat(terminal.err()).contains(name, "cut off", "at byte 700");
        assertThat(Path.of(image())).doesNotExist();
    }

    @ParameterizedTest
    @ValueSource(strings = {"a.tar.gz", "a.tar.xz"})
    void namesAnArchiveWhoseCompressionIsDamaged(String name) throws Exception {
        Path archive = write(name, ARCHIVE);
        byte[] bytes = Files.readAllBytes(archive);
        Files.write(archive, Arrays.copyOf(bytes, bytes.length - 20));
        assertThat(pack(archive.toString(), InputStream.nullInputStream())).isEqualTo(ExitCode.FAILED);
        assertThat(terminal.err()).contains(name);
        assertThat(Path.of(image())).doesNotExist();
    }

    @Test
    void pack_withoutAScript_namesWhatIsMissing() throws Exception {
        assertThat(pack(write("a.tar", new byte[1024]).toString(), InputStream.nullInputStream()))
                .isZero();
        assertThat(terminal.err()).contains(image() + " holds no bin/construir: construir run would refuse it\n");
        Files.delete(Path.of(image()));
        assertThat(pack(directory.resolve("no.tar").toString(), InputStream.nullInputStream()))
                .isEqualTo(ExitCode.FAILED);
        assertThat(terminal.err()).contains("no.tar");
    }

    @ParameterizedTest
    @ValueSource(strings = {"job.img.xz", "job.qcow2", "job.qcow2.xz"})
    void aNameByWhichThePlainDiskCouldNotBeRead_isRefused(String name) throws Exception {
        Path target = directory.resolve(name);
        assertThat(pack(write("a.tar", ARCHIVE).toString(), InputStream.nullInputStream(), target.toString()))
                .isEqualTo(ExitCode.FAILED);
        assertThat(terminal.err()).contains("-o " + target, "give it a name that ends in .img");
        assertThat(target).doesNotExist();
    }

    @Test
    void aJobThatStandsADirectoryDeeperIsFound() throws Exception {
        Path tree = directory.resolve("above/hello/bin");
        Files.writeString(Files.createDirectories(tree).resolve("construir"), "#!/bin/sh\n");
        assertThat(pack(directory.resolve("above").toString(), InputStream.nullInputStream()))
                .isZero();
        assertThat(terminal.err())
                .contains(image()
                        + " holds no bin/construir: construir run would refuse it; it holds hello/bin/construir: "
                        + "pack that directory, or make the archive by tar -C hello -c .");
    }

    @Test
    void stdoutIsNoDisk() throws Exception {
        assertThat(pack(write("a.tar", ARCHIVE).toString(), InputStream.nullInputStream(), "-"))
                .isEqualTo(ExitCode.FAILED);
        assertThat(terminal.err()).contains("-o - would be stdout", "name a file");
        assertThat(Path.of("-")).doesNotExist();
    }
}
