package dev.construir.qemu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.construir.ImageFormat;
import dev.construir.machine.CacheMode;
import dev.construir.machine.Diagnosis;
import dev.construir.machine.Disk;
import dev.construir.machine.HypervisorException;
import dev.construir.machine.Machine;
import dev.construir.machine.MachineExit;
import dev.construir.machine.MachineListener;
import dev.construir.machine.MachineSpec;
import dev.construir.machine.Network;
import dev.construir.machine.Preference;
import dev.construir.machine.Subnet;
import dev.construir.qemu.process.OrphanProtection;
import dev.construir.testing.HostCommand;
import dev.construir.testkit.BootSector;
import dev.construir.testkit.RecordingListener;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What QEMU in particular does, with machines that need no kernel. */
@Timeout(60)
class QemuMachineIT {
    @TempDir
    Path directory;

    private final RecordingListener listener = new RecordingListener();
    private QemuHypervisor hypervisor;

    @BeforeEach
    void open() {
        hypervisor =
                QemuHypervisor.builder().scratch(directory.resolve("scratch")).build();
    }

    @AfterEach
    void close() {
        hypervisor.close();
    }

    @Test
    void hearsOfAPanic() throws Exception {
        try (Machine machine = start(BootSector.PANIC)) {
            assertThat(exit(machine)).isEqualTo(new MachineExit.Panicked());
        }
    }

    @Test
    void exit_afterAKillByAnother_saysSo() throws Exception {
        try (Machine machine = start(BootSector.HANG)) {
            ProcessHandle.current().children().filter(p -> isQemu(p)).forEach(ProcessHandle::destroyForcibly);
            assertThat(exit(machine)).isEqualTo(new MachineExit.Died(128 + 9, ""));
        }
    }

    @Test
    void exit_afterATerminationByAnother_saysSo() throws Exception {
        try (Machine machine = start(BootSector.HANG)) {
            ProcessHandle.current().children().filter(p -> isQemu(p)).forEach(ProcessHandle::destroy);
            assertThat(exit(machine))
                    .isInstanceOfSatisfying(
                            MachineExit.Died.class,
                            died -> assertThat(died.lastWords()).contains("terminating on signal 15"));
        }
    }

    @Test
    void refusesADiskThatAnotherMachineWritesTo() throws Exception {
        Path job = raw(directory.resolve("job.img"), 1 << 20);
        MachineSpec spec = Specs.firmware(
                Disk.copyOnWrite(BootSector.HANG.write(directory.resolve("root.img")), ImageFormat.RAW),
                Disk.writable(job, "job"));
        try (Machine machine = hypervisor.start(spec, listener)) {
            assertThatThrownBy(() -> hypervisor.start(spec, listener))
                    .isInstanceOf(HypervisorException.class)
                    .hasMessageContaining("is in use by another program")
                    .hasMessageContaining(job.toString());
            assertThat(machine.exit()).isNotDone();
        }
    }

    @Test
    void takesAnyPathForADisk() throws Exception {
        Path odd = Files.createDirectory(directory.resolve("a, \"b\"=c\\ d,,é'" + "x".repeat(100)));
        try (QemuHypervisor elsewhere =
                        QemuHypervisor.builder().scratch(odd.resolve("scratch")).build();
                Machine machine = elsewhere.start(
                        Specs.firmware(BootSector.POWER_OFF.write(odd.resolve("root,1.img"))), listener)) {
            assertThat(exit(machine)).isEqualTo(new MachineExit.PoweredOff());
        }
    }

    @Test
    void readsAQcow2BaseWithoutChangingIt() throws Exception {
        Path raw = BootSector.POWER_OFF.write(directory.resolve("root.img"));
        Path base = directory.resolve("root.qcow2");
        HostCommand.run("qemu-img", "convert", "-f", "raw", "-O", "qcow2", "-c", raw.toString(), base.toString());
        byte[] before = Files.readAllBytes(base);
        try (Machine machine = hypervisor.start(Specs.firmware(Disk.copyOnWrite(base, ImageFormat.QCOW2)), listener)) {
            assertThat(exit(machine)).isEqualTo(new MachineExit.PoweredOff());
        }
        assertThat(Files.readAllBytes(base)).isEqualTo(before);
    }

