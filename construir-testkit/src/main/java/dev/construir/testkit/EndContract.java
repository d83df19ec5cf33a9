package dev.construir.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.construir.machine.Machine;
import dev.construir.machine.MachineExit;
import dev.construir.machine.MachineSpec;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Tests how machines end: by themselves, by a kill in every phase, and by a close. */
abstract class EndContract extends UsageContract {
    @Test
    void reportsPowerOffAfterTheLastByteOfTheConsole() throws Exception {
        RecordingListener listener = new RecordingListener();
        try (Machine machine = hypervisor.start(spec(GuestBehaviour.PRINT), listener)) {
            assertThat(exit(machine)).isInstanceOfAny(MachineExit.PoweredOff.class, MachineExit.Ended.class);
            assertThat(listener.console()).contains("construir: ready");
            assertThat(listener.console().chars().filter(c -> c == 'x').count()).isEqualTo(65_536);
            assertThat(listener.timesRunning()).isEqualTo(1);
        }
    }

    @Test
    void reportsAResetAsAnEnd() throws Exception {
        try (Machine machine = hypervisor.start(spec(GuestBehaviour.RESET), new RecordingListener())) {
            assertThat(exit(machine)).isInstanceOfAny(MachineExit.Rebooted.class, MachineExit.Ended.class);
        }
    }

    @Test
    void killsForTheFirstReasonGiven() throws Exception {
        RecordingListener listener = new RecordingListener();
        try (Machine machine = hypervisor.start(spec(GuestBehaviour.HANG), listener)) {
            awaitReady(listener);
            machine.kill("because of this");
            machine.kill("because of that");
            assertThat(exit(machine)).isEqualTo(new MachineExit.Killed("because of this"));
        }
    }

    @Test
    void killsAMachineThatHasOnlyJustStarted() throws Exception {
        try (Machine machine = hypervisor.start(spec(GuestBehaviour.SPIN), new RecordingListener())) {
            machine.kill("at once");
            assertThat(exit(machine)).isEqualTo(new MachineExit.Killed("at once"));
        }
    }

    @Test
    void killsAMachineThatFloodsItsConsole() throws Exception {
        RecordingListener listener = new RecordingListener();
        try (Machine machine = hypervisor.start(spec(GuestBehaviour.FLOOD), listener)) {
            await().atMost(PATIENCE_SECONDS, TimeUnit.SECONDS).until(() -> listener.consoleBytes() > 100_000);
            machine.kill("too loud");
            assertThat(exit(machine)).isEqualTo(new MachineExit.Killed("too loud"));
        }
    }

    @Test
    void killsAMachineThatIsAboutToEnd() throws Exception {
        MachineSpec spec = spec(GuestBehaviour.PRINT);
        for (int bytes : new int[] {1, 30_000, 60_000, 65_000, 65_536}) {
            RecordingListener listener = new RecordingListener();
            try (Machine machine = hypervisor.start(spec, listener)) {
                await().atMost(PATIENCE_SECONDS, TimeUnit.SECONDS)
                        .pollInterval(Duration.ofMillis(1))
                        .until(() -> listener.consoleBytes() >= bytes);
                machine.kill("while it ends");
                assertThat(exit(machine))
                        .isIn(
                                new MachineExit.Killed("while it ends"),
                                new MachineExit.PoweredOff(),
                                new MachineExit.Ended());
            }
        }
    }

    @Test
    void killingAfterTheEndChangesNothing() throws Exception {
        try (Machine machine = hypervisor.start(spec(GuestBehaviour.POWER_OFF), new RecordingListener())) {
            MachineExit before = exit(machine);
            machine.kill("too late");
            assertThat(exit(machine)).isEqualTo(before);
        }
    }

    @Test
    void sendsNothingAfterTheEnd() throws Exception {
        RecordingListener listener = new RecordingListener();
        try (Machine machine = hypervisor.start(spec(GuestBehaviour.FLOOD), listener)) {
            awaitReady(listener);
            machine.kill("enough");
            exit(machine);
            long said = listener.consoleBytes();
            machine.close();
            assertThat(listener.consoleBytes()).isEqualTo(said);
        }
    }

    @Test
    void closingKillsAndWaits() throws Exception {
        Machine machine = hypervisor.start(spec(GuestBehaviour.HANG), new RecordingListener());
        machine.close();
        assertThat(machine.exit()).isDone();
        assertThat(exit(machine)).isInstanceOf(MachineExit.Killed.class);
        machine.close();
    }

    @Test
    void closingIsNotCutShortByAnInterrupt() throws Exception {
        Machine machine = hypervisor.start(spec(GuestBehaviour.HANG), new RecordingListener());
        Thread.currentThread().interrupt();
        machine.close();
        assertThat(Thread.interrupted()).isTrue();
        assertThat(machine.exit()).isDone();
    }
}
