package dev.construir.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.construir.DataSize;
import dev.construir.disk.Attributes;
import dev.construir.disk.write.DiskOptions;
import dev.construir.disk.write.JobDisk;
import dev.construir.machine.Hypervisor;
import dev.construir.machine.HypervisorProvider;
import dev.construir.machine.MachineExit;
import dev.construir.terminal.Environment;
import dev.construir.terminal.Terminal;
import dev.construir.testkit.FakeGuest;
import dev.construir.testkit.FakeHypervisor;
import java.io.ByteArrayInputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** File systems that are full or read-only, mounted by the test, which has to be root for it; the guest is a fake. */
@Timeout(60)
@SuppressWarnings("NullAway.Init")
class FullDiskIT {
    private static final int BIG = 300_000;

    @TempDir
    Path directory;

    private final Terminal terminal = Terminal.files();
    private Path small;
    private Path readOnly;
    private Path job;
    private Path root;
    private int machines;

    @BeforeEach
    void mount() throws Exception {
        small = Files.createDirectory(directory.resolve("small"));
        readOnly = Files.createDirectory(directory.resolve("read-only"));
        command("mount", "-t", "tmpfs", "-o", "size=64k,mode=700", "tmpfs", small.toString());
        command("mount", "-t", "tmpfs", "-o", "ro,mode=700", "tmpfs", readOnly.toString());
        job = directory.resolve("job");
        Path script = Files.createDirectories(job.resolve("bin")).resolve("construir");
        assertThat(Files.writeString(script, "#!/bin/sh\n").toFile().setExecutable(true))
                .isTrue();
        root = BareDisk.write(directory.resolve("root.img"));
    }

    @AfterEach
    void unmount() throws Exception {
        command("umount", small.toString());
        command("umount", readOnly.toString());
    }

    private static void command(String... words) throws Exception {
        Process process = new ProcessBuilder(words).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(said).isZero();
    }

    /** A guest whose job leaves a small and a big file, and exits with 7. */
    private final class Fake implements HypervisorProvider {
        @Override
        public String name() {
            return "fake";
        }

        @Override
        public Hypervisor create(Optional<URI> where, Path scratch) {
            FakeGuest guest = machine -> {
                machines++;
                String end = "run=" + machine.serial() + "\nstate=ended\nexit=7\n";
                String status = String.format("%-511s\n", end);
                Path disk = machine.spec().disks().get(1).file();
                Files.delete(disk);
                Attributes attributes = Attributes.ofRoot(0644, Instant.EPOCH);
                byte[] big = new byte[BIG];
                Arrays.fill(big, (byte) 'x');
                JobDisk.create(disk, DiskOptions.of(DataSize.ofMebibytes(1)), to -> {
                    to.file("a", attributes, 1, new ByteArrayInputStream(new byte[] {'a'}));
                    to.file("big", attributes, BIG, new ByteArrayInputStream(big));
                    byte[] text = status.getBytes(StandardCharsets.UTF_8);
                    to.file("construir.status", attributes, text.length, new ByteArrayInputStream(text));
                });
                return new MachineExit.PoweredOff();
            };
            return new FakeHypervisor(guest);
        }
    }

    private int run(Path scratch, String... options) {
        Backends backends = new Backends(List.of(new Fake()));
        List<String> words = new ArrayList<>(List.of("run", "--hypervisor=fake", "--disk=2M"));
        words.addAll(List.of("--root", root.toString(), "--scratch", scratch.toString()));
        words.addAll(List.of(options));
        words.add(job.toString());
        Environment surroundings = Environment.of(Map.of("CONSTRUIR_CACHE", "x"), Optional.empty());
        return Main.execute(
                terminal.streams(), surroundings, backends, RunnerSource.on(backends), words.toArray(String[]::new));
    }

    private void assertSaid(String... said) {
        assertThat(terminal.err().lines()).allMatch(line -> line.startsWith("construir: "));
        assertThat(terminal.err()).contains(said).doesNotContain("Exception");
        terminal.err.reset();
    }

    @Test
    void whatCouldNotBeBroughtIsNamedBesideTheJobsOwnEnd() throws Exception {
        Path scratch = directory.resolve("scratch");
        Path out = small.resolve("out");
        Path kept = directory.resolve("kept.img");
        int code = run(scratch, "--out", out.toString(), "--keep", kept.toString());
        assertThat(code).as(terminal.err()).isEqualTo(125);
        assertSaid(
                "job exited with status 7",
                "the files could not be brought to " + out + ": No space left on device, at /big;"
                        + " what was extracted by then stays: 1 file");
        assertThat(out.resolve("a")).hasContent("a");
        assertThat(out.resolve("big")).doesNotExist();
        assertThat(kept).hasSize(1 << 20); // a part that failed does not keep back the others

        Path cut = small.resolve("kept.img");
        assertThat(run(scratch, "--keep", cut.toString())).isEqualTo(125);
        assertSaid("job exited with status 7", "the disk could not be brought to " + cut + ": No space left on device");
        assertThat(cut).doesNotExist();
        Path failed = small.resolve("failed");
        assertThat(run(scratch, "--keep-on-failure", failed.toString())).isEqualTo(125);
        assertSaid("could not be brought to " + failed, "No space left on device", "job exited with status 7");
        assertThat(failed).doesNotExist();
    }

    @Test
    void whatIsReadOnlyIsRefusedBeforeAMachineStarts() throws Exception {
        Path scratch = directory.resolve("scratch");
        for (String option : new String[] {"--out", "--keep", "--console", "--keep-on-failure"}) {
            assertThat(run(scratch, option, readOnly.resolve("x").toString())).isEqualTo(125);
            assertSaid(option + " " + readOnly, "cannot be written to (Read-only file system); name another one");
        }
        assertThat(run(readOnly.resolve("scratch"))).isEqualTo(125);
        assertSaid("the scratch directory ", "Read-only file system; name another one with --scratch");
        assertThat(machines).isZero();
    }

    @Test
    void aScratchDirectoryWithoutRoomIsToldBeforeAMachineStarts() throws Exception {
        Files.write(small.resolve("filler"), new byte[48 << 10]);
        Files.write(job.resolve("data"), new byte[64 << 10]);
        assertThat(run(small.resolve("scratch"))).isEqualTo(125);
        assertSaid("the disk of job job could not be made: ", "No space left on device", "scratch directory has room");
        assertThat(machines).isZero();
        try (var files = Files.walk(small.resolve("scratch"))) {
            assertThat(files.filter(Files::isRegularFile)).isEmpty();
        }
    }
}
