package dev.construir.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.construir.machine.HypervisorProvider;
import dev.construir.terminal.Environment;
import dev.construir.terminal.Terminal;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Backends in jars that the test compiles: those that work, and each way not to. */
class PluginTest {
    private static final String SERVICE = "META-INF/services/" + HypervisorProvider.class.getName();
    private static final String PROVIDER = """
            package plug;
            public class NAME implements dev.construir.machine.HypervisorProvider {
                static final Object NEEDED = FIELD;
                public String name() { return "CALLED"; }
                public dev.construir.machine.Hypervisor create(java.util.Optional<java.net.URI> where, java.nio.file.Path scratch) {
                    CREATE
                }
            }
            """;
    private static final String WORKS =
            "return new dev.construir.testkit.FakeHypervisor(dev.construir.testkit.FakeGuest.exiting(3));";

    @TempDir
    Path directory;

    private final Terminal terminal = Terminal.files();

    private static String provider(String name, String called, String field, String create) {
        return PROVIDER.replace("NAME", name)
                .replace("CALLED", called)
                .replace("FIELD", field)
                .replace("CREATE", create);
    }

    /** Compiles sources into a jar, without the classes that are left out. */
    private Path jar(String name, String service, Map<String, String> sources, String... leftOut) throws IOException {
        Path classes = Files.createTempDirectory(directory, "classes");
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        List<JavaFileObject> units = sources.entrySet().stream()
                .map(source -> source(source.getKey(), source.getValue()))
                .toList();
        List<String> options =
                List.of("-d", classes.toString(), "-cp", System.getProperty("java.class.path"), "-proc:none");
        assertThat(compiler.getTask(null, null, null, options, null, units).call())
                .isTrue();
        Map<String, byte[]> entries = new LinkedHashMap<>();
        if (!service.isEmpty()) {
            entries.put(SERVICE, service.getBytes(StandardCharsets.UTF_8));
        }
        for (String source : sources.keySet()) {
            if (!List.of(leftOut).contains(source)) {
                entries.put(
                        "plug/" + source + ".class", Files.readAllBytes(classes.resolve("plug/" + source + ".class")));
            }
        }
        Path jar = directory.resolve(name);
        Files.createDirectories(jar.getParent());
        try (OutputStream file = Files.newOutputStream(jar);
                JarOutputStream out = new JarOutputStream(file)) {
            for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
                out.putNextEntry(new JarEntry(entry.getKey()));
                out.write(entry.getValue());
            }
        }
        return jar;
    }

    private static JavaFileObject source(String name, String text) {
        return new SimpleJavaFileObject(URI.create("string:///plug/" + name + ".java"), JavaFileObject.Kind.SOURCE) {
            @Override
            public CharSequence getCharContent(boolean ignoreEncodingErrors) {
                return text;
            }
        };
    }

    private Path working(String name, String called) throws IOException {
        return jar(name, "plug.Good", Map.of("Good", provider("Good", called, "null", WORKS)));
    }

    private int execute(List<Path> directories, String... arguments) throws IOException {
        terminal.out.reset();
        terminal.err.reset();
        Backends backends = Backends.onClassPath(directories);
        Environment surroundings = Environment.of(Map.of("CONSTRUIR_CACHE", directory.toString()), Optional.empty());
        return Main.execute(terminal.streams(), surroundings, backends, RunnerSource.on(backends), arguments);
    }

    private String[] run(String... options) throws IOException {
        String root = BareDisk.write(directory.resolve("root.img")).toString();
        List<String> all = new ArrayList<>(List.of(
                "run",
                "--disk=2M",
                "--root",
                root,
                "--scratch",
                directory.resolve("scratch").toString()));
        all.addAll(List.of(options));
        all.addAll(List.of("--script", "true"));
        return all.toArray(String[]::new);
    }

    /** Makes a jar of a project in consumers/, which knows nothing of the command. */
    private Path consumer(String project) throws IOException {
        Path main = Path.of("../construir-examples/consumers", project, "src/main");
        Path classes = Files.createTempDirectory(directory, "classes");
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null);
                Stream<Path> sources = Files.walk(main.resolve("java"))) {
            List<Path> java =
                    sources.filter(file -> file.toString().endsWith(".java")).toList();
            List<String> options = List.of("-d", classes.toString(), "-cp", System.getProperty("java.class.path"));
            assertThat(compiler.getTask(null, files, null, options, null, files.getJavaFileObjectsFromPaths(java))
                            .call())
                    .isTrue();
        }
        Path jar = directory.resolve(project + "-1.jar");
        try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar))) {
            for (Path content : List.of(classes, main.resolve("resources"))) {
                try (Stream<Path> files = Files.walk(content)) {
                    for (Path file : files.filter(Files::isRegularFile).toList()) {
                        out.putNextEntry(new JarEntry(content.relativize(file).toString()));
                        out.write(Files.readAllBytes(file));
                    }
                }
            }
        }
        return jar;
    }

    @Test
    void theHypervisorOfAStrangersProjectRunsJobs() throws Exception {
        Path jar = consumer("backend");
        List<String> words = new ArrayList<>(List.of(run("--plugin", jar.toString(), "--hypervisor", "echo")));
        words.set(words.size() - 1, "echo hello\nexit 3");
        assertThat(execute(List.of(), words.toArray(String[]::new)))
                .as(terminal.err())
                .isEqualTo(3);
        assertThat(terminal.out()).isEqualTo("hello\n");
        assertThat(terminal.err()).contains("booting root.img on echo 1 (none: nothing to accelerate)");
        assertThat(execute(List.of(), "doctor", "--plugin", jar.toString(), "--hypervisor", "echo"))
                .as(terminal.out())
                .isZero();
        assertThat(execute(List.of(), run("--plugin", jar.toString(), "--hypervisor", "echo:there")))
                .isEqualTo(125);
        assertThat(terminal.err()).isEqualTo("construir: echo is everywhere the same: leave out \"there\"\n");
    }

    @Test
    void aNamedJarADirectoryOfJarsAndThoseOfTheHostAreFound() throws Exception {
        Path jar = working("good.jar", "plugged");
        assertThat(execute(List.of(), run("--plugin", jar.toString(), "--hypervisor", "plugged")))
                .as(terminal.err())
                .isEqualTo(3);
        assertThat(terminal.out()).isEqualTo("hello\n");
        Map<String, String> two = Map.of(
                "Needed", "package plug; class Needed {}", "Good", provider("Good", "two", "new Needed()", WORKS));
        Path pair = Objects.requireNonNull(
                jar("host/pair/a.jar", "plug.Good", two, "Needed").getParent());
        jar("host/pair/b.jar", "", two, "Good");
        assertThat(execute(List.of(), run("--plugin", pair.toString(), "--hypervisor", "two")))
                .as(terminal.err())
                .isEqualTo(3);
        working("host/single.jar", "single");
        List<Path> host = List.of(directory.resolve("host"), directory.resolve("none"));
        for (String name : List.of("two", "single")) {
            assertThat(execute(host, run("--hypervisor", name)))
                    .as(terminal.err())
                    .isEqualTo(3);
        }
        assertThat(execute(host, "doctor", "--hypervisor=two")).isZero();
        assertThat(terminal.out())
                .contains("works    plugin: " + directory.resolve("host/pair") + ": two\n")
                .contains("works    plugin: " + directory.resolve("host/single.jar") + ": single\n")
                .contains("fake\n  works    memory: machines are threads");
    }

    private void assertRefused(Path plugin, String... why) throws IOException {
        assertThat(execute(List.of(), run("--plugin", plugin.toString(), "--hypervisor", "plugged")))
                .isEqualTo(125);
        assertThat(terminal.err())
                .startsWith("construir: the plugin " + plugin + " cannot be used: ")
                .contains(why)
                .hasLineCount(1)
                .doesNotContain("\tat ", "Exception", "Error");
        execute(List.of(), "doctor", "--plugin", plugin.toString(), "--hypervisor", "qemu");
        assertThat(terminal.out()).contains("missing  plugin: the plugin " + plugin, why[0]);
    }

    @Test
    void whatIsWrongWithAPluginIsSaid() throws Exception {
        assertRefused(directory.resolve("none.jar"), "there is no such file");
        assertRefused(Files.createDirectory(directory.resolve("empty")), "there is no jar in the directory");
        assertRefused(Path.of("/dev/null"), "/dev/null cannot be used: it is no jar");
        assertRefused(
                Files.writeString(directory.resolve("text.jar"), "no jar"),
                "text.jar cannot be used: it is no jar, or was cut off");
        Map<String, String> good = Map.of("Good", provider("Good", "plugged", "null", WORKS));
        assertRefused(jar("no-service.jar", "", good), "it has no backend: no " + SERVICE + " in it names one");
        assertRefused(jar("wrong-service.jar", "plug.Other", good), "does not name a backend", "plug.Other not found");
        Map<String, String> other = Map.of("Good", "package plug; public class Good {}");
        assertRefused(jar("no-provider.jar", "plug.Good", other), "plug.Good not a subtype");
        Path failing = jar(
                "fails.jar",
                "plug.Good",
                Map.of("Good", provider("Good", "plugged", "new java.util.ArrayList<String>().get(2)", WORKS)));
        assertThat(execute(List.of(), run("--plugin", failing.toString()))).isEqualTo(125);
        assertThat(terminal.err())
                .contains("fails.jar cannot be used: its backend cannot be made: ", "IndexOutOfBounds")
                .hasLineCount(1);
        Map<String, String> needing = Map.of(
                "Needed", "package plug; class Needed {}", "Good", provider("Good", "plugged", "new Needed()", WORKS));
        assertRefused(
                jar("needs.jar", "plug.Good", needing, "Needed"),
                "the class plug.Needed is missing; put the jar that has it beside the plugin");
        Map<String, String> late = Map.of(
                "Needed",
                "package plug; class Needed {}",
                "Good",
                provider("Good", "plugged", "null", "new Needed(); return null;"));
        assertThat(execute(
                        List.of(),
                        run(
                                "--hypervisor=plugged",
                                "--plugin",
                                jar("late.jar", "plug.Good", late, "Needed").toString())))
                .isEqualTo(125);
        assertThat(terminal.err()).contains("late.jar cannot be used: the class plug.Needed is missing");
        Path future = working("future.jar", "plugged");
        Path broken = jar("class.jar", "plug.Good", good);
        withNewerClass(broken);
        assertRefused(
                broken, "it is made for a newer Java than " + Runtime.version().feature());
        assertThat(future).exists();
    }

    // The class file's version is in its seventh and eighth byte.
    private static void withNewerClass(Path jar) throws IOException {
        try (var files = java.nio.file.FileSystems.newFileSystem(jar)) {
            Path file = files.getPath("plug/Good.class");
            byte[] bytes = Files.readAllBytes(file);
            bytes[7] = 120;
            Files.write(file, bytes);
        }
    }

    @Test
    void namesThatAreTaken() throws Exception {
        Path qemu = working("qemu.jar", "qemu");
        assertRefused(qemu, "its backend is called \"qemu\", as one of construir is");
        Path one = working("one.jar", "plugged");
        Path two = working("two.jar", "plugged");
        assertThat(execute(List.of(), run("--plugin=" + one, "--plugin=" + two, "--hypervisor=plugged")))
                .isEqualTo(125);
        assertThat(terminal.err())
                .contains("two.jar cannot be used: its backend is called \"plugged\", as that of " + one + " is");
        for (Path again : List.of(one, one.resolveSibling("./one.jar"), one.resolve("../one.jar"))) {
            assertThat(execute(List.of(), run("--plugin=" + one, "--plugin=" + again, "--hypervisor=plugged")))
                    .as(again.toString())
                    .isEqualTo(3);
        }
    }

    @Test
    void aBrokenPluginOfTheHostIsInNobodysWay() throws Exception {
        Path host = Files.createDirectory(directory.resolve("host"));
        Files.writeString(host.resolve("broken.jar"), "no jar");
        Files.writeString(host.resolve("README"), "");
        Path good = working("good.jar", "plugged");
        assertThat(execute(List.of(host), run("--plugin", good.toString(), "--hypervisor", "plugged")))
                .isEqualTo(3);
        assertThat(execute(List.of(host), run("--hypervisor", "other"))).isEqualTo(125);
        assertThat(terminal.err())
                .contains(
                        "there is no hypervisor \"other\" here; use libvirt, qemu, or name the jar that has it with --plugin")
                .contains("broken.jar cannot be used");
    }

    @Test
    void whereTheyAreLookedFor() {
        assertThat(Plugin.directories(Map.of("HOME", "/home/me")))
                .containsExactly(
                        Path.of("/usr/lib/construir/plugins"), Path.of("/home/me/.local/share/construir/plugins"));
        assertThat(Plugin.directories(Map.of("HOME", "/home/me", "XDG_DATA_HOME", "/data")))
                .contains(Path.of("/data/construir/plugins"));
        assertThat(Plugin.directories(Map.of())).hasSize(1);
    }
}
