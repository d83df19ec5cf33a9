package dev.construir.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.construir.ConstruirException;
import dev.construir.DataSize;
import dev.construir.ImageFormat;
import dev.construir.disk.Attributes;
import dev.construir.disk.ReadLimits;
import dev.construir.disk.edit.DiskEditor;
import dev.construir.disk.read.DiskImage;
import dev.construir.disk.read.DiskReader;
import dev.construir.disk.read.ExtractOptions;
import dev.construir.disk.write.DiskOptions;
import dev.construir.disk.write.JobDisk;
import dev.construir.disk.write.PackOptions;
import dev.construir.job.Job;
import dev.construir.job.Limits;
import dev.construir.job.Resources;
import dev.construir.machine.Network;
import dev.construir.queue.JobBounds;
import dev.construir.queue.JobSettings;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Takes whatever bytes as a disk, or as what goes on one. They may be refused by an {@link IOException}; anything else
 * that is thrown is a fault, and so is a run that takes too long or too much memory.
 *
 * <p>In a build each runs on its seeds and on what was found before (in {@code src/test/resources}).
 * {@code construir-fuzz/fuzz NAME} goes on from there.
 */
class DiskFuzzIT {
    private static final ReadLimits LIMITS = new ReadLimits(DataSize.ofMebibytes(4), 400, 16, 1000);
    private static final DiskOptions SMALL = DiskOptions.of(DataSize.ofKibibytes(256));
    private static final byte[] CONTENT = new byte[3000];
    private static final Attributes PLAIN = Attributes.ofRoot(0644, Instant.EPOCH);

    private static final PackOptions ALL =
            PackOptions.DEFAULT.withDevices(PackOptions.Devices.CREATE).withWarnings(line -> {});

    private static Path directory;

    @BeforeAll
    static void prepare() throws IOException {
        directory = Files.createTempDirectory("fuzz");
    }

    @AfterAll
    static void nothingIsLeft() throws IOException {
        Files.delete(directory); // fails if a run left something
    }

    @MethodSource("dev.construir.fuzz.Seeds#fileSystems")
    @FuzzTest(maxDuration = "10m")
    void fileSystem(byte[] bytes) throws IOException {
        run(bytes, "disk.img", file -> {
            try (DiskReader disk = DiskReader.open(file, LIMITS)) {
                Inquiry.of(disk);
            }
        });
    }

    @MethodSource("dev.construir.fuzz.Seeds#partitioned")
    @FuzzTest(maxDuration = "10m")
    void partitions(byte[] bytes) throws IOException {
        run(bytes, "disk.img", file -> Inquiry.of(new DiskImage(file, ImageFormat.RAW)));
    }

    @MethodSource("dev.construir.fuzz.Seeds#qcow2")
    @FuzzTest(maxDuration = "10m")
    void qcow2(byte[] bytes) throws IOException {
        run(bytes, "disk.qcow2", file -> Inquiry.of(new DiskImage(file, ImageFormat.QCOW2)));
    }

    @MethodSource("dev.construir.fuzz.Seeds#xz")
    @FuzzTest(maxDuration = "10m")
    void xz(byte[] bytes) throws IOException {
        run(
                Seals.xz(bytes),
                "disk.img.xz",
                file -> Inquiry.of(DiskImage.of(file).withLimits(LIMITS)));
    }

    /** What was not refused makes a disk that can be read whole. */
    @MethodSource("dev.construir.fuzz.TarSeeds#archives")
    @FuzzTest(maxDuration = "10m")
    void tar(byte[] bytes) throws IOException {
        Path file = directory.resolve("disk.img");
        try {
            JobDisk.create(file, SMALL, disk -> disk.tar("/", new ByteArrayInputStream(Seals.tar(bytes)), ALL));
        } catch (IOException e) {
            assertThat(e.getMessage()).as("what the refusal says").isNotBlank();
            return;
        }
        try (DiskReader disk = DiskReader.open(file)) {
            disk.snapshot();
            Inquiry.of(disk);
        } finally {
            Files.delete(file);
        }
    }

