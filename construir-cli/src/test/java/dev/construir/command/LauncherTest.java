package dev.construir.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The launcher script in a checkout of its own, with programs that only say what they were asked for. */
@Timeout(60)
@SuppressWarnings("NullAway.Init")
class LauncherTest {
    /**
     * What Java does before it ends: it takes a line from descriptor 4, which is not open where it has replaced the
     * launcher.
     */
    private static final String ENDS_BY_ITSELF = "{ read -r _ <&4; } 2>/dev/null || true";

    /** What Java does where the launcher only archives its classes, or asks what it is. */
    private static final String ARCHIVES = "case $* in *DumpLoadedClassList*|-Xshare:dump*|*-version) exit 0 ;; esac; ";

    @TempDir
    Path directory;

    private Path module;
    private Path bin;

    @BeforeEach
    void makeCheckout() throws Exception {
        module = Files.createDirectories(directory.resolve("a checkout/construir-cli"));
        Files.copy(Path.of("../construir"), module.resolveSibling("construir"), StandardCopyOption.COPY_ATTRIBUTES);
        bin = Files.createDirectories(directory.resolve("bin"));
        for (String name : new String[] {"java", "javac", "mvn"}) {
            program(name, "echo " + name + ": \"$@\" LC_ALL=\"${LC_ALL-}\"; " + ENDS_BY_ITSELF);
        }
        setTime(Files.writeString(module.resolveSibling("pom.xml"), "<project/>"), -3600);
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
        setTime(stamp, -60);
    }

    private static void setTime(Path file, int secondsFromNow) throws IOException {
        Files.setLastModifiedTime(file, FileTime.from(Instant.now().plusSeconds(secondsFromNow)));
    }

    private record Said(int status, String text) {}

    private Said launch(Map<String, String> environment, String... words) throws Exception {
        return launch(module.resolveSibling("construir"), environment, words);
    }

    private Said launch(Path launcher, Map<String, String> environment, String... words) throws Exception {
        Process process = builder(launcher, environment, words).start();
        String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        return new Said(process.exitValue(), text);
    }

    // Who runs the tests may have been started with these ignored.
    private ProcessBuilder builder(Path launcher, Map<String, String> environment, String... words) {
        List<String> command =
                new ArrayList<>(List.of("/usr/bin/env", "--default-signal=INT,QUIT,HUP", launcher.toString()));
        command.addAll(List.of(words));
        ProcessBuilder builder =
                new ProcessBuilder(command).directory(directory.toFile()).redirectErrorStream(true);
        builder.environment().clear();
        builder.environment().put("PATH", bin + ":/usr/bin:/bin");
        builder.environment().put("HOME", directory.toString());
        builder.environment().putAll(environment);
        builder.environment().values().removeIf(String::isEmpty);
        return builder;
    }

    private static void kill(String signal, long process) throws Exception {
        assertThat(new ProcessBuilder("kill", "-s", signal, Long.toString(process))
                        .start()
                        .waitFor())
                .isZero();
    }

    private static void assertRefused(Said said, String... texts) {
        assertThat(said.status()).as(said.text()).isEqualTo(125);
        assertThat(said.text().lines()).allMatch(line -> line.startsWith("construir: "));
        assertThat(said.text()).contains(texts);
    }

