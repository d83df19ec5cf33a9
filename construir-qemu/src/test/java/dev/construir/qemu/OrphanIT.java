package dev.construir.qemu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.construir.ownership.ProcessIdentity;
import dev.construir.qemu.process.Launcher;
import dev.construir.qemu.process.OrphanProtection;
import dev.construir.testkit.BootSector;
import dev.construir.testkit.RecordingListener;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** No QEMU outlives the Java process that started it. */
@Timeout(60)
class OrphanIT {
    @TempDir
    Path directory;

    /** A Java process that starts a machine, says so, and is killed. */
    static final class Victim {
        public static void main(String[] arguments) throws Exception {
            Path directory = Path.of(arguments[0]);
            QemuHypervisor hypervisor = QemuHypervisor.builder()
                    .scratch(directory.resolve("scratch"))
                    .build();
            hypervisor.start(
                    Specs.firmware(BootSector.HANG.write(directory.resolve("root.img"))), new RecordingListener());
            System.out.println("started");
            Thread.sleep(Long.MAX_VALUE);
        }
    }

    /** A Java process that starts a program under a protection, tells its number, and is killed. */
    static final class Parent {
        public static void main(String[] arguments) throws Exception {
            ProcessBuilder builder =
                    new ProcessBuilder(OrphanProtection.sentinel().protect(List.of("/bin/sleep", "1000")));
            System.out.println(new Launcher().launch(builder).pid());
            Thread.sleep(Long.MAX_VALUE);
        }
    }

    @Test
    void aKilledJavaProcessTakesItsMachinesWithItAndTheNextOneSweeps() throws Exception {
        Process victim = fork(Victim.class);
        assertThat(firstLine(victim)).isEqualTo("started");
        ProcessIdentity qemu = noted();
        assertThat(qemu.isAlive()).isTrue();
        victim.destroyForcibly().waitFor();
        await().atMost(2, TimeUnit.SECONDS).until(() -> !qemu.isAlive());

        assertThat(directories()).isEqualTo(1);
        try (QemuHypervisor next =
                QemuHypervisor.builder().scratch(directory.resolve("scratch")).build()) {
            assertThat(next.diagnose().isUsable()).isTrue();
        }
        assertThat(directories()).isZero();
    }

    @Test
    void theSentinelKillsWhenItsPipeEndsAndNothingElse() throws Exception {
        Process parent = fork(Parent.class);
        ProcessIdentity child =
                ProcessIdentity.of(Long.parseLong(firstLine(parent))).orElseThrow();
        assertThat(Files.readString(Path.of("/proc/" + child.pid() + "/cmdline")))
                .startsWith("/bin/sleep\0");
        parent.destroyForcibly().waitFor();
        await().atMost(2, TimeUnit.SECONDS).until(() -> !child.isAlive());
    }

    private Process fork(Class<?> main) throws Exception {
        Path java = Path.of(System.getProperty("java.home"), "bin", "java");
        return new ProcessBuilder(
                        java.toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        main.getName(),
                        directory.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    private static String firstLine(Process process) throws Exception {
        return new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8)).readLine();
    }

    private ProcessIdentity noted() throws Exception {
        try (Stream<Path> files = Files.walk(directory.resolve("scratch"))) {
            Path note =
                    files.filter(file -> file.endsWith("process")).findFirst().orElseThrow();
            return ProcessIdentity.parse(Files.readString(note)).orElseThrow();
        }
    }

    private long directories() throws Exception {
        try (Stream<Path> files = Files.list(directory.resolve("scratch"))) {
            return files.filter(file -> !file.endsWith("qemu-facts")).count();
        }
    }
}
