package dev.construir.examples.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The script that prepares the zlib job, in odd surroundings, with an apt that fetches nothing real. */
@Timeout(60)
@SuppressWarnings("NullAway.Init")
class ZlibPrepareTest {
    private static final Path SCRIPT = Path.of("jobs/zlib/prepare").toAbsolutePath();

    @TempDir
    Path directory;

    private Path bin;

    @BeforeEach
    void haveApt() throws Exception {
        bin = Files.createDirectories(directory.resolve("bin"));
        program("apt-config", "echo list=/none parts=/none");
        program("apt-get", """
                case $* in
                *update*) echo fetched >>"%1$s/fetched" ;;
                *source*) echo source >zlib_1.orig.tar.gz && echo debian >zlib_1.debian.tar.xz ;;
                esac""".formatted(directory));
    }

    private void program(String name, String shell) throws Exception {
        Path script = Files.writeString(bin.resolve(name), "#!/bin/sh\n" + shell + "\n");
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private Process start(Path script, Map<String, String> environment) throws Exception {
        ProcessBuilder builder = new ProcessBuilder("/bin/sh", script.toString())
                .directory(directory.toFile())
                .redirectError(directory.resolve("said").toFile());
        builder.environment().clear();
        builder.environment().put("PATH", bin + ":/usr/bin:/bin");
        builder.environment().putAll(environment);
        return builder.start();
    }

    private static String printed(Process process) throws Exception {
        String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        return text;
    }

    private String said() throws Exception {
        return Files.readString(directory.resolve("said"));
    }

    private static void assertComplete(String printed) {
        assertThat(printed).endsWith("\n");
        Path job = Path.of(printed.strip());
        assertThat(job).isAbsolute();
        assertThat(job.resolve("bin/construir")).isExecutable();
        assertThat(job.resolve("source/zlib_1.orig.tar.gz")).hasContent("source");
    }

    private static List<String> names(Path of) throws Exception {
        try (Stream<Path> files = Files.list(of)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void aRelativeCacheOfAnOddName() throws Exception {
        Process process = start(SCRIPT, Map.of("CONSTRUIR_CACHE", "it's \"the\" cache, really"));
        assertComplete(printed(process));
        assertThat(names(directory.resolve("it's \"the\" cache, really/jobs"))).hasSize(1);
    }

    @Test
    void aSearchPathForCd() throws Exception {
        Path copy = directory.resolve("jobs/zlib");
        Files.createDirectories(copy.resolve("bin"));
        Files.copy(SCRIPT, copy.resolve("prepare"));
        Files.copy(
                SCRIPT.resolveSibling("bin/construir"),
                copy.resolve("bin/construir"),
                StandardCopyOption.COPY_ATTRIBUTES);
        Map<String, String> environment = Map.of("CDPATH", ".:/", "HOME", "home");
        assertComplete(printed(start(Path.of("jobs/zlib/prepare"), environment)));
    }

    @Test
    void aHomeThatIsNotSet() throws Exception {
        Process process = start(SCRIPT, Map.of());
        assertThat(printed(process)).isEmpty();
        assertThat(process.exitValue()).isEqualTo(1);
        assertThat(said()).startsWith("prepare: ").contains("HOME is not set", "CONSTRUIR_CACHE");
    }

    @Test
    void twoAtOnceFetchOnce() throws Exception {
        Map<String, String> environment = Map.of("CONSTRUIR_CACHE", "cache");
        Process one = start(SCRIPT, environment);
        Process two = start(SCRIPT, environment);
        String first = printed(one);
        assertComplete(first);
        assertThat(printed(two)).isEqualTo(first);
        assertThat(directory.resolve("fetched")).hasContent("fetched");
    }

    @Test
    void aFetchThatFailsInItsMiddleLeavesNothing() throws Exception {
        program(
                "apt-get",
                "case $* in *source*) echo half >zlib_1.orig.tar.gz; echo the mirror is gone; exit 100 ;; esac");
        Process process = start(SCRIPT, Map.of("CONSTRUIR_CACHE", "cache"));
        assertThat(printed(process)).isEmpty();
        assertThat(process.exitValue()).isEqualTo(1);
        assertThat(said()).contains("the mirror is gone", "prepare: apt cannot fetch the source package of zlib");
        assertThat(names(directory.resolve("cache/jobs"))).isEmpty();
        assertThat(names(directory.resolve("cache/sources"))).containsExactly("zlib.lock");
    }
}