    @Test
    void module_isBuiltAndStarted_withoutAnArchiveOfClasses() throws Exception {
        Path bench = Files.createDirectories(module.resolveSibling("construir-bench"));
        Files.copy(Path.of("../construir-bench/bench"), bench.resolve("bench"), StandardCopyOption.COPY_ATTRIBUTES);
        Path link = Files.createSymbolicLink(bin.resolve("measure"), bench.resolve("bench"));
        program(
                "mvn",
                "echo mvn: \"$@\"; mkdir -p construir-bench/target/lib; [ -z \"${CONSTRUIR_MODULE-}\" ] || echo "
                        + "inherited");
        Said said = launch(link, Map.of(), "disk", "--scale", "0.01");
        assertThat(said.status()).as(said.text()).isZero();
        assertThat(Files.readString(bench.resolve("target/launcher.log")))
                .contains("mvn: -q -B", "-pl construir-bench -am")
                .doesNotContain("inherited");
        assertThat(said.text())
                .contains("construir-bench.jar disk --scale 0.01", "-Xmx64m", "-XX:TieredStopAtLevel=4")
                .doesNotContain("SharedArchiveFile", "construir-cli.jar");
        assertRefused(
                launch(Map.of("CONSTRUIR_MODULE", "../x"), "ls"), "is construir-cli or construir-bench, not ../x");
    }

    @Test
    void rootImage_thatIsSet_isNotBuilt() throws Exception {
        haveJars();
        assertThat(launch(Map.of(), "run", "job").text()).contains("the builder");
        assertThat(launch(Map.of("CONSTRUIR_ROOT", "x"), "run", "job").text()).contains("construir-cli.jar run job");
        Path file =
                Files.createDirectories(directory.resolve(".config/construir")).resolve("config.properties");
        Files.writeString(file, "# root = y\nmemory = 1G\n  root = a b \n");
        assertThat(launch(Map.of(), "watch", "jobs").text()).contains("construir-cli.jar watch jobs");
        Files.writeString(file, "memory = 1G\n");
        assertThat(launch(Map.of(), "watch", "jobs").text()).contains("the builder");
        Files.writeString(directory.resolve("other"), "root=z\n");
        assertThat(launch(Map.of("CONSTRUIR_CONFIG", directory.resolve("other").toString()), "run", "job")
                        .text())
                .contains("construir-cli.jar run job");
    }

    @Test
    void architecture_thatIsSet_choosesTheImage() throws Exception {
        haveJars();
        Files.writeString(module.resolveSibling("src-test-images/build"), "echo \"the builder of $1\" >&2; exit 1\n");
        Map<String, String> arm = Map.of("CONSTRUIR_ARCH", "arm64");
        assertThat(launch(arm, "run", "job").text()).contains("the builder of debian-arm64");
        assertThat(launch(arm, "run", "--arch=x86_64", "job").text()).contains("the builder of debian\n");
    }

    @Test
    void startsJavaOnceTheJarsAreThere() throws Exception {
        haveJars();
        Said said = launch(Map.of(), "ls", "a b");
        assertThat(said.status()).isZero();
        assertThat(said.text()).startsWith("java: ").contains("construir-cli.jar ls a b");
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
        Path launcher = Path.of("a checkout/construir");
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

    @ParameterizedTest
    @CsvSource({
        "exit 1,          ended with 1",
        "exit 3,          ended with 3",
        "exit 0,          ended with 0",
        "exec no-such,    ended with 127",
        "kill -ABRT $$,   was killed by signal 6",
        "kill -KILL $$,   was killed by signal 9"
    })
    void aJavaThatDoesNotEndByItsOwnWillIsNotAJobThatFailed(String shell, String how) throws Exception {
        haveJars();
        program("java", ARCHIVES + "echo 'no JVM' >&2; " + shell);
        Said said = launch(Map.of("JDK_JAVA_OPTIONS", "--illegal"), "ls");
        assertThat(said.status()).as(said.text()).isEqualTo(125);
        assertThat(said.text())
                .startsWith("no JVM\n")
                .contains("construir: Java did not start, or crashed: it " + how, "Check JDK_JAVA_OPTIONS, that java")
                .doesNotContain("JAVA_TOOL_OPTIONS");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 3, 125, 137, 255})
    void theCodeOfAJavaThatEndsByItsOwnWill(int code) throws Exception {
        haveJars();
        program("java", ENDS_BY_ITSELF + "; exit " + code);
        Said said = launch(Map.of("JAVA_TOOL_OPTIONS", "-Dx=y"), "run", "--root", "x", "job");
        assertThat(said.status()).isEqualTo(code);
        assertThat(said.text()).isEmpty();
    }

