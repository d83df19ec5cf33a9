package dev.construir.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.construir.machine.Machine;
import dev.construir.machine.Usage;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Tests what a backend measures: of machines that run, that ended by themselves, and that were killed. */
abstract class UsageContract extends ConsoleContract {
    @Test
    void measuresABusyMachineApartFromASleepingOne() throws Exception {
        RecordingListener sleeping = new RecordingListener();
        RecordingListener spinning = new RecordingListener();
        try (Machine sleeper = hypervisor.start(spec(GuestBehaviour.HANG), sleeping);
                Machine spinner = hypervisor.start(spec(GuestBehaviour.SPIN), spinning)) {
            awaitReady(sleeping);
            awaitReady(spinning);
            Usage before = sleeper.usage();
            Usage spinBefore = spinner.usage();
            await().atMost(PATIENCE_SECONDS, TimeUnit.SECONDS)
                    .until(() -> spinner.usage().cpu().minus(spinBefore.cpu()).compareTo(Duration.ofMillis(500)) > 0);
            assertThat(sleeper.usage().cpu().minus(before.cpu())).isLessThan(Duration.ofMillis(250));
        }
    }

    @Test
    void reportsUsageOfAMachineThatEndedByItself() throws Exception {
        try (Machine machine = hypervisor.start(spec(GuestBehaviour.PRINT), new RecordingListener())) {
            exit(machine);
            Usage usage = machine.usage();
            assertThat(usage.cpu()).isPositive();
            assertThat(usage.diskRead().bytes() > 0).isEqualTo(measuresDisks()); // the boot sector at least
            usage.peakMemory().ifPresent(peak -> assertThat(peak.bytes()).isPositive());
            machine.close();
            assertThat(machine.usage()).isEqualTo(usage);
        }
    }

    @Test
    void reportsUsageOfAMachineThatWasKilled() throws Exception {
        RecordingListener listener = new RecordingListener();
        try (Machine machine = hypervisor.start(spec(GuestBehaviour.SPIN), listener)) {
            awaitReady(listener);
            Usage before = machine.usage();
            machine.kill("seen enough");
            exit(machine);
            Usage after = machine.usage();
            assertThat(after.cpu()).isPositive().isGreaterThanOrEqualTo(before.cpu());
            assertThat(after.diskRead()).isGreaterThanOrEqualTo(before.diskRead());
            assertThat(after.diskRead().bytes() > 0).isEqualTo(measuresDisks());
            assertThat(after.diskWritten()).isGreaterThanOrEqualTo(before.diskWritten());
            assertThat(after.peakMemory().isPresent())
                    .isEqualTo(before.peakMemory().isPresent());
            before.peakMemory()
                    .ifPresent(
                            peak -> assertThat(after.peakMemory().orElseThrow()).isGreaterThanOrEqualTo(peak));
        }
    }

    @Test
    void reportsUsageOfAMachineThatWasNeverAskedBeforeItsKill() throws Exception {
        RecordingListener listener = new RecordingListener();
        try (Machine machine = hypervisor.start(spec(GuestBehaviour.HANG), listener)) {
            awaitReady(listener);
            machine.kill("nobody asked");
            exit(machine);
            assertThat(machine.usage().cpu()).isPositive();
            assertThat(machine.usage().diskRead().bytes() > 0).isEqualTo(measuresDisks());
        }
    }
}
