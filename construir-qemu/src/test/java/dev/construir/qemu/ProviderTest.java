package dev.construir.qemu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.construir.machine.Hypervisor;
import dev.construir.machine.HypervisorException;
import dev.construir.machine.HypervisorProvider;
import dev.construir.testkit.RecordingListener;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProviderTest {
    @TempDir
    Path scratch;

    @Test
    void isFoundByItsName() throws Exception {
        HypervisorProvider provider = ServiceLoader.load(HypervisorProvider.class).stream()
                .map(ServiceLoader.Provider::get)
                .filter(p -> p.name().equals("qemu"))
                .findFirst()
                .orElseThrow();
        try (Hypervisor hypervisor = provider.create(Optional.empty(), scratch)) {
            assertThat(hypervisor.name()).isEqualTo("qemu");
        }
    }

    @Test
    void runsOnThisHostOnly() {
        assertThatThrownBy(() ->
                        new QemuHypervisorProvider().create(Optional.of(URI.create("qemu+ssh://host/system")), scratch))
                .isInstanceOf(HypervisorException.class)
                .hasMessageContaining("qemu+ssh://host/system");
    }

    @Test
    void creatingOneTouchesNothing() {
        Path absent = scratch.resolve("absent");
        try (Hypervisor hypervisor = QemuHypervisor.builder().scratch(absent).build()) {
            assertThat(hypervisor.name()).isEqualTo("qemu");
            assertThat(absent).doesNotExist();
            assertThat(hypervisor.diagnose().findings()).isNotEmpty();
            assertThat(absent).isDirectory();
        }
    }

    @Test
    void anUnusableScratchDirectoryIsDiagnosed() throws Exception {
        Path file = Files.createFile(scratch.resolve("file"));
        try (Hypervisor hypervisor = QemuHypervisor.builder().scratch(file).build()) {
            assertThat(hypervisor.diagnose().isUsable()).isFalse();
            assertThatThrownBy(() -> hypervisor.start(Specs.firmware(file), new RecordingListener()))
                    .isInstanceOf(HypervisorException.class)
                    .hasMessageContaining("scratch");
        }
    }
}