    @Test
    void whatJavaItselfPrintsDoesNotGoToStdout() throws Exception {
        haveJars();
        program("java", ARCHIVES + "echo an agent; echo the job >&3; cat >&3; " + ENDS_BY_ITSELF);
        for (String command : List.of("run --root x job", "watch --root x queue")) {
            Path in = Files.writeString(directory.resolve("in"), "typed\n");
            Process process = builder(module.resolveSibling("construir"), Map.of(), command.split(" "))
                    .redirectInput(in.toFile())
                    .redirectErrorStream(false)
                    .start();
            assertThat(new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                    .isEqualTo("the job\ntyped\n");
            assertThat(new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8))
                    .isEqualTo("an agent\n");
            assertThat(process.waitFor()).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"TERM", "INT", "HUP", "QUIT"})
    void signalsReachJava(String signal) throws Exception {
        haveJars();
        program(
                "java",
                ARCHIVES + "trap '" + ENDS_BY_ITSELF + "; exit 7' " + signal
                        + "; echo up; while :; do sleep 0.1; done");
        Process process =
                builder(module.resolveSibling("construir"), Map.of(), "ls").start();
        assertThat(process.inputReader().readLine()).isEqualTo("up");
        kill(signal, process.pid());
        assertThat(process.waitFor()).isEqualTo(7);
    }

    @Test
    void aSignalBeforeJavaListensIsACancelledCommand() throws Exception {
        haveJars();
        program("java", ARCHIVES + "echo up; exec sleep 50");
        Process process =
                builder(module.resolveSibling("construir"), Map.of(), "ls").start();
        assertThat(process.inputReader().readLine()).isEqualTo("up");
        kill("TERM", process.pid());
        assertThat(process.inputReader().readLine()).isEqualTo("construir: cancelled");
        assertThat(process.waitFor()).isEqualTo(130);
    }

    @Test
    void aLauncherThatIsKilledTakesJavaWithIt() throws Exception {
        haveJars();
        program("java", ARCHIVES + "echo $$; exec sleep 50");
        Process process =
                builder(module.resolveSibling("construir"), Map.of(), "ls").start();
        ProcessHandle java = ProcessHandle.of(
                        Long.parseLong(process.inputReader().readLine()))
                .orElseThrow();
        assertThat(java.pid()).isNotEqualTo(process.pid());
        process.destroyForcibly();
        java.onExit().get(30, TimeUnit.SECONDS);
    }

    @Test
    void aWatcherBecomesJava() throws Exception {
        haveJars();
        program("java", "echo $$");
        Process process = builder(module.resolveSibling("construir"), Map.of(), "watch", "--root", "x", "queue")
                .start();
        assertThat(process.inputReader().readLine()).isEqualTo(Long.toString(process.pid()));
    }

    @Test
    void aWatcherWhoseJavaMayNotStart() throws Exception {
        haveJars();
        program("java", "exit 1");
        assertThat(launch(Map.of("JAVA_TOOL_OPTIONS", "-Xms900g"), "watch", "--root", "x", "queue")
                        .status())
                .isEqualTo(125);
    }

    /** A Java that only says its version. */
    private Path java(String name, String version) throws IOException {
        Path script = Files.createDirectories(directory.resolve(name)).resolve("java");
        Files.writeString(
                script,
                "#!/bin/sh\necho 'openjdk version \"" + version + "\" 2018-10-16' >&2\n"
                        + "case $* in *-version) exit 0 ;; esac\necho " + name + " runs; " + ENDS_BY_ITSELF + "\n");
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
        return script;
    }

    private Map<String, String> first(Path java) {
        return Map.of("PATH", java.getParent() + ":" + bin + ":/usr/bin:/bin");
    }

