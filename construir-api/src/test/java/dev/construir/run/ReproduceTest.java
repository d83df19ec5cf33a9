package dev.construir.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.construir.ConstruirException;
import dev.construir.DataSize;
import dev.construir.disk.Attributes;
import dev.construir.disk.read.DiskReader;
import dev.construir.image.RootImage;
import dev.construir.job.Job;
import dev.construir.job.Resources;
import dev.construir.machine.Diagnosis;
import dev.construir.machine.Hypervisor;
import dev.construir.machine.HypervisorException;
import dev.construir.machine.Machine;
import dev.construir.machine.MachineListener;
import dev.construir.machine.MachineSpec;
import dev.construir.machine.Usage;
import dev.construir.testkit.FakeGuest;
import dev.construir.testkit.FakeHypervisor;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class ReproduceTest {
    private static final String ODD = "an \"odd\" $(name), it's\n`so`\\";
    private static final Resources SMALL = Resources.DEFAULT.withDisk(DataSize.ofMebibytes(1));
    private static final Job JOB = Job.script(ODD, "exit 3").withResources(SMALL);
    private static final Usage USED = new Usage(
            Duration.ofMillis(3100),
            Optional.of(DataSize.ofMebibytes(210)),
            DataSize.ofMebibytes(12),
            DataSize.ofMebibytes(3));
    private static final FakeGuest FAILING = machine -> {
        machine.use(USED);
        return FakeGuest.exiting(3).run(machine);
    };

    @TempDir
    Path temp;

    private Path directory;
    private RootImage root;

    @BeforeEach
    void image() throws IOException {
        directory = temp.resolve("kept");
        root = FakeHypervisor.image(Files.createDirectory(temp.resolve(ODD)).resolve("root,1.img"));
    }

    private Runner runner(Hypervisor hypervisor) throws ConstruirException {
        return Runner.builder(hypervisor, root).scratch(temp.resolve("scratch")).build();
    }

    private Runner runner(FakeGuest guest) throws ConstruirException {
        return runner(new FakeHypervisor(guest));
    }

    private void assertNothingIsLeft() throws IOException {
        try (Stream<Path> files = Files.list(temp)) {
            assertThat(files.map(file -> file.getFileName().toString())).containsOnly("scratch", ODD);
        }
    }

    @Test
    void writesDownAllThereIs() throws Exception {
        try (Runner runner = runner(FAILING);
                JobResult result = runner.run(JOB)) {
            assertThat(result.usage()).isEqualTo(USED);
            assertThat(result.reproduce(directory)).isEqualTo(directory);
            assertThat(result.files().find("/construir.status")).isPresent(); // the disk stays
            result.moveDiskTo(temp.resolve("moved.img"));
            try (Stream<Path> files = Files.list(directory)) {
                assertThat(files.map(file -> file.getFileName().toString()))
                        .containsExactlyInAnyOrder(
                                "disk-before.img", "disk-after.img", "output.log", "console.log", "result.txt", "run");
            }
            assertThat(directory.resolve("disk-after.img")).hasSameBinaryContentAs(temp.resolve("moved.img"));
            try (DiskReader before = DiskReader.open(directory.resolve("disk-before.img"))) {
                assertThat(before.find("/bin/construir")).isPresent();
                assertThat(before.find("/construir.status")).isEmpty();
            }
            assertThat(directory.resolve("output.log")).hasContent("hello\n");
            assertThat(Files.readString(directory.resolve("console.log"))).startsWith("construir: ready\n");
            assertThat(Files.readString(directory.resolve("result.txt")))
                    .contains(
                            "\nrun: " + result.runId() + "\noutcome: exited with status 3\nexit code: 3\n",
                            "\nhypervisor: fake 1\naccelerator: none, because there are no instructions\n",
                            """

                            processor time: 3.100 s
                            peak memory: 210M
                            read from disks: 12M
                            written to disks: 3M
                            """,
                            "the end of what the job printed:\n  | hello\n")
                    .doesNotContain(ODD); // its line break could forge a line
            assertThat(Files.getPosixFilePermissions(directory))
                    .isEqualTo(PosixFilePermissions.fromString("rwx------"));
        }
        assertThat(directory).isNotEmptyDirectory();
    }

    @Test
    void theScriptStartsTheMachineOnACopyOfEitherDisk() throws Exception {
        try (Runner runner = runner(FAILING);
                JobResult result = runner.run(JOB)) {
            result.reproduce(directory);
            assertThat(Files.readString(directory.resolve("run")))
                    .isEqualTo(golden().formatted(
                                    result.runId(), root.disk().toString().replace("'", "'\\''")));
        }
        Path moved = Files.move(directory, temp.resolve(ODD).resolve("-moved away"));
        for (String which : List.of("before", "after")) {
            byte[] disk = Files.readAllBytes(moved.resolve("disk-" + which + ".img"));
            Files.write(moved.resolve("disk.img"), new byte[1]); // of the last time
            assertThat(run(0, temp, moved.resolve("run").toString(), which)).isEqualTo(root.disk() + "\ndisk.img\n");
            assertThat(moved.resolve("disk.img")).hasBinaryContent(disk);
            assertThat(moved.resolve("disk-" + which + ".img")).hasBinaryContent(disk);
        }
        Files.delete(moved.resolve("disk.img"));
        assertThat(run(0, moved, "./run")).endsWith("disk.img\n");
        assertThat(moved.resolve("disk.img")).hasSameBinaryContentAs(moved.resolve("disk-before.img"));
        assertThat(run(0, temp.resolve(ODD), "sh", "--", "-moved away/run")).endsWith("disk.img\n");
        assertThat(run(125, moved, "./run", "sideways")).contains("usage: ./run [before|after]");
        Files.delete(moved.resolve("disk-after.img"));
        assertThat(run(125, moved, "./run", "after")).contains("disk-after.img");
        try (Stream<Path> files = Files.list(moved)) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .noneMatch(name -> name.startsWith("disk.img."));
        }
    }

    private static String golden() throws IOException {
        try (var golden = ReproduceTest.class.getResourceAsStream("run.txt")) {
            assertThat(golden).isNotNull();
            return new String(golden.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static String run(int status, Path where, String... command) throws Exception {
        Process process = new ProcessBuilder(command)
                .directory(where.toFile())
                .redirectErrorStream(true)
                .start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isEqualTo(status);
        return output;
    }

    @Test
    void takesThePlaceOfAnEmptyDirectoryOnly() throws Exception {
        try (Runner runner = runner(FAILING);
                JobResult result = runner.run(JOB)) {
            Path file = Files.writeString(temp.resolve("file"), "mine");
            assertThatThrownBy(() -> result.reproduce(file)).isInstanceOf(FileAlreadyExistsException.class);
            assertThat(file).hasContent("mine");
            Files.delete(file);

            Path full = Files.createDirectory(temp.resolve("full"));
            Path mine = Files.writeString(full.resolve("mine"), "mine");
            assertThatThrownBy(() -> result.reproduce(full)).isInstanceOf(DirectoryNotEmptyException.class);
            assertThat(mine).hasContent("mine");
            Files.delete(mine);
            Files.delete(full);

            assertThatThrownBy(() -> result.reproduce(temp.resolve("no/such"))).isInstanceOf(IOException.class);
            assertNothingIsLeft();
            Files.createDirectory(directory);
            result.reproduce(directory);
            assertThat(directory.resolve("run")).isExecutable();
        }
    }

    @Test
    void leavesNothingWhenTheJobCannotMakeItsDiskAnew() throws Exception {
        AtomicBoolean made = new AtomicBoolean();
        Job vanishing = Job.of("vanishing", disk -> {
                    if (made.getAndSet(true)) {
                        throw new IOException("its source is gone");
                    }
                    byte[] script = "#!/bin/sh\n".getBytes(StandardCharsets.UTF_8);
                    Attributes executable = Attributes.ofRoot(0755, Instant.EPOCH);
                    disk.file("bin/construir", executable, script.length, new ByteArrayInputStream(script));
                })
                .withResources(SMALL);
        try (Runner runner = runner(FAILING);
                JobResult result = runner.run(vanishing)) {
            assertThatThrownBy(() -> result.reproduce(directory))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("vanishing")
                    .hasMessageContaining("its source is gone");
            assertNothingIsLeft();
        }
    }

    @Test
    void anInterruptLeavesNothing() throws Exception {
        try (Runner runner = runner(FAILING);
                JobResult result = runner.run(JOB)) {
            Thread.currentThread().interrupt();
            assertThatThrownBy(() -> result.reproduce(directory)).isInstanceOf(InterruptedException.class);
            assertThat(Thread.interrupted()).isFalse();
            assertNothingIsLeft();
            result.reproduce(directory);
        }
        assertThat(directory).isNotEmptyDirectory();
    }

    @Test
    void withoutADiskThereIsNothingToReproduce() throws Exception {
        try (Runner runner = runner(FAILING);
                JobResult result = runner.run(JOB)) {
            result.close();
            assertThatThrownBy(() -> result.reproduce(directory)).hasMessageContaining("removed");
        }
        assertThatThrownBy(() -> JobResult.of(JOB, new Outcome.Exited(3)).reproduce(directory))
                .hasMessageContaining("no machine ran it");
        assertNothingIsLeft();
    }

    @Test
    void aBackendThatKnowsNoCommandGivesNoScript() throws Exception {
        try (Runner runner = runner(new Plain(new FakeHypervisor(FAILING)));
                JobResult result = runner.run(JOB)) {
            result.reproduce(directory);
            assertThat(directory.resolve("run")).doesNotExist();
            assertThat(directory.resolve("disk-before.img")).isRegularFile();
        }
    }

    @Test
    void aMachineThatSpokeAndDidNotStartIsQuoted() throws Exception {
        Hypervisor failing = new Plain(new FakeHypervisor(FAILING)) {
            @Override
            public Machine start(MachineSpec spec, MachineListener listener) throws HypervisorException {
                byte[] words = "SeaBIOS\r\n\u001b[2JNo bootable device.\r\n".getBytes(StandardCharsets.US_ASCII);
                listener.console(ByteBuffer.wrap(words));
                throw new HypervisorException("the machine did not start");
            }
        };
        try (Runner runner = runner(failing)) {
            assertThatThrownBy(() -> runner.run(JOB))
                    .isInstanceOf(HypervisorException.class)
                    .hasMessage("the machine did not start\nthe end of the machine's console:\n"
                            + "  | SeaBIOS\n  | No bootable device.");
        }
    }

    /** A backend that has only what it must. */
    private static class Plain implements Hypervisor {
        private final Hypervisor other;

        Plain(Hypervisor other) {
            this.other = other;
        }

        @Override
        public String name() {
            return other.name();
        }

        @Override
        public Diagnosis diagnose() {
            return other.diagnose();
        }

        @Override
        public Machine start(MachineSpec spec, MachineListener listener)
                throws HypervisorException, InterruptedException {
            return other.start(spec, listener);
        }
    }
}