    @Test
    void removesTheOverlaysNameBeforeTheGuestRuns() throws Exception {
        try (Machine machine = start(BootSector.HANG)) {
            try (Stream<Path> files = Files.walk(directory.resolve("scratch"))) {
                assertThat(files.map(file -> file.getFileName().toString()))
                        .noneMatch(name -> name.contains("overlay") || name.endsWith(".sock"));
            }
            machine.kill("seen enough");
            exit(machine);
        }
        hypervisor.close();
        try (Stream<Path> files = Files.list(directory.resolve("scratch"))) {
            assertThat(files.map(file -> file.getFileName().toString())).containsOnly("qemu-facts");
        }
    }

    @Test
    void goesOnReadingWhenTheListenerFails() throws Exception {
        MachineListener failing = new MachineListener() {
            @Override
            public void console(ByteBuffer bytes) {
                throw new IllegalStateException("console");
            }

            @Override
            public void output(ByteBuffer bytes) {}

            @Override
            public void running() {
                throw new IllegalStateException("running");
            }
        };
        try (Machine machine =
                hypervisor.start(Specs.firmware(BootSector.PRINT.write(directory.resolve("root.img"))), failing)) {
            assertThat(exit(machine)).isEqualTo(new MachineExit.PoweredOff());
        }
    }

    @Test
    void countsWhatTheGuestDoesToItsDisks() throws Exception {
        Path job = raw(directory.resolve("job.img"), 8 << 20);
        MachineSpec spec = Specs.firmware(
                Disk.copyOnWrite(BootSector.FILL_SECOND_DISK.write(directory.resolve("root.img")), ImageFormat.RAW),
                Disk.writable(job, "job"));
        try (Machine machine = hypervisor.start(spec, listener)) {
            await().atMost(30, TimeUnit.SECONDS)
                    .until(() -> machine.usage().diskWritten().bytes() > 4 << 20);
            assertThat(machine.usage().cpu()).isPositive();
        }
    }

    @Test
    void requiredHardwareThatDoesNotWorkStartsNothing() throws Exception {
        MachineSpec spec = Specs.firmware(BootSector.POWER_OFF.write(directory.resolve("root.img")));
        boolean works = hypervisor.diagnose().findings().stream()
                .anyMatch(f -> f.what().equals("accelerator kvm") && f.verdict() == Diagnosis.Verdict.WORKS);
        MachineSpec required = Specs.with(spec, Preference.REQUIRE, Preference.NEVER);
        if (works) {
            try (Machine machine = hypervisor.start(required, listener)) {
                assertThat(machine.info().accelerator()).isEqualTo("kvm");
                assertThat(exit(machine)).isEqualTo(new MachineExit.PoweredOff());
            }
        } else {
            assertThatThrownBy(() -> hypervisor.start(required, listener))
                    .isInstanceOf(HypervisorException.class)
                    .hasMessageContaining("kvm does not work: ");
        }
        try (Machine machine = hypervisor.start(Specs.with(spec, Preference.PREFER, Preference.NEVER), listener)) {
            assertThat(machine.info().accelerator()).isEqualTo(works ? "kvm" : "tcg");
            assertThat(exit(machine)).isEqualTo(new MachineExit.PoweredOff());
        }
    }

    @Test
    void preferredHardwareThatOnlySeemedToWorkIsDoneWithout() throws Exception {
        MachineSpec spec = Specs.firmware(BootSector.POWER_OFF.write(directory.resolve("root.img")));
        boolean works = hypervisor.diagnose().findings().stream()
                .anyMatch(f -> f.what().equals("accelerator kvm") && f.verdict() == Diagnosis.Verdict.WORKS);
        Path fact = directory.resolve("scratch/qemu-facts/accelerator-kvm-x86_64.properties");
        boolean forged = !works && Files.exists(fact); // not where there is no device
        if (forged) {
            Files.writeString(fact, Files.readString(fact).replace("value.works=false", "value.works=true"));
        }
        try (QemuHypervisor deceived = QemuHypervisor.builder()
                        .scratch(directory.resolve("scratch"))
                        .build();
                Machine machine = deceived.start(Specs.with(spec, Preference.PREFER, Preference.NEVER), listener)) {
            assertThat(machine.info().accelerator()).isEqualTo(works ? "kvm" : "tcg");
            assertThat(machine.info().acceleratorReason().contains("failed this machine"))
                    .isEqualTo(forged);
            assertThat(exit(machine)).isEqualTo(new MachineExit.PoweredOff());
        }
    }