    @ParameterizedTest
    @CsvSource({"1.8.0_392, 8", "11.0.2, 11", "16, 16"})
    void aJavaThatIsTooOldIsNamed(String version, String number) throws Exception {
        haveJars();
        Path java = java("old", version);
        Said said = launch(first(java), "ls");
        assertRefused(
                said,
                "construir: Java 17 or later is needed, and " + java + " is Java " + number
                        + "; run: sudo apt-get install");
        assertThat(said.text()).hasLineCount(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"17.0.15", "21", "25-ea"})
    void aJavaThatIsNewEnoughIsTaken(String version) throws Exception {
        haveJars();
        Said said = launch(first(java("new", version)), "ls");
        assertThat(said.text()).contains("new runs");
        assertThat(said.status()).isZero();
    }

    @Test
    void theVersionIsReadWhereTheJavaHasAFileThatSaysIt() throws Exception {
        haveJars();
        Path java = java("jdk/bin", "17");
        Files.writeString(directory.resolve("jdk/release"), "IMPLEMENTOR=\"x\"\nJAVA_VERSION=\"11.0.2\"\n");
        assertRefused(launch(first(java), "ls"), java + " is Java 11");
    }

    @Test
    void theJavaOfJavaHomeIsTakenWhereTheFirstIsTooOldOrMissing() throws Exception {
        haveJars();
        Path old = java("old", "11");
        Path unused = java("home/bin", "17");
        Map<String, String> environment = new HashMap<>(first(old));
        environment.put("JAVA_HOME", directory + "/home");
        assertThat(launch(environment, "ls").text()).contains("home/bin runs");
        unused = java("other/bin", "1.8.0");
        environment.put("JAVA_HOME", directory + "/other");
        assertRefused(
                launch(environment, "ls"), old + " is Java 11, and " + directory + "/other/bin/java is Java 8; run:");
        environment.put("JAVA_HOME", directory + "/none");
        assertRefused(launch(environment, "ls"), old + " is Java 11; run:");
    }

    @Test
    void aJavaHomeThatIsNoneIsNotMinded() throws Exception {
        haveJars();
        Said said = launch(Map.of("JAVA_HOME", directory + "/none"), "ls");
        assertThat(said.status()).isZero();
        assertThat(said.text()).startsWith("java: ");
    }

    @Test
    void aJavaHomeThatIsNoJdkDoesNotMisleadMaven() throws Exception {
        program("mvn", "echo \"maven's: ${JAVA_HOME-none}\"; exit 1");
        Said said = launch(Map.of("JAVA_HOME", directory + "/none"), "ls");
        assertThat(said.status()).isEqualTo(125);
        assertThat(said.text())
                .contains("construir: JAVA_HOME, which is " + directory
                        + "/none, leads to no JDK; the javac on the PATH is used")
                .contains("maven's: none");
    }

    /** A script that starts Java as its child, and does not hear of signals meanwhile. */
    @Test
    void behindAScriptTheJavaThatItStartsIsStarted() throws Exception {
        haveJars();
        Path real = java("jdk/bin", "17");
        Files.writeString(
                real,
                "#!/bin/sh\n" + ARCHIVES + "trap '" + ENDS_BY_ITSELF
                        + "; exit 7' TERM; echo up; while :; do sleep 0.1; done\n");
        program(
                "java",
                "case $* in *-XshowSettings:properties*) echo '    java.home = " + directory
                        + "/jdk' >&2; exit ;; esac; '" + real + "' \"$@\"; exit $?");
        setTime(bin, -60);
        setTime(bin.resolve("java"), -60);
        for (int run = 0; run < 2; run++) { // the second one goes by what was written down
            Process process =
                    builder(module.resolveSibling("construir"), Map.of(), "ls").start();
            assertThat(process.inputReader().readLine()).isEqualTo("up");
            kill("TERM", process.pid());
            assertThat(process.waitFor()).isEqualTo(7);
        }
        assertThat(module.resolve("target/java" + bin + "/java/stamp"))
                .content()
                .endsWith("\n" + real + "\n");
    }

