package dev.construir.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.construir.testing.LibvirtDaemon;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.jar.JarFile;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * Other people's builds, by the commands of {@code jobs/README.md}. Both at once: they are long, and one of them has a
 * single thread. With {@code -Dconstruir.hypervisor=libvirt} libvirt runs their machines.
 */
@Execution(ExecutionMode.CONCURRENT)
class RealJobsIT {
    // On a bare machine the packages of an image are fetched and installed first.
    private static final Duration PATIENCE = Duration.ofMinutes(10);

    @TempDir
    static Path place;

    private static String hypervisor = System.getProperty("construir.hypervisor", "qemu");
    private static Optional<LibvirtDaemon> daemon = Optional.empty();

    @BeforeAll
    static void start() throws Exception {
        if (hypervisor.equals("libvirt")) {
            daemon = Optional.of(LibvirtDaemon.start(place));
            hypervisor += ":" + daemon.get().uri();
        }
    }

    @AfterAll
    static void stop() {
        daemon.ifPresent(LibvirtDaemon::close);
    }

    private static Launch launch(Path directory, String... arguments) throws Exception {
        Launch launch = Launch.end(Launch.start(directory, arguments), directory, PATIENCE);
        assertThat(launch.status()).as("%s", launch).isZero();
        return launch;
    }

    private static String prepare(String job) throws Exception {
        Process process = new ProcessBuilder("../construir-examples/jobs/" + job + "/prepare")
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).isZero();
        return printed.strip();
    }

    @Test
    void zlib(@TempDir Path directory) throws Exception {
        Path out = directory.resolve("out");
        launch(directory, "run", "--hypervisor", hypervisor, "--cpus", "2", "--out", out.toString(), prepare("zlib"));
        assertThat(Files.readAllLines(out.resolve("construir.log")))
                .contains(
                        "\t\t*** zlib test OK ***",
                        "\t\t*** zlib shared test OK ***",
                        "\t\t*** zlib 64-bit test OK ***");
        assertThat(Files.readAllBytes(out.resolve("usr/lib/libz.so.1"))).startsWith(0x7f, 'E', 'L', 'F');
        assertThat(out.resolve("usr/include/zlib.h")).isNotEmptyFile();
    }

    @Test
    void javaProject(@TempDir Path directory) throws Exception {
        Path out = directory.resolve("out");
        String packages = "openjdk-17-jdk-headless,ant,ant-optional,junit4";
        String image =
                launch(directory, "image", "build", "--include", packages).out().strip();
        launch(
                directory,
                "run",
                "--hypervisor",
                hypervisor,
                "--root",
                image,
                "--out",
                out.toString(),
                "../construir-examples/jobs/java-project");
        assertThat(Files.readString(out.resolve("construir.log")))
                .contains("Testsuite: ranges.RangeSetTest\n    [junit] Tests run: 3, Failures: 0, Errors: 0")
                .contains("BUILD SUCCESSFUL");
        try (JarFile jar = new JarFile(out.resolve("build/ranges.jar").toFile())) {
            assertThat(jar.stream().map(ZipEntry::getName)).contains("ranges/RangeSet.class");
        }
    }
}
