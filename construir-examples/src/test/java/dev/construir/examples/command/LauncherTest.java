package dev.construir.examples.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The launcher script in a checkout of its own, with programs that only say what they were asked for. */
@Timeout(60)
@SuppressWarnings("NullAway.Init")
class LauncherTest {
    @TempDir
    Path directory;

    private Path module;
    private Path bin;

    @BeforeEach
    void makeCheckout() throws Exception {
        module = Files.createDirectories(directory.resolve("a checkout/construir-examples"));
        Files.copy(Path.of("construir"), module.resolve("construir"), StandardCopyOption.COPY_ATTRIBUTES);
        bin = Files.createDirectories(directory.resolve("bin"));
        for (String name : new String[] {"java", "javac", "mvn"}) {
            program(name, "echo " + name + ": \"$@\" LC_ALL=\"${LC_ALL-}\"");
        }
        Files.writeString(module.resolveSibling("pom.xml"), "<project/>");
        Files.createDirectories(module.resolveSibling("src-test-images"));
        Files.writeString(module.resolveSibling("src-test-images/setup"), "exit 0\n");
        Files.writeString(module.resolveSibling("src-test-images/build"), "echo the builder >&2; exit 1\n");
    }

    private void program(String name, String shell) throws IOException {
        Path script = Files.writeString(bin.resolve(name), "#!/bin/sh\n" + shell + "\n");
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private void haveJars() throws IOException {
        Path stamp = Files.createDirectories(module.resolve("target/lib")).resolve(".stamp");
        Files.createFile(stamp);
        Files.setLastModifiedTime(stamp, FileTime.from(Instant.now().plusSeconds(60)));
    }

    private record Said(int status, String text) {}

    private Said launch(Map<String, String> environment, String... words) throws Exception {
        return launch(module.resolve("construir"), environment, words);
    }

    private Said launch(Path launcher, Map<String, String> environment, String... words) throws Exception {
        List<String> command = new ArrayList<>(List.of(launcher.toString()));
        command.addAll(List.of(words));
        ProcessBuilder builder =
                new ProcessBuilder(command).directory(directory.toFile()).redirectErrorStream(true);
        builder.environment().clear();
        builder.environment().put("PATH", bin + ":/usr/bin:/bin");
        builder.environment().put("HOME", directory.toString());
        builder.environment().putAll(environment);
        builder.environment().values().removeIf(String::isEmpty);
        Process process = builder.start();
        String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        return new Said(process.exitValue(), text);
    }

    private static void assertRefused(Said said, String... texts) {
        assertThat(said.status()).as(said.text()).isEqualTo(125);
        assertThat(said.text().lines()).allMatch(line -> line.startsWith("construir: "));
        assertThat(said.text()).contains(texts);
    }

    @Test
    void startsJavaOnceTheJarsAreThere() throws Exception {
        haveJars();
        Said said = launch(Map.of(), "ls", "a b");
        assertThat(said.status()).isZero();
        assertThat(said.text()).startsWith("java: ").contains("command.Main ls a b");
    }

    @Test
    void namesBeyondAsciiNeedNoLocale() throws Exception {
        haveJars();
        assertThat(launch(Map.of(), "ls").text()).endsWith("LC_ALL=C.UTF-8\n");
        assertThat(launch(Map.of("LC_ALL", "C"), "ls").text()).endsWith("LC_ALL=C.UTF-8\n");
        assertThat(launch(Map.of("LANG", "POSIX"), "ls").text()).endsWith("LC_ALL=C.UTF-8\n");
        assertThat(launch(Map.of("LANG", "xx_XX.UTF-8"), "ls").text()) // as one that is not installed
                .endsWith("LC_ALL=C.UTF-8\n");
        assertThat(launch(Map.of("LANG", "C.UTF-8"), "ls").text()).endsWith("LC_ALL=\n");
    }

    @Test
    void aSearchPathForCd() throws Exception {
        haveJars();
        Path launcher = Path.of("a checkout/construir-examples/construir");
        Said said = launch(launcher, Map.of("CDPATH", ".:" + directory), "ls");
        assertThat(said.status()).as(said.text()).isZero();
        assertThat(said.text())
                .contains("-Dconstruir.home=" + module.resolve("..").toRealPath() + " ");
    }

    @Test
    void aPlaceThatIsNoCheckout() throws Exception {
        Files.delete(module.resolveSibling("pom.xml"));
        assertRefused(launch(Map.of(), "ls"), "is no checkout of construir: there is no pom.xml");
    }

    @Test
    void aCheckoutThatCannotBeWrittenTo() throws Exception {
        Files.writeString(module.resolve("target"), "in the way");
        assertRefused(
                launch(Map.of(), "ls"),
                "the jars are missing or older than the sources, and cannot be built: " + module.toRealPath()
                        + "/target" + " cannot be written to");
    }

    @Test
    void jarsThatCannotBeBuilt() throws Exception {
        program("mvn", "exit 1");
        assertRefused(launch(Map.of(), "ls"), "the jars could not be built");
        assertThat(module.resolve("target/lib/.stamp")).doesNotExist();
    }

    @Test
    void aJavaThatCannotStartIsNotAJobThatFailed() throws Exception {
        haveJars();
        program("java", "echo 'no room for the heap'; echo 'no JVM' >&2; exit 1");
        Path launcher = module.resolve("construir");
        module = directory.resolve("limited");
        Files.createDirectories(module);
        Path limited = Files.writeString(
                module.resolve("construir"), "#!/bin/sh\nulimit -v 4000000\nexec '" + launcher + "' \"$@\"\n");
        Files.setPosixFilePermissions(limited, PosixFilePermissions.fromString("rwxr-xr-x"));
        assertRefused(launch(Map.of(), "ls"), "Java cannot start: no room for the heap no JVM", "ulimit -v");
    }

    @Test
    void aHomeThatIsNotSet() throws Exception {
        haveJars();
        assertRefused(launch(Map.of("HOME", ""), "run", "job"), "HOME is not set", "CONSTRUIR_CACHE");
        assertThat(launch(Map.of("HOME", ""), "ls").status()).isZero();
        assertThat(launch(Map.of("HOME", ""), "run", "--root", "x", "job").status())
                .isZero();
    }

    @ParameterizedTest
    @CsvSource({
        "run job,                    tools,       debian",
        "run --arch arm64 job,       arm64-tools, debian-arm64",
        "run --arch=aarch64 job,     arm64-tools, debian-arm64",
        "run --arch amd64 job,       tools,       debian",
        "watch --arch arm64 queue,   arm64-tools, debian-arm64",
        "image build --arch arm64,   arm64-tools, ''",
        "run --root x --arch arm64 x,'',          ''"
    })
    void hasWhatTheArchitectureNeeds(String words, String tools, String image) throws Exception {
        haveJars();
        Path asked = directory.resolve("asked");
        Files.writeString(module.resolveSibling("src-test-images/setup"), "echo \"set up $@\" >>'" + asked + "'\n");
        Files.writeString(module.resolveSibling("src-test-images/build"), "echo \"build $@\" >>'" + asked + "'\n");
        Said said = launch(Map.of(), words.split(" "));
        assertThat(said.status()).as(said.text()).isZero();
        List<String> expected = new ArrayList<>();
        if (!tools.isEmpty()) {
            expected.add("set up " + tools);
        }
        if (!image.isEmpty()) {
            expected.add("build " + image);
        }
        assertThat(Files.exists(asked) ? Files.readAllLines(asked) : List.of()).isEqualTo(expected);
    }

    @Test
    void aCacheThatCannotBeWrittenTo() throws Exception {
        haveJars();
        Path file = Files.createFile(directory.resolve("file"));
        assertRefused(
                launch(Map.of("CONSTRUIR_CACHE", file + "/cache"), "run", "job"),
                "the cache " + file + "/cache cannot be written to",
                "--root");
    }
}