    @Test
    void aWorkingDirectoryThatCannotBeReadOrEntered() throws Exception {
        haveJars();
        Path dark = Files.createDirectory(directory.resolve("dark"));
        Path shell = Files.writeString(
                directory.resolve("dark.sh"),
                "cd '" + dark + "' && chmod 0 . && exec '" + module.resolveSibling("construir") + "' ls /x\n");
        List<String> command = new ArrayList<>(Unprivileged.byModes());
        command.addAll(List.of("/bin/sh", shell.toString()));
        ProcessBuilder builder = builder(Path.of("/bin/sh"), Map.of()).command(command);
        Process process = builder.start();
        String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(text).isZero();
        assertThat(text).startsWith("java: ").contains("construir-cli.jar ls /x");
    }

    @Test
    void fewOpenFilesAreRefusedAndALowerLimitIsRaised() throws Exception {
        haveJars();
        program("java", ARCHIVES + "ulimit -Sn; " + ENDS_BY_ITSELF);
        for (String limit : List.of("12", "63")) {
            Said said = launch(Path.of("/usr/bin/prlimit"), Map.of(), "--nofile=" + limit, launcher(), "ls");
            assertRefused(said, "may have no more than " + limit + " files open (ulimit -Hn), and construir needs 64");
        }
        assertThat(launch(Path.of("/usr/bin/prlimit"), Map.of(), "--nofile=64", launcher(), "ls")
                        .text())
                .isEqualTo("64\n");
        assertThat(launch(Path.of("/usr/bin/prlimit"), Map.of(), "--nofile=12:100", launcher(), "ls")
                        .text())
                .isEqualTo("100\n");
        assertThat(launch(Path.of("/usr/bin/prlimit"), Map.of(), "--nofile=70:100", launcher(), "ls")
                        .text())
                .isEqualTo("70\n");
    }

    private String launcher() {
        return module.resolveSibling("construir").toString();
    }

    @Test
    void classesAreArchivedOnceForEachJava() throws Exception {
        haveJars();
        Path dumps = directory.resolve("dumps");
        String java = "case $* in -Xshare:dump*) echo dump >>'" + dumps + "' ;; esac; " + ENDS_BY_ITSELF;
        program("java", java);
        setTime(bin, -60);
        launch(Map.of(), "ls");
        launch(Map.of(), "ls");
        assertThat(dumps).hasContent("dump");
        Path other = Files.createDirectory(directory.resolve("other"));
        Files.copy(bin.resolve("java"), other.resolve("java"), StandardCopyOption.COPY_ATTRIBUTES);
        setTime(other, -60);
        Map<String, String> path = Map.of("PATH", other + ":" + bin + ":/usr/bin:/bin");
        launch(path, "ls");
        launch(path, "ls");
        launch(Map.of(), "ls");
        assertThat(dumps).hasContent("dump\ndump");
        setTime(other, 60); // as a package does that replaces Java
        launch(path, "ls");
        assertThat(dumps).hasContent("dump\ndump\ndump");
        assertThat(module.resolve("target")).isDirectoryNotContaining("glob:**java.*");
    }

    @Test
    void aWorkingDirectoryThatIsGone() throws Exception {
        haveJars();
        Path launcher = module.resolveSibling("construir");
        Path shell = Files.writeString(
                directory.resolve("gone.sh"), "mkdir gone; cd gone; rmdir ../gone; exec '" + launcher + "' ls\n");
        Process process =
                builder(Path.of("/bin/sh"), Map.of(), shell.toString()).start();
        String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).isEqualTo(125);
        assertThat(text).contains("construir: the working directory is gone; change to one that exists");
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

