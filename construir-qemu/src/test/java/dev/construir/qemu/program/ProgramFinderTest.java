package dev.construir.qemu.program;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.construir.machine.Architecture;
import dev.construir.machine.HypervisorException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProgramFinderTest {
    @TempDir
    Path directory;

    private Path program(String name) throws Exception {
        return Files.createFile(
                directory.resolve(name),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
    }

    @Test
    void eachArchitectureHasAProgramOfItsOwn() throws Exception {
        Path x86 = program("qemu-system-x86_64");
        Path arm = program("qemu-system-aarch64");
        ProgramFinder finder = new ProgramFinder("/no/such/directory:" + directory);
        assertThat(finder.qemu(Optional.empty(), Architecture.X86_64)).isEqualTo(x86);
        assertThat(finder.qemu(Optional.empty(), Architecture.AARCH64)).isEqualTo(arm);
        assertThat(finder.qemu(Optional.of(x86.toString()), Architecture.AARCH64))
                .isEqualTo(x86); // who runs it finds out
    }

    @Test
    void oneThatIsMissingIsNamedWithThePackageThatHasIt() throws Exception {
        program("qemu-system-x86_64");
        ProgramFinder finder = new ProgramFinder(directory.toString());
        assertThatThrownBy(() -> finder.qemu(Optional.empty(), Architecture.AARCH64))
                .isInstanceOf(HypervisorException.class)
                .hasMessageContaining("QEMU for aarch64 guests was not found")
                .hasMessageContaining("qemu-system-aarch64")
                .hasMessageContaining(ProgramFinder.installLine(Architecture.AARCH64));
        assertThat(ProgramFinder.installLine(Architecture.AARCH64))
                .isNotEqualTo(ProgramFinder.installLine(Architecture.X86_64))
                .contains("qemu-system-arm");
    }
}
