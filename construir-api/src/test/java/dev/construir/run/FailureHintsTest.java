package dev.construir.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.construir.DataSize;
import dev.construir.ImageFormat;
import dev.construir.disk.Attributes;
import dev.construir.disk.write.DiskOptions;
import dev.construir.disk.write.JobDisk;
import dev.construir.machine.Architecture;
import dev.construir.machine.Boot;
import dev.construir.machine.CacheMode;
import dev.construir.machine.Disk;
import dev.construir.machine.MachineSpec;
import dev.construir.machine.Network;
import dev.construir.machine.Preference;
import dev.construir.text.TailBuffer;
import java.io.ByteArrayInputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FailureHintsTest {
    private static final Outcome FAILED = new Outcome.Exited(1);
    private static final Outcome REBOOT = new Outcome.GuestCrashed(Outcome.Crash.REBOOT, "");
    private static final String READY = "\nconstruir: ready\n";

    @TempDir
    Path directory;

    private List<String> hints(Outcome outcome, int mebibytes, String output, String console) {
        MachineSpec spec = new MachineSpec(
                "test",
                Architecture.X86_64,
                1,
                DataSize.ofMebibytes(mebibytes),
                new Boot.Firmware(),
                List.of(
                        Disk.copyOnWrite(directory.resolve("root.img"), ImageFormat.RAW),
                        Disk.writable(directory.resolve("job.img"), "job-0123456789ab")),
                Network.NONE,
                Preference.NEVER,
                Preference.NEVER,
                CacheMode.WRITEBACK);
        return FailureHints.of(outcome, spec, tail(output), tail(console));
    }

    private static OutputTail tail(String text) {
        TailBuffer buffer = new TailBuffer();
        buffer.add(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
        return OutputTail.of(buffer);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[    3.1] Out of memory: Killed process 77 (tail) total-vm:102400kB",
                "[    1.2] Kernel panic - not syncing: System is deadlocked on memory",
                "[    0.9] Initramfs unpacking failed: write error",
                "construir: can't mount: /dev/vda: Cannot allocate memory"
            })
    void aMachineThatRanOutOfMemoryIsSaidToHave(String line) {
        for (Outcome outcome : List.of(new Outcome.Signalled(9), new Outcome.Exited(137), REBOOT)) {
            assertThat(hints(outcome, 128, "", READY + line + "\n"))
                    .containsExactly("the machine ran out of memory, it has 128M: give it more with --memory");
        }
    }

    @Test
    void aControlGroupsLimitIsNotTheMachines() {
        String line = "[    3.1] Memory cgroup out of memory: Killed process 77 (tail)\n";
        assertThat(hints(new Outcome.Signalled(9), 128, "", READY + line)).isEmpty();
        assertThat(hints(new Outcome.Signalled(9), 128, "", READY)).isEmpty();
    }

    @Test
    void aSmallMachineThatDiesBeforeItsGuestIsReadyMayLackMemory() {
        assertThat(hints(REBOOT, 64, "", ""))
                .containsExactly(
                        "the machine has 64M of memory, which may be too little to boot: try more with --memory");
        assertThat(hints(new Outcome.TimedOut(Outcome.Limit.BOOT, Duration.ofMinutes(5)), 64, "", ""))
                .hasSize(1);
        assertThat(hints(REBOOT, 1024, "", "")).isEmpty();
        assertThat(hints(REBOOT, 64, "", READY)).isEmpty();
    }

    @Test
    void theJobDiskIsLookedAt() throws Exception {
        JobDisk.create(directory.resolve("job.img"), DiskOptions.of(DataSize.ofMebibytes(4)), disk -> {
            byte[] content = new byte[(int) DataSize.ofMebibytes(3).bytes()];
            java.util.Arrays.fill(content, (byte) 1);
            disk.file("big", Attributes.ofRoot(0644, Instant.EPOCH), content.length, new ByteArrayInputStream(content));
        });
        assertThat(hints(FAILED, 1024, "", "")).isEmpty();
        try (var file = java.nio.channels.FileChannel.open(
                directory.resolve("job.img"), java.nio.file.StandardOpenOption.WRITE)) {
            file.write(ByteBuffer.allocate(8), 1024 + 12); // s_free_blocks_count_lo, s_free_inodes_count
        }
        assertThat(hints(FAILED, 1024, "No space left on device", ""))
                .containsExactly(
                        "no inodes left on the job disk: make it larger with --disk, or give it more with --inodes",
                        "the job disk is full: make it larger with --disk");
        assertThat(hints(new Outcome.Exited(0), 1024, "No space left on device", ""))
                .isEmpty();
        assertThat(hints(new Outcome.Cancelled(), 1024, "", "")).isEmpty();
    }

    @Test
    void otherDisksShowInWhatIsPrinted() {
        String lines = "\r\nconstruir: no inodes left on /\r\nconstruir: no room left on /\r\n";
        assertThat(hints(FAILED, 1024, "touch: No space left on device\n", lines))
                .containsExactly(
                        "no inodes left on the machine's own disk: write what is many files below /job",
                        "the machine's own disk is full: write what is large below /job");
        assertThat(hints(FAILED, 1024, "touch: No space left on device\n", ""))
                .singleElement()
                .asString()
                .contains("a disk was full", "--inodes");
    }
}
