package dev.construir.examples.sandboxes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.construir.image.RootImage;
import dev.construir.machine.Preference;
import dev.construir.qemu.QemuHypervisor;
import dev.construir.run.Runner;
import dev.construir.sandbox.Checkpoint;
import dev.construir.sandbox.ExecutionResult;
import dev.construir.sandbox.Sandbox;
import dev.construir.testing.TestImages;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Tests of a Debian package. It is installed once, and each test has a machine in which that has just been done. */
@Timeout(300)
class PackageIT {
    private static Runner runner;
    private static Checkpoint installed;

    private Sandbox vm;

    @BeforeAll
    static void install(@TempDir Path work) throws Exception {
        runner = Runner.builder(
                        QemuHypervisor.builder()
                                .memorySnapshots(Path.of("target/memory-snapshots"))
                                .build(),
                        RootImage.in(TestImages.find("debian")))
                .warmStart(Preference.REQUIRE)
                .build();
        try (Sandbox origin = Sandbox.open(runner)) {
            DebianPackages.download(origin, "hello", work).install();
            installed = origin.checkpoint();
        }
    }

    @BeforeEach
    void open() throws Exception {
        vm = installed.open();
    }

    @AfterEach
    void close() {
        vm.close();
    }

    @AfterAll
    static void closeAll() {
        installed.close();
        runner.close();
    }

    @Test
    void theProgram_greets() throws Exception {
        assertThat(vm.exec("hello").text()).isEqualTo("Hello, world!");
    }

    @Test
    void thePackage_isInstalledAndWhole() throws Exception {
        assertThat(vm.exec("dpkg-query", "--show", "--showformat=${db:Status-Status}", "hello")
                        .text())
                .isEqualTo("installed");
        assertThat(vm.exec("dpkg", "--verify", "hello").text()).isEmpty();
    }

    @Test
    void aChangedFile_isNoticed() throws Exception {
        vm.sh("echo changed >> /usr/bin/hello").run().orThrow();
        assertThat(vm.exec("dpkg", "--verify", "hello").run().stdout().text()).contains("/usr/bin/hello");
    }

    @Test
    void removal_leavesNoProgram() throws Exception {
        vm.exec("dpkg", "--purge", "hello").run().orThrow();
        ExecutionResult hello = vm.exec("hello").run();
        assertThat(hello.end().describe()).isEqualTo("exited with status 127");
    }
}
