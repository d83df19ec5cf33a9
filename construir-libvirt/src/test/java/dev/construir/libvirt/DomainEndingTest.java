package dev.construir.libvirt;

import static org.assertj.core.api.Assertions.assertThat;

import dev.construir.libvirt.DomainEnding.Consequence;
import dev.construir.libvirt.connection.DomainNews;
import dev.construir.libvirt.connection.DomainNews.GuestEnd;
import dev.construir.libvirt.connection.DomainNews.Stop;
import dev.construir.machine.MachineExit;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DomainEndingTest {
    private static final DomainNews GONE = new DomainNews.Stopped(Stop.BY_GUEST);
    private static final DomainNews DESTROYED = new DomainNews.Stopped(Stop.DESTROYED);
    private static final DomainNews FAILED = new DomainNews.Stopped(Stop.FAILED);

    private final DomainEnding ending = new DomainEnding(true);

    @ParameterizedTest
    @EnumSource
    void theGuestsOwnEndIsReportedWhateverCameAfter(GuestEnd how) {
        assertThat(ending.hear(new DomainNews.GuestEnded(how))).isEqualTo(Consequence.MEASURE);
        ending.kill("too late");
        ending.lost("too late as well");
        assertThat(ending.hear(DESTROYED)).isEqualTo(Consequence.GONE);
        assertThat(ending.decide(""))
                .isEqualTo(
                        switch (how) {
                            case POWER_OFF -> new MachineExit.PoweredOff();
                            case RESET -> new MachineExit.Rebooted();
                            case PANIC -> new MachineExit.Panicked();
                        });
    }

    @Test
    void aPanickedGuestIsReadAndDestroyed() {
        assertThat(ending.hear(new DomainNews.Panicked())).isEqualTo(Consequence.DRAIN);
        assertThat(ending.hear(new DomainNews.Paused())).isEqualTo(Consequence.NONE);
        assertThat(ending.hear(DESTROYED)).isEqualTo(Consequence.GONE);
        assertThat(ending.decide("")).isEqualTo(new MachineExit.Panicked());
    }

    @Test
    void theFirstReasonToKillCounts() {
        assertThat(ending.kill("first")).isTrue();
        assertThat(ending.kill("second")).isFalse();
        ending.hear(DESTROYED);
        assertThat(ending.decide("")).isEqualTo(new MachineExit.Killed("first"));
    }

    @Test
    void nobodyKillsWhatIsGone() {
        ending.hear(FAILED);
        ending.gone();
        assertThat(ending.kill("too late")).isFalse();
        assertThat(ending.hear(FAILED)).isEqualTo(Consequence.NONE);
        assertThat(ending.decide("assertion failed")).isEqualTo(new MachineExit.Died(-1, "assertion failed"));
    }

    @Test
    void aMachineThatMayStillRunHasNotEndedHoweverItSeemed() {
        ending.hear(new DomainNews.GuestEnded(GuestEnd.POWER_OFF));
        ending.kill("too long");
        ending.outOfReach("it may still run");
        assertThat(ending.decide("")).isEqualTo(new MachineExit.Lost("it may still run"));
    }

    @Test
    void aFullDiskEndsTheMachine() {
        Path disk = Path.of("/runs/job.img");
        assertThat(ending.hear(new DomainNews.DiskFull(disk))).isEqualTo(Consequence.DESTROY);
        ending.hear(DESTROYED);
        assertThat(ending.decide("")).isEqualTo(new MachineExit.DiskFull(disk));
    }

    @Test
    void whatOthersDoToAMachineIsNoKillOfOurs() {
        ending.hear(DESTROYED);
        assertThat(ending.decide("")).isInstanceOf(MachineExit.Lost.class);
        DomainEnding paused = new DomainEnding(true);
        assertThat(paused.hear(new DomainNews.Paused())).isEqualTo(Consequence.DESTROY);
        paused.hear(DESTROYED);
        assertThat(paused.decide(""))
                .isInstanceOfSatisfying(
                        MachineExit.Lost.class, lost -> assertThat(lost.why()).contains("pause"));
    }

    @Test
    void aQemuThatIsTerminatedDidNotEndByItsGuest() {
        ending.hear(GONE); // libvirt takes it for a shutdown, and no guest asked for one
        assertThat(ending.decide("")).isEqualTo(new MachineExit.Died(-1, ""));
    }

    @Test
    void whereGuestsEndsAreNotToldTheyAreAllAlike() {
        DomainEnding untold = new DomainEnding(false);
        untold.hear(GONE);
        assertThat(untold.decide("")).isEqualTo(new MachineExit.Ended());
    }

    @Test
    void aLostConnectionHasTheMachineSearchedFor() {
        assertThat(ending.hear(new DomainNews.ConnectionLost("gone"))).isEqualTo(Consequence.SEARCH);
        ending.lost("gone; the machine was destroyed");
        assertThat(ending.decide("")).isEqualTo(new MachineExit.Lost("gone; the machine was destroyed"));
    }
}
