package dev.construir.qemu.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.construir.DataSize;
import dev.construir.ImageFormat;
import dev.construir.image.RootImage;
import dev.construir.machine.Boot;
import dev.construir.machine.CacheMode;
import dev.construir.machine.Disk;
import dev.construir.machine.Hypervisor;
import dev.construir.machine.Machine;
import dev.construir.machine.MachineExit;
import dev.construir.machine.MachineSpec;
import dev.construir.machine.Network;
import dev.construir.machine.Preference;
import dev.construir.testing.HostCommand;
import dev.construir.testing.TestImages;
import dev.construir.testkit.RecordingListener;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Images without a job offer a login on the console, and leave a clean disk when they are powered off. */
@Timeout(180)
class LoginIT {
    @TempDir
    Path directory;

    private final RecordingListener listener = new RecordingListener();

    @Test
    void theDebianImageOffersALogin() throws Exception {
        RootImage image = RootImage.in(TestImages.find("debian"));
        try (Hypervisor hypervisor = RealMachines.hypervisor(directory);
                Machine machine = start(hypervisor, image, Disk.copyOnWrite(image.disk(), image.format()))) {
            logIn(machine).answer("# ", "gcc -dumpmachine; head -n 1 /etc/issue; poweroff");
            assertThat(machine.exit().get(60, TimeUnit.SECONDS)).isEqualTo(new MachineExit.PoweredOff());
            assertThat(listener.console()).contains("x86_64-linux-gnu\r\nDebian GNU/Linux 12");
        }
    }

    @Test
    void whatIsWrittenAfterALoginStaysOnAWritableQcow2Disk() throws Exception {
        RootImage image = RootImage.in(TestImages.find("tiny"));
        Path disk = directory.resolve("root.qcow2");
        HostCommand.run(
                "qemu-img", "convert", "-f", "raw", "-O", "qcow2", image.disk().toString(), disk.toString());
        long blocksBefore = blocks(disk);
        try (Hypervisor hypervisor = RealMachines.hypervisor(directory);
                Machine machine = start(
                        hypervisor,
                        image,
                        new Disk(disk, ImageFormat.QCOW2, Disk.Access.READ_WRITE, Optional.empty(), true))) {
            Typist typist = logIn(machine);
            typist.answer(
                    "# ", "echo $((6 * 7)) > kept; cat kept; dd if=/dev/urandom of=big bs=1M count=16; sync; rm big");
            typist.answer("# ", "poweroff");
            assertThat(machine.exit().get(60, TimeUnit.SECONDS)).isEqualTo(new MachineExit.PoweredOff());
            assertThat(listener.console()).contains("\n42\r\n");
        }
        Path raw = directory.resolve("root.img");
        HostCommand.run("qemu-img", "check", disk.toString());
        HostCommand.run("qemu-img", "convert", "-f", "qcow2", "-O", "raw", disk.toString(), raw.toString());
        assertThat(HostCommand.run("/sbin/e2fsck", "-fn", raw.toString()))
                .doesNotContainIgnoringCase("fix", "not cleanly");
        assertThat(HostCommand.run("/sbin/debugfs", "-R", "cat /root/kept", raw.toString()))
                .endsWith("42\n");
        assertThat(blocks(disk) - blocksBefore)
                .as("blocks of what was written and removed")
                .isLessThan(8 << 11);
    }

    private Machine start(Hypervisor hypervisor, RootImage image, Disk disk) throws Exception {
        Boot.Kernel boot = (Boot.Kernel) image.boot();
        return hypervisor.start(
                new MachineSpec(
                        "login",
                        image.architecture(),
                        1,
                        DataSize.ofMebibytes(256),
                        new Boot.Kernel(boot.kernel(), boot.initrd(), boot.commandLine() + " construir.wait=0"),
                        List.of(disk),
                        Network.NONE,
                        Preference.NEVER,
                        Preference.NEVER,
                        CacheMode.WRITEBACK),
                listener);
    }

    private Typist logIn(Machine machine) throws Exception {
        Typist typist = new Typist(machine, listener, Duration.ofSeconds(60));
        typist.expect("construir: no job to run: log in as root");
        typist.logIn();
        return typist;
    }

    /** Returns what a file takes of the host's disk, in half kibibytes. */
    private static long blocks(Path file) throws Exception {
        return Long.parseLong(
                HostCommand.run("stat", "-c", "%b", file.toString()).strip());
    }
}
