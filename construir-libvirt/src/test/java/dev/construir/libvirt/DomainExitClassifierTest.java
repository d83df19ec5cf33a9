package dev.construir.libvirt;

import static org.assertj.core.api.Assertions.assertThat;

import dev.construir.libvirt.DomainExitClassifier.Consequence;
import dev.construir.libvirt.connection.DomainChange;
import dev.construir.libvirt.connection.DomainChange.GuestEnd;
import dev.construir.libvirt.connection.DomainChange.Stop;
import dev.construir.machine.MachineExit;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DomainExitClassifierTest {
    private static final DomainChange GONE = new DomainChange.Stopped(Stop.BY_GUEST);
    private static final DomainChange DESTROYED = new DomainChange.Stopped(Stop.DESTROYED);
    private static final DomainChange FAILED = new DomainChange.Stopped(Stop.FAILED);

    private final DomainExitClassifier classifier = new DomainExitClassifier(true);

    @ParameterizedTest
    @EnumSource
    void theGuestsOwnEndIsReportedWhateverCameAfter(GuestEnd how) {
        assertThat(classifier.onEvent(new DomainChange.GuestEnded(how))).isEqualTo(Consequence.MEASURE);
        classifier.kill("too late");
        classifier.lost("too late as well");
        assertThat(classifier.onEvent(DESTROYED)).isEqualTo(Consequence.GONE);
        assertThat(classifier.decide(""))
                .isEqualTo(
                        switch (how) {
                            case POWER_OFF -> new MachineExit.PoweredOff();
                            case RESET -> new MachineExit.Rebooted();
                            case PANIC -> new MachineExit.Panicked();
                        });
    }

    @Test
    void aPanickedGuestIsReadAndDestroyed() {
        assertThat(classifier.onEvent(new DomainChange.Panicked())).isEqualTo(Consequence.DRAIN);
        assertThat(classifier.onEvent(new DomainChange.Paused())).isEqualTo(Consequence.NONE);
        assertThat(classifier.onEvent(DESTROYED)).isEqualTo(Consequence.GONE);
        assertThat(classifier.decide("")).isEqualTo(new MachineExit.Panicked());
    }

    @Test
    void theFirstReasonToKillCounts() {
        assertThat(classifier.kill("first")).isTrue();
        assertThat(classifier.kill("second")).isFalse();
        classifier.onEvent(DESTROYED);
        assertThat(classifier.decide("")).isEqualTo(new MachineExit.Killed("first"));
    }

    @Test
    void nobodyKillsWhatIsGone() {
        classifier.onEvent(FAILED);
        classifier.gone();
        assertThat(classifier.kill("too late")).isFalse();
        assertThat(classifier.onEvent(FAILED)).isEqualTo(Consequence.NONE);
        assertThat(classifier.decide("assertion failed")).isEqualTo(new MachineExit.Died(-1, "assertion failed"));
    }

    @Test
    void aMachineThatMayStillRunHasNotEndedHoweverItSeemed() {
        classifier.onEvent(new DomainChange.GuestEnded(GuestEnd.POWER_OFF));
        classifier.kill("too long");
        classifier.outOfReach("it may still run");
        assertThat(classifier.decide("")).isEqualTo(new MachineExit.Lost("it may still run"));
    }

    @Test
    void aFullDiskEndsTheMachine() {
        Path disk = Path.of("/runs/job.img");
        assertThat(classifier.onEvent(new DomainChange.DiskFull(disk))).isEqualTo(Consequence.DESTROY);
        classifier.onEvent(DESTROYED);
        assertThat(classifier.decide("")).isEqualTo(new MachineExit.DiskFull(disk));
    }

    @Test
    void whatOthersDoToAMachineIsNoKillOfOurs() {
        classifier.onEvent(DESTROYED);
        assertThat(classifier.decide("")).isInstanceOf(MachineExit.Lost.class);
        DomainExitClassifier paused = new DomainExitClassifier(true);
        assertThat(paused.onEvent(new DomainChange.Paused())).isEqualTo(Consequence.DESTROY);
        paused.onEvent(DESTROYED);
        assertThat(paused.decide(""))
                .isInstanceOfSatisfying(
                        MachineExit.Lost.class, lost -> assertThat(lost.why()).contains("pause"));
    }

    @Test
    void aQemuThatIsTerminatedDidNotEndByItsGuest() {
        classifier.onEvent(GONE); // libvirt takes it for a shutdown, and no guest asked for one
        assertThat(classifier.decide("")).isEqualTo(new MachineExit.Died(-1, ""));
    }

    @Test
    void whereGuestsEndsAreNotToldTheyAreAllAlike() {
        DomainExitClassifier untold = new DomainExitClassifier(false);
        untold.onEvent(GONE);
        assertThat(untold.decide("")).isEqualTo(new MachineExit.Ended());
    }

    @Test
    void aLostConnectionHasTheMachineSearchedFor() {
        assertThat(classifier.onEvent(new DomainChange.ConnectionLost("gone"))).isEqualTo(Consequence.SEARCH);
        classifier.lost("gone; the machine was destroyed");
        assertThat(classifier.decide("")).isEqualTo(new MachineExit.Lost("gone; the machine was destroyed"));
    }
}
