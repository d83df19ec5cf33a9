package dev.construir.libvirt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.construir.DataSize;
import dev.construir.ImageFormat;
import dev.construir.machine.Architecture;
import dev.construir.machine.Boot;
import dev.construir.machine.CacheMode;
import dev.construir.machine.Disk;
import dev.construir.machine.HypervisorException;
import dev.construir.machine.Machine;
import dev.construir.machine.MachineExit;
import dev.construir.machine.MachineSpec;
import dev.construir.machine.Network;
import dev.construir.machine.Preference;
import dev.construir.testing.HostCommand;
import dev.construir.testing.LibvirtDaemon;
import dev.construir.testkit.BootSector;
import dev.construir.testkit.RecordingListener;
import java.io.BufferedReader;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * libvirt's daemon or the Java process is killed in the midst of things: no machine stays, and what happened is
 * reported.
 */
@Timeout(120)
@Execution(ExecutionMode.CONCURRENT)
class LossesIT {
    @TempDir
    Path place;

    @TempDir
    Path scratch;

    private LibvirtDaemon daemon;
    private LibvirtHypervisor hypervisor;

    @BeforeEach
    void start() throws Exception {
        daemon = LibvirtDaemon.start(place);
        hypervisor = hypervisor(daemon.uri(), scratch.resolve("l"));
    }

    @AfterEach
    void stop() {
        hypervisor.close();
        daemon.close();
        assertThat(scratch.resolve("l")).isEmptyDirectory();
    }

    private static LibvirtHypervisor hypervisor(URI uri, Path scratch) {
        return LibvirtHypervisor.builder().uri(uri).scratch(scratch).build();
    }

    private static MachineSpec hanging(Path root) throws Exception {
        BootSector.HANG.write(root);
        return new MachineSpec(
                "losses",
                Architecture.X86_64,
                1,
                DataSize.ofMebibytes(64),
                new Boot.Firmware(),
                List.of(Disk.copyOnWrite(root, ImageFormat.RAW)),
                Network.NONE,
                Preference.NEVER,
                Preference.NEVER,
                CacheMode.WRITEBACK);
    }

    private Machine startHanging() throws Exception {
        return hypervisor.start(hanging(scratch.resolve("root.img")), new RecordingListener());
    }

    private static MachineExit exit(Machine machine) throws Exception {
        return machine.exit().get(60, TimeUnit.SECONDS);
    }

    private long machines() {
        return qemu().count();
    }

    private Stream<ProcessHandle> qemu() {
        return ProcessHandle.allProcesses()
                .filter(process -> process.info().commandLine().orElse("").contains(scratch.resolve("l") + "/"))
                .filter(process -> process.info().commandLine().orElse("").contains("guest=construir-losses-"))
                .filter(process ->
                        process.info().totalCpuDuration().isPresent()); // a zombie has no command line either
    }

    @Test
    void aDaemonThatIsKilledAndComesBackDestroysWhatItFinds() throws Exception {
        Machine machine = startHanging();
        daemon.kill();
        assertThat(machines()).isEqualTo(1);
        daemon.restart();
        assertThat(exit(machine))
                .isInstanceOfSatisfying(
                        MachineExit.Lost.class,
                        lost -> assertThat(lost.why())
                                .contains("closed the connection")
                                .containsAnyOf("was destroyed", "is gone"));
        assertThat(daemon.domains()).isEmpty();
        await().atMost(10, TimeUnit.SECONDS).until(() -> machines() == 0);
        try (Machine next = startHanging()) { // by a new connection
            next.kill("seen");
            assertThat(exit(next)).isEqualTo(new MachineExit.Killed("seen"));
        }
    }

    @Test
    void aDaemonThatStaysAwayLeavesNoMachineBehind() throws Exception {
        Machine machine = startHanging();
        daemon.kill();
        assertThat(exit(machine))
                .isInstanceOfSatisfying(
                        MachineExit.Lost.class,
                        lost -> assertThat(lost.why()).contains("cannot be reached again", "was killed"));
        await().atMost(10, TimeUnit.SECONDS).until(() -> machines() == 0);
        assertThatThrownBy(this::startHanging)
                .isInstanceOf(HypervisorException.class)
                .hasMessageContaining(daemon.uri().toString());
    }

    @Test
    void aMachineWhoseQemuAnswersNothingIsKilledAllTheSame() throws Exception {
        Machine machine = startHanging();
        long qemu = qemu().findFirst().orElseThrow().pid();
        HostCommand.run("/bin/kill", "-STOP", Long.toString(qemu));
        machine.usage();
        machine.kill("enough");
        assertThat(exit(machine)).isEqualTo(new MachineExit.Killed("enough"));
        await().atMost(10, TimeUnit.SECONDS).until(() -> machines() == 0);
    }

    @Test
    void aMachineThatSomebodyElseDestroysIsLost() throws Exception {
        Machine machine = startHanging();
        String name = daemon.domains().get(0);
        Process virsh = new ProcessBuilder("virsh", "-c", daemon.uri().toString(), "destroy", name).start();
        assertThat(virsh.waitFor()).isZero();
        assertThat(exit(machine))
                .isInstanceOfSatisfying(
                        MachineExit.Lost.class, lost -> assertThat(lost.why()).contains("another user of libvirt"));
    }

    @Test
    void noMachineOutlivesItsJavaProcess() throws Exception {
        Process jvm = victim();
        jvm.destroyForcibly().waitFor();
        await().atMost(10, TimeUnit.SECONDS).until(() -> daemon.domains().isEmpty());
        sweep();
    }

    @Test
    void theNextProcess_endsWhatBothDeathsLeft() throws Exception {
        Process jvm = victim();
        daemon.kill();
        jvm.destroyForcibly().waitFor();
        daemon.restart();
        assertThat(daemon.domains()).hasSize(1); // libvirt has forgotten whose it was
        sweep();
    }

    private void sweep() throws Exception {
        startHanging().close();
        assertThat(daemon.domains()).isEmpty();
        try (var owners = Files.list(scratch.resolve("l"))) {
            assertThat(owners).hasSize(1); // this process
        }
    }

    private Process victim() throws Exception {
        Process jvm = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Victim.class.getName(),
                        daemon.uri().toString(),
                        scratch.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        BufferedReader said = jvm.inputReader(StandardCharsets.UTF_8);
        assertThat(said.readLine()).isEqualTo("started");
        assertThat(daemon.domains()).hasSize(1);
        return jvm;
    }

    /** Starts a machine that does not end. */
    static final class Victim {
        private Victim() {}

        public static void main(String[] arguments) throws Exception {
            Path scratch = Path.of(arguments[1]);
            try (LibvirtHypervisor hypervisor = hypervisor(URI.create(arguments[0]), scratch.resolve("l"));
                    Machine machine =
                            hypervisor.start(hanging(scratch.resolve("victim.img")), new RecordingListener())) {
                System.out.println("started");
                machine.exit().join();
            }
        }
    }
}
