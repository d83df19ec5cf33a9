package dev.construir.qemu;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.construir.machine.MachineExit;
import dev.construir.qemu.qmp.QmpEvent;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ExitClassifierTest {
    private static final Path JOB = Path.of("/jobs/job.img");

    private final ExitClassifier classifier = new ExitClassifier(Map.of("disk-1", JOB));

    @Test
    void theGuestsOwnEndIsReportedWhateverCameAfter() {
        assertThat(event("SHUTDOWN", "{'guest':true,'reason':'guest-shutdown'}"))
                .isEqualTo(ExitClassifier.Consequence.OVER);
        classifier.kill("too late");
        assertThat(exit()).isEqualTo(new MachineExit.PoweredOff());
    }

    @Test
    void reset_differsFromPanic() {
        event("SHUTDOWN", "{'guest':true,'reason':'guest-reset'}");
        assertThat(exit()).isEqualTo(new MachineExit.Rebooted());
        event("GUEST_PANICKED", "{'action':'poweroff'}");
        event("SHUTDOWN", "{'guest':true,'reason':'guest-shutdown'}");
        assertThat(exit()).isEqualTo(new MachineExit.Panicked());
    }

    @Test
    void theFirstReasonToKillCounts() {
        assertThat(classifier.kill("first")).isTrue();
        assertThat(classifier.kill("second")).isFalse();
        event("SHUTDOWN", "{'guest':false,'reason':'host-qmp-quit'}");
        assertThat(exit()).isEqualTo(new MachineExit.Killed("first"));
    }

    @Test
    void aSignalFromElsewhereIsADeath() {
        event("SHUTDOWN", "{'guest':false,'reason':'host-signal'}");
        classifier.gone();
        assertThat(classifier.kill("after the fact")).isFalse();
        assertThat(exit()).isEqualTo(new MachineExit.Died(1, "last words"));
    }

    @Test
    void aFullHostEndsTheMachineAndOtherErrorsDoNot() {
        event("BLOCK_IO_ERROR", "{'node-name':'disk-1','nospace':false,'action':'report'}");
        assertThat(event("RESUME", "{}")).isEqualTo(ExitClassifier.Consequence.NONE);
        event("BLOCK_IO_ERROR", "{'node-name':'disk-1','nospace':true,'action':'stop'}");
        assertThat(event("STOP", "{}")).isEqualTo(ExitClassifier.Consequence.END);
        classifier.kill("unrelated");
        assertThat(exit()).isEqualTo(new MachineExit.DiskFull(JOB));
    }

    @Test
    void aStopThatNobodyAskedForIsALoss() {
        assertThat(event("STOP", "{}")).isEqualTo(ExitClassifier.Consequence.END);
        assertThat(exit()).isEqualTo(new MachineExit.Lost("QEMU stopped the machine without being asked to"));
    }

    @Test
    void aStopAfterTheGuestsEndOrAKillIsNone() {
        classifier.kill("enough");
        event("STOP", "{}");
        assertThat(exit()).isEqualTo(new MachineExit.Killed("enough"));
        event("SHUTDOWN", "{'guest':true,'reason':'guest-shutdown'}");
        assertThat(event("STOP", "{}")).isEqualTo(ExitClassifier.Consequence.NONE);
        assertThat(exit()).isEqualTo(new MachineExit.PoweredOff());
    }

    @Test
    void aBrokenConnectionIsALoss() {
        classifier.lost("gone mad");
        assertThat(exit()).isEqualTo(new MachineExit.Lost("gone mad"));
    }

    private ExitClassifier.Consequence event(String name, String data) {
        return classifier.event(new QmpEvent(name, (JsonObject) JsonParser.parseString(data.replace('\'', '"'))));
    }

    private MachineExit exit() {
        return classifier.decide(1, "last words");
    }
}
