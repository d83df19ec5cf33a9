package dev.construir.libvirt;

import static org.assertj.core.api.Assertions.assertThat;

import dev.construir.image.RootImage;
import dev.construir.machine.Preference;
import dev.construir.run.Runner;
import dev.construir.testing.HostCommand;
import dev.construir.testing.LibvirtDaemon;
import dev.construir.testing.Suspension;
import dev.construir.testing.TestImages;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A domain, or its QEMU, is stopped in the midst of a job, and goes on. */
@Timeout(300)
class SuspensionIT {
    @TempDir
    Path place;

    @TempDir
    Path scratch;

    private LibvirtDaemon daemon;
    private Runner runner;

    @BeforeEach
    void open() throws Exception {
        daemon = LibvirtDaemon.start(place);
        runner = Runner.builder(
                        LibvirtHypervisor.builder()
                                .uri(daemon.uri())
                                .scratch(scratch.resolve("l"))
                                .build(),
                        RootImage.in(TestImages.find("debian")))
                .scratch(scratch.resolve("runs"))
                .hardwareAcceleration(Preference.NEVER)
                .build();
    }

    @AfterEach
    void close() throws Exception {
        assertThat(daemon.domains()).isEmpty();
        runner.close();
        daemon.close();
    }

    @Test
    void theClockIsRightWhenAStoppedQemuGoesOn() throws Exception {
        Suspension.check(runner, () -> signal("-STOP"), () -> signal("-CONT"));
    }

    /** As {@code virsh suspend} and {@code virsh resume} do, and a host's tools for many machines at once. */
    @Test
    void theClockIsRightWhenADomainThatSomebodySuspendedIsResumed() throws Exception {
        Suspension.check(runner, () -> virsh("suspend"), () -> virsh("resume"));
    }

    private String domain() throws Exception {
        List<String> domains = daemon.domains();
        assertThat(domains).hasSize(1);
        return domains.get(0);
    }

    private void virsh(String command) throws Exception {
        HostCommand.run("virsh", "-c", daemon.uri().toString(), command, domain());
    }

    private void signal(String signal) throws Exception {
        String guest = "guest=" + domain();
        ProcessHandle qemu = ProcessHandle.allProcesses()
                .filter(process -> process.info().commandLine().orElse("").contains(guest))
                .filter(process -> process.info().command().orElse("").contains("qemu-system"))
                .findAny()
                .orElseThrow();
        HostCommand.run("/bin/kill", signal, Long.toString(qemu.pid()));
    }
}