    @Test
    void hasANetworkWhenAskedTo() throws Exception {
        MachineSpec without = Specs.firmware(BootSector.POWER_OFF.write(directory.resolve("root.img")));
        MachineSpec with = new MachineSpec(
                without.name(),
                without.architecture(),
                2,
                without.memory(),
                without.boot(),
                without.disks(),
                Network.outbound(Subnet.parse("10.77.0.0/16")),
                Preference.NEVER,
                Preference.NEVER,
                CacheMode.UNSAFE);
        try (Machine machine = hypervisor.start(with, listener)) {
            assertThat(machine.info().commandLine()).contains("user,id=net,ipv6=off,restrict=off,net=10.77.0.0/16");
            assertThat(exit(machine)).isEqualTo(new MachineExit.PoweredOff());
        }
    }

    @Test
    void runsBesideASentinel() throws Exception {
        try (QemuHypervisor guarded = QemuHypervisor.builder()
                        .scratch(directory.resolve("guarded"))
                        .protection(OrphanProtection.sentinel())
                        .build();
                Machine machine = guarded.start(
                        Specs.firmware(BootSector.PRINT.write(directory.resolve("root.img"))), listener)) {
            assertThat(machine.info().commandLine()).startsWith("/bin/sh");
            assertThat(exit(machine)).isEqualTo(new MachineExit.PoweredOff());
        }
    }

    @Test
    void anInterruptedThreadCanAskWhatAMachineUses() throws Exception {
        try (Machine machine = start(BootSector.HANG)) {
            Thread.currentThread().interrupt();
            machine.usage();
            assertThat(Thread.interrupted()).isTrue();
            await().atMost(10, TimeUnit.SECONDS)
                    .until(() -> machine.usage().diskRead().bytes() > 0); // so that QMP works as before
            assertThat(machine.exit()).isNotDone();
        }
    }

    @Test
    void recordsTheLifeOfTheProcessAndThePartsOfItsStart() throws Exception {
        Path file = directory.resolve("events.jfr");
        try (Recording recording = new Recording()) {
            recording.enable("dev.construir.qemu.MachineProcess").withThreshold(Duration.ZERO);
            recording.enable("dev.construir.qemu.StartPhase").withThreshold(Duration.ZERO);
            recording.start();
            try (Machine machine = start(BootSector.POWER_OFF)) {
                exit(machine);
            }
            recording.dump(file);
        }
        List<RecordedEvent> events = RecordingFile.readAllEvents(file);
        assertThat(events).allSatisfy(event -> {
            assertThat(event.getString("machine")).isEqualTo("test");
            assertThat(event.getDuration()).isPositive();
        });
        // A recording is in no order: each thread has a buffer of its own.
        assertThat(events.stream()
                        .filter(event -> event.hasField("phase"))
                        .sorted(Comparator.comparing(RecordedEvent::getStartTime))
                        .map(event -> event.getString("phase")))
                .containsExactly("program", "files and sockets", "process", "connections", "run");
        assertThat(events.stream().filter(event -> !event.hasField("phase"))).hasSize(1);
    }

    private Machine start(BootSector guest) throws Exception {
        return hypervisor.start(Specs.firmware(guest.write(directory.resolve("root.img"))), listener);
    }

    private static boolean isQemu(ProcessHandle process) {
        return process.info().command().orElse("").contains("qemu-system");
    }

    private static MachineExit exit(Machine machine) throws Exception {
        return machine.exit().get(30, TimeUnit.SECONDS);
    }

    static Path raw(Path file, long length) throws IOException {
        try (RandomAccessFile image = new RandomAccessFile(file.toFile(), "rw")) {
            image.setLength(length);
        }
        return file;
    }
}
