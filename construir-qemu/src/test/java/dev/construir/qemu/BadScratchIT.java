package dev.construir.qemu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.construir.machine.Diagnosis;
import dev.construir.machine.HypervisorException;
import dev.construir.testing.HostCommand;
import dev.construir.testkit.BootSector;
import dev.construir.testkit.RecordingListener;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Scratch directories that QEMU's machines cannot live in. The test has to be root, to mount file systems and to give
 * things away.
 */
@Timeout(60)
class BadScratchIT {
    private static final int SOMEBODY_ELSE = 123_456;

    @TempDir
    Path directory;

    private void assertRefused(Path scratch, String... said) throws Exception {
        Path root = BootSector.HANG.write(directory.resolve("root.img"));
        Path fake = FakeQemu.install(directory, FakeQemu.Behaviour.OBEYS);
        try (QemuHypervisor hypervisor =
                QemuHypervisor.builder().binary(fake).scratch(scratch).build()) {
            assertThatThrownBy(() -> hypervisor.start(Specs.firmware(root), new RecordingListener()))
                    .isInstanceOf(HypervisorException.class)
                    .hasMessageContainingAll(said)
                    .hasMessageNotContaining("Exception");
        }
        assertThat(ProcessHandle.current().descendants()).noneMatch(ProcessHandle::isAlive);
    }

    private void assertUnusable(Path scratch, String why) throws Exception {
        assertRefused(scratch, "the scratch directory " + scratch + " cannot be used: ", why, "name another one");
        try (QemuHypervisor hypervisor =
                QemuHypervisor.builder().scratch(scratch).build()) {
            assertThat(hypervisor.diagnose().findings())
                    .singleElement()
                    .satisfies(
                            f -> assertThat(f.verdict()).isEqualTo(Diagnosis.Verdict.MISSING),
                            f -> assertThat(f.detail()).contains(why));
        }
    }

    @Test
    void aFileInItsPlace() throws Exception {
        Path file = Files.writeString(directory.resolve("file"), "text");
        assertUnusable(file, "is no directory");
        assertUnusable(file.resolve("below"), file.toString());
        assertThat(file).hasContent("text");
    }

    @Test
    void somebodyElses() throws Exception {
        Path others = Files.createDirectory(
                directory.resolve("others"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        Files.setAttribute(others, "unix:uid", SOMEBODY_ELSE);
        assertUnusable(others, "belongs to " + SOMEBODY_ELSE);
        assertUnusable(others.resolve("below"), others + " belongs to another user");
    }

    @Test
    void aReadOnlyFileSystem() throws Exception {
        Path mounted = Files.createDirectory(directory.resolve("mounted"));
        HostCommand.run("mount", "-t", "tmpfs", "-o", "ro,mode=700", "tmpfs", mounted.toString());
        try {
            assertUnusable(mounted.resolve("scratch"), "Read-only file system");
        } finally {
            HostCommand.run("umount", mounted.toString());
        }
    }

    @Test
    void aFullFileSystem() throws Exception {
        Path mounted = Files.createDirectory(directory.resolve("mounted"));
        HostCommand.run("mount", "-t", "tmpfs", "-o", "size=64k,mode=700", "tmpfs", mounted.toString());
        try {
            Files.write(mounted.resolve("filler"), new byte[64 << 10]);
            assertRefused(mounted.resolve("scratch"), "No space left on device");
            try (var files = Files.walk(mounted.resolve("scratch"))) {
                assertThat(files.filter(Files::isRegularFile)).isEmpty();
            }
        } finally {
            HostCommand.run("umount", mounted.toString());
        }
    }
}
