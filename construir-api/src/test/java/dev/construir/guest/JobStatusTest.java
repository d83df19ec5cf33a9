package dev.construir.guest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.construir.DataSize;
import dev.construir.disk.Attributes;
import dev.construir.disk.write.DiskOptions;
import dev.construir.disk.write.JobDisk;
import dev.construir.guest.JobStatus.Damage;
import dev.construir.guest.JobStatus.EndedBySignal;
import dev.construir.guest.JobStatus.ExitedWith;
import dev.construir.guest.JobStatus.Faulty;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JobStatusTest {
    private static final String SERIAL = "job-0123456789ab";

    private static byte[] padded(String text) {
        return String.format("%-511s\n", text).getBytes(StandardCharsets.ISO_8859_1);
    }

    private static JobStatus parse(String text) {
        return JobStatus.parse(padded(text), SERIAL);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 42, 127, 255})
    void readsAnExitStatus(int code) {
        assertThat(parse("run=" + SERIAL + "\nstate=ended\nexit=" + code + "\n"))
                .isEqualTo(new ExitedWith(code));
    }

    @Test
    void readsASignal() {
        assertThat(parse("run=" + SERIAL + "\nstate=ended\nsignal=9\n")).isEqualTo(new EndedBySignal(9));
    }

    @Test
    void aJobThatOnlyStartedIsUnfinished() {
        assertThat(parse("run=" + SERIAL + "\nstate=started\n")).isEqualTo(new Faulty(Damage.UNFINISHED));
    }

    @ParameterizedTest
    @ValueSource(strings = {"job-ba9876543210", "none", "", "job-0123456789abc"})
    void anotherRunsStatusIsStale(String run) {
        assertThat(parse("run=" + run + "\nstate=ended\nexit=0\n")).isEqualTo(new Faulty(Damage.STALE));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "state=ended\nexit=0",
                "run=job-0123456789ab\nexit=0",
                "run=job-0123456789ab\nstate=ended",
                "run=job-0123456789ab\nstate=ended\nexit=256",
                "run=job-0123456789ab\nstate=ended\nexit=-1",
                "run=job-0123456789ab\nstate=ended\nexit=",
                "run=job-0123456789ab\nstate=ended\nexit=0x0",
                "run=job-0123456789ab\nstate=ended\nexit= 0",
                "run=job-0123456789ab\nstate=ended\nexit=0\nexit=1",
                "run=job-0123456789ab\nstate=ended\nexit=0\nsignal=9",
                "run=job-0123456789ab\nstate=ended\nexit=0\nmore=1",
                "run=job-0123456789ab\nstate=ended\nsignal=0",
                "run=job-0123456789ab\nstate=ended\nsignal=65",
                "run=job-0123456789ab\nstate=success\nexit=0",
                "no lines of this kind"
            })
    void whatIsNotExactlyAStatusIsTorn(String text) {
        assertThat(parse(text)).isEqualTo(new Faulty(Damage.TORN));
    }

    @ParameterizedTest
    @CsvSource({"0", "511", "513", "4096"})
    void anotherSizeIsTorn(int size) {
        byte[] bytes = Arrays.copyOf(padded("run=" + SERIAL + "\nstate=ended\nexit=0\n"), size);
        assertThat(JobStatus.parse(bytes, SERIAL)).isEqualTo(new Faulty(Damage.TORN));
    }

    @Test
    void everyTornPrefixOfAStatusIsAFault() {
        byte[] whole = padded("run=" + SERIAL + "\nstate=ended\nexit=0\n");
        byte[] before = padded("run=" + SERIAL + "\nstate=started\n");
        int complete = new String(whole, StandardCharsets.ISO_8859_1).lastIndexOf("0\n") + 1;
        for (int written = 0; written < complete; written++) {
            byte[] torn = before.clone();
            System.arraycopy(whole, 0, torn, 0, written);
            assertThat(JobStatus.parse(torn, SERIAL))
                    .as("%d bytes written", written)
                    .isInstanceOf(Faulty.class);
        }
    }

    @Test
    void aDiskThatIsNoneCannotBeRead(@TempDir Path directory) throws Exception {
        Path garbage = Files.write(directory.resolve("disk"), new byte[100_000]);
        for (Path disk : new Path[] {garbage, directory.resolve("missing")}) {
            assertThat(JobStatus.on(disk, SERIAL)).isInstanceOfSatisfying(Faulty.class, faulty -> {
                assertThat(faulty.why()).isEqualTo(Damage.UNREADABLE_DISK);
                assertThat(faulty.detail()).isNotBlank();
            });
        }
    }

    @Test
    void anEndOnADiskWhoseJournalWasNotReplayedIsNotBelieved(@TempDir Path directory) throws Exception {
        assertThat(JobStatus.on(dirty(directory.resolve("ended"), "state=ended\nexit=0\n"), SERIAL))
                .isEqualTo(new Faulty(Damage.NOT_UNMOUNTED));
        assertThat(JobStatus.on(dirty(directory.resolve("started"), "state=started\n"), SERIAL))
                .isEqualTo(new Faulty(Damage.UNFINISHED));
    }

    private static Path dirty(Path image, String status) throws IOException {
        byte[] content = padded("run=" + SERIAL + "\n" + status);
        JobDisk.create(
                image,
                DiskOptions.of(DataSize.ofMebibytes(1)),
                disk -> disk.file(
                        JobStatus.PATH,
                        Attributes.ofRoot(0600, Instant.EPOCH),
                        content.length,
                        new ByteArrayInputStream(content)));
        assertThat(JobStatus.on(image, SERIAL)).isNotEqualTo(new Faulty(Damage.NOT_UNMOUNTED));
        try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
            file.seek(1024 + 0x60);
            file.write(0x2 | 0x4); // needs_recovery
        }
        return image;
    }
}