    @MethodSource("dev.construir.fuzz.Seeds#fileSystems")
    @FuzzTest(maxDuration = "10m")
    void editor(byte[] bytes) throws IOException {
        run(bytes, "disk.img", file -> {
            change(file, DiskEditor::free);
            change(file, editor -> editor.replace("/d0/file3", Instant.EPOCH, CONTENT.length, content()));
            change(file, editor -> editor.remove("/short"));
            change(file, editor -> editor.remove("/d1/file4"));
            change(file, editor -> editor.file("/d2/new", PLAIN, CONTENT.length, content()));
            change(file, editor -> editor.file("/d0/file0", PLAIN, CONTENT.length, content()));
            change(file, editor -> editor.removeIfExists("/again"));
            change(file, editor -> editor.remove("/long"));
            try (DiskReader disk = DiskReader.open(file, LIMITS)) {
                Inquiry.of(disk);
            }
        });
    }

    @MethodSource("dev.construir.fuzz.Seeds#fileSystems")
    @FuzzTest(maxDuration = "10m")
    void extraction(byte[] bytes) throws IOException, InterruptedException {
        Path file = Files.write(directory.resolve("disk.img"), bytes);
        try (Outside outside = new Outside(directory.resolve("outside"))) {
            try (DiskReader disk = DiskReader.open(file, LIMITS)) {
                disk.copyTo(outside.target());
                disk.copyTo(disk.follow("/links/deep"), outside.target(), ExtractOptions.DEFAULT);
            } catch (IOException e) {
                assertThat(e.getMessage()).as("what the refusal says").isNotBlank();
            }
            outside.assertUntouched();
        } finally {
            Files.delete(file);
        }
    }

    /** What a job asks for. What is granted is within the bounds. */
    @MethodSource("dev.construir.fuzz.Seeds#jobSettings")
    @FuzzTest(maxDuration = "10m")
    void jobSettings(byte[] bytes) {
        JobBounds bounds = new JobBounds(Limits.DEFAULT, Resources.DEFAULT.withCpus(4), false);
        try {
            Job job = JobSettings.parse(bytes).applyTo(Job.script("job", "true"), bounds);
            assertThat(job.limits().total()).isLessThanOrEqualTo(bounds.limits().total());
            assertThat(job.limits().boot()).isLessThanOrEqualTo(job.limits().total());
            assertThat(job.limits().output())
                    .isLessThanOrEqualTo(bounds.limits().output());
            assertThat(job.resources().cpus()).isBetween(1, 4);
            assertThat(job.resources().memory())
                    .isLessThanOrEqualTo(bounds.resources().memory());
            assertThat(job.resources().disk())
                    .isLessThanOrEqualTo(bounds.resources().disk());
            assertThat(job.network()).isEqualTo(Network.NONE);
        } catch (ConstruirException e) {
            assertThat(e.getMessage()).as("what the refusal says").isNotBlank().hasSizeLessThan(300);
            assertThat(e.getMessage().chars().noneMatch(Character::isISOControl))
                    .isTrue();
        }
    }

    /** One change of a disk. */
    @FunctionalInterface
    private interface Change {
        void by(DiskEditor editor) throws IOException;
    }

    /** A change that is refused changes nothing, but for a file that had to be emptied first. */
    private static void change(Path file, Change change) throws IOException {
        byte[] before = Files.readAllBytes(file);
        try (DiskEditor editor = DiskEditor.open(file, LIMITS)) {
            change.by(editor);
        } catch (IOException e) {
            assertThat(e.getMessage()).as("what the refusal says").isNotBlank();
            if (!e.getMessage().contains("is empty now")) {
                assertThat(Arrays.equals(Files.readAllBytes(file), before))
                        .as("the disk is as it was before: %s", e)
                        .isTrue();
            }
        }
        assertThat(Files.size(file)).isEqualTo(before.length);
    }

    private static ByteArrayInputStream content() {
        return new ByteArrayInputStream(CONTENT);
    }

    /** What is done with a file of these bytes. */
    @FunctionalInterface
    private interface Reading {
        void of(Path file) throws IOException;
    }

    private static void run(byte[] bytes, String name, Reading reading) throws IOException {
        Path file = Files.write(directory.resolve(name), bytes);
        try {
            Inquiry.ask(() -> reading.of(file));
        } finally {
            Files.delete(file);
        }
    }
}