    @Test
    void aDirectoryForTemporaryFilesMayHaveBlanks() throws Exception {
        haveJars();
        program("java", ARCHIVES + "printf '<%s>' \"$@\"; " + ENDS_BY_ITSELF);
        assertThat(launch(Map.of("TMPDIR", "/tmp/a b"), "ls").text())
                .contains("<-XX:ErrorFile=/tmp/a b/construir-java-%p.log>", "<ls>");
    }

    /** Operands may be descriptors of the caller's. */
    @ParameterizedTest
    @ValueSource(strings = {"", "JAVA_TOOL_OPTIONS=-Dx"})
    void theCallersDescriptorsAreLeftAlone(String option) throws Exception {
        haveJars();
        program("java", ARCHIVES + "cat /dev/fd/3 /dev/fd/4 /dev/fd/5 /dev/fd/9");
        for (int number : new int[] {3, 4, 5, 9}) {
            Files.writeString(directory.resolve("f" + number), number + "\n");
        }
        Process process = builder(
                        Path.of("/bin/sh"),
                        Map.of(),
                        "-c",
                        option + " \"$0\" ls 3<f3 4<f4 5<f5 9<f9",
                        module.resolveSibling("construir").toString())
                .start();
        assertThat(new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                .startsWith("3\n4\n5\n9\n");
    }

    private long pidIn(String file) throws Exception {
        Path path = directory.resolve(file);
        await().until(() -> Files.exists(path) && Files.readString(path).endsWith("\n"));
        return Long.parseLong(Files.readString(path).strip());
    }

    private static boolean isAlive(long process) {
        return ProcessHandle.of(process).map(ProcessHandle::isAlive).orElse(false);
    }

    @ParameterizedTest
    @ValueSource(strings = {"TERM", "HUP", "INT"})
    void aSignalEndsTheBuildAndTheWaitForOne(String signal) throws Exception {
        program("mvn", "echo $$ >" + directory + "/mvn; exec sleep 60");
        Process builds =
                builder(module.resolveSibling("construir"), Map.of(), "ls").start();
        long maven = pidIn("mvn");
        Process waits =
                builder(module.resolveSibling("construir"), Map.of(), "ls").start();
        assertThat(waits.inputReader().readLine())
                .isEqualTo("construir: waiting for another construir that makes the jars");
        List<ProcessHandle> waiting = waits.descendants().toList();
        kill(signal, waits.pid());
        assertThat(waits.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(waits.exitValue()).isEqualTo(130);
        assertThat(isAlive(maven)).isTrue();
        await().until(() -> waiting.stream().noneMatch(ProcessHandle::isAlive));
        kill(signal, builds.pid());
        assertThat(builds.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(builds.exitValue()).isEqualTo(130);
        assertThat(isAlive(maven)).isFalse();
    }

    @Test
    void aCrashAfterARequestForAThreadDumpIsACrash() throws Exception {
        haveJars();
        program(
                "java",
                ARCHIVES + "trap 'echo dump' QUIT; echo $$ >" + directory + "/java; while :; do sleep 0.1; done");
        Process process =
                builder(module.resolveSibling("construir"), Map.of(), "ls").start();
        long java = pidIn("java");
        kill("QUIT", process.pid());
        assertThat(process.inputReader().readLine()).isEqualTo("dump");
        kill("KILL", java);
        assertThat(new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                .contains("Java did not start, or crashed: it was killed by signal 9");
        assertThat(process.waitFor()).isEqualTo(125);
    }

    @Test
    void aWatcherWithoutMemoryEndsWithACodeOfItsOwn() throws Exception {
        haveJars();
        program("java", ARCHIVES + "exit 3");
        Map<String, String> supervised = Map.of("JAVA_TOOL_OPTIONS", "-Dx");
        assertThat(launch(supervised, "watch", "--root", "r", "q").status()).isEqualTo(3);
        assertThat(launch(supervised, "run", "--root", "r", "j").status()).isEqualTo(125);
    }
}
