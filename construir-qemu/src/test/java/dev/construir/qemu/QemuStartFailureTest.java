package dev.construir.qemu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.construir.machine.MachineExit;
import dev.construir.machine.MachineSpec;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class QemuStartFailureTest {
    private static final MachineSpec SPEC = Specs.firmware(Path.of("/images/root.img"));

    private static String describe(String lastWords) {
        return QemuStartFailure.describe(SPEC, new MachineExit.Died(1, lastWords), lastWords, "QMP broke off");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "-device {\"driver\":\"virtio-blk-pci\",\"drive\":\"disk-0\"}: Failed to get shared \"write\" lock\nIs another process"
                        + " using the image [/images/root.img]?",
                "-device {\"driver\":\"virtio-blk-pci\",\"drive\":\"disk-0\"}: Failed to lock byte 100",
                "Failed to get \"consistent read\" lock\nIs another process using the image [/images/root.img]?"
            })
    void namesTheDiskThatIsInUse(String words) {
        assertThat(describe(words))
                .startsWith("the machine test did not start: the disk /images/root.img is in use by another program")
                .contains("lsof", "use a copy", words.replace("\n", "; "));
    }

    @Test
    void saysThatTheHostHasNotSoMuch() {
        assertThat(describe("cannot set up guest memory 'pc.ram': Cannot allocate memory"))
                .contains("the host cannot give it 64M of memory; ask for less");
        assertThat(describe("qemu_thread_create: Resource temporarily unavailable"))
                .contains("raise ulimit -n or ulimit -u");
        for (String words : new String[] {
            "Invalid SMP CPUs 289. The max CPUs supported by machine 'pc-q35-7.2' is 288",
            "current -smp configuration requires kernel irqchip and X2APIC API support.",
            "Number of SMP CPUs requested (16) exceeds max CPUs supported by machine 'mach-virt' (8)"
        }) {
            assertThat(describe(words)).contains("it cannot have 1 processors here; ask for fewer; QEMU ended", words);
        }
    }

    @Test
    void passesOnWhatItDoesNotKnow() {
        assertThat(describe("out of order"))
                .isEqualTo("the machine test did not start: QEMU ended with status 1: out of order");
        assertThat(describe("")).endsWith("QEMU ended with status 1 and wrote nothing");
        assertThat(QemuStartFailure.describe(SPEC, new MachineExit.Killed("it"), "", "QMP broke off"))
                .isEqualTo("the machine test did not start: QMP broke off; QEMU wrote nothing");
    }
}
