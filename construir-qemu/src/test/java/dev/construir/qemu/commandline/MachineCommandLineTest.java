package dev.construir.qemu.commandline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.construir.DataSize;
import dev.construir.ImageFormat;
import dev.construir.machine.Architecture;
import dev.construir.machine.Boot;
import dev.construir.machine.CacheMode;
import dev.construir.machine.Disk;
import dev.construir.machine.MachineSpec;
import dev.construir.machine.Network;
import dev.construir.machine.Preference;
import dev.construir.qemu.program.Accelerator;
import dev.construir.qemu.program.Capabilities;
import dev.construir.qemu.program.QemuProgram;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The command lines, compared with the ones in this package's resources. */
class MachineCommandLineTest {
    private static final Disk ROOT = Disk.copyOnWrite(Path.of("/images/root.img"), ImageFormat.RAW);
    private static final Disk JOB = Disk.writable(Path.of("/jobs/job.img"), "job-0123456789ab");
    private static final Boot KERNEL =
            new Boot.Kernel(Path.of("/images/vmlinuz"), Path.of("/images/initrd"), "console=ttyS0 quiet");

    private static final BootSource BOOT = new BootSource.Boot();

    @Test
    void directBoot() throws IOException {
        MachineSpec spec = spec(Architecture.X86_64, KERNEL, Network.NONE, List.of(ROOT, JOB), CacheMode.WRITEBACK);
        assertGolden("direct-boot", MachineCommandLine.of(spec, x86(true), Accelerator.TCG, "tiny-17", BOOT));
    }

    @Test
    void bootToSave() throws IOException {
        MachineSpec spec = spec(Architecture.X86_64, KERNEL, Network.NONE, List.of(ROOT, JOB), CacheMode.WRITEBACK);
        BootSource origin = new BootSource.BootToSave(Path.of("/images/a,b/memory"), MachineCommandLineTest::layer);
        assertGolden("boot-to-save", MachineCommandLine.of(spec, x86(true), Accelerator.TCG, "tiny-17", origin));
    }

    @Test
    void saved() throws IOException {
        MachineSpec spec = spec(Architecture.X86_64, KERNEL, Network.NONE, List.of(ROOT, JOB), CacheMode.WRITEBACK);
        BootSource origin = new BootSource.Saved(
                Path.of("/images/a,b/memory"), BootSource.Sharing.PRIVATE, disk -> List.of(layer(disk)));
        assertGolden("saved", MachineCommandLine.of(spec, x86(true), Accelerator.TCG, "tiny-17", origin));
    }

    @Test
    void firmwareBootWithNetworkUnderKvm() throws IOException {
        Disk root = Disk.copyOnWrite(Path.of("/images/root.qcow2"), ImageFormat.QCOW2);
        MachineSpec spec =
                spec(Architecture.X86_64, new Boot.Firmware(), Network.OUTBOUND, List.of(root, JOB), CacheMode.UNSAFE);
        assertGolden("firmware-network-kvm", MachineCommandLine.of(spec, x86(true), Accelerator.KVM, "tiny-17", BOOT));
    }

    @Test
    void arm() throws IOException {
        QemuProgram program = new QemuProgram(
                Path.of("/usr/bin/qemu-system-aarch64"),
                "",
                new Capabilities(Architecture.AARCH64, "7.2.0", true, false));
        MachineSpec spec = spec(Architecture.AARCH64, KERNEL, Network.NONE, List.of(ROOT, JOB), CacheMode.WRITEBACK);
        assertGolden("arm", MachineCommandLine.of(spec, program, Accelerator.TCG, "tiny-17", BOOT));
    }

    @Test
    void oddPathsAreJsonAndNothingElse() throws IOException {
        Disk root = Disk.copyOnWrite(Path.of("/a b/c,d=\"e\"\\f'é.img"), ImageFormat.RAW);
        MachineSpec spec =
                spec(Architecture.X86_64, new Boot.Firmware(), Network.NONE, List.of(root), CacheMode.WRITEBACK);
        assertGolden("odd-paths", MachineCommandLine.of(spec, x86(false), Accelerator.TCG, "tiny-17", BOOT));
    }

    @Test
    void byHand() throws IOException {
        Disk job = Disk.writable(Path.of("disk.img"), "job-0123456789ab");
        MachineSpec spec = spec(Architecture.X86_64, KERNEL, Network.NONE, List.of(ROOT, job), CacheMode.UNSAFE);
        assertGolden("by-hand", MachineCommandLine.byHand(spec, x86(true), Accelerator.TCG));
    }

    @Test
    void byHandWithOddPathsAndNetworkUnderKvm() throws IOException {
        Disk root = Disk.copyOnWrite(Path.of("/a b/c,d=\"e\"\\f'é\n.qcow2"), ImageFormat.QCOW2);
        MachineSpec spec = spec(
                Architecture.X86_64, new Boot.Firmware(), Network.OUTBOUND, List.of(root, JOB), CacheMode.WRITEBACK);
        assertGolden("by-hand-odd-paths", MachineCommandLine.byHand(spec, x86(false), Accelerator.KVM));
    }

    @Test
    void byHandOnArm() throws IOException {
        QemuProgram program = new QemuProgram(
                Path.of("/usr/bin/qemu-system-aarch64"),
                "",
                new Capabilities(Architecture.AARCH64, "7.2.0", true, false));
        MachineSpec spec = spec(Architecture.AARCH64, KERNEL, Network.NONE, List.of(ROOT, JOB), CacheMode.WRITEBACK);
        assertGolden("by-hand-arm", MachineCommandLine.byHand(spec, program, Accelerator.TCG));
    }

    @Test
    void selfTest() throws IOException {
        assertGolden("self-test", SelfTestCommandLine.of(x86(true), Accelerator.KVM));
    }

    private static Path layer(int disk) {
        return Path.of("/images/a,b/layer-" + disk + ".qcow2");
    }

    private static QemuProgram x86(boolean sandbox) {
        return new QemuProgram(
                Path.of("/usr/bin/qemu-system-x86_64"),
                "",
                new Capabilities(Architecture.X86_64, "7.2.0", sandbox, false));
    }

    private static MachineSpec spec(
            Architecture architecture, Boot boot, Network network, List<Disk> disks, CacheMode cacheMode) {
        return new MachineSpec(
                "tiny",
                architecture,
                2,
                DataSize.ofMebibytes(512),
                boot,
                disks,
                network,
                Preference.PREFER,
                Preference.NEVER,
                cacheMode);
    }

    // An option and its value to a line.
    private static void assertGolden(String name, List<String> arguments) throws IOException {
        List<String> lines = new ArrayList<>();
        for (String word : arguments) {
            if (word.startsWith("-") || lines.isEmpty()) {
                lines.add(word);
            } else {
                lines.set(lines.size() - 1, lines.get(lines.size() - 1) + " " + word);
            }
        }
        try (InputStream golden = MachineCommandLineTest.class.getResourceAsStream(name + ".txt")) {
            assertThat(golden)
                    .as("no golden file for:%n%s", String.join("\n", lines))
                    .isNotNull();
            assertThat(String.join("\n", lines) + "\n")
                    .isEqualTo(new String(golden.readAllBytes(), StandardCharsets.UTF_8));
        }
    }
}
