package dev.construir.libvirt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.when;

import dev.construir.DataSize;
import dev.construir.ImageFormat;
import dev.construir.libvirt.connection.LibvirtCallException;
import dev.construir.libvirt.connection.LibvirtCallException.Kind;
import dev.construir.machine.Architecture;
import dev.construir.machine.Boot;
import dev.construir.machine.CacheMode;
import dev.construir.machine.Disk;
import dev.construir.machine.MachineSpec;
import dev.construir.machine.Network;
import dev.construir.machine.Preference;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What libvirt says, and what is made of it. */
class FailureMessagesTest {
    private static final URI SYSTEM = URI.create("qemu:///system");
    private static final MachineSpec SPEC = new MachineSpec(
            "m",
            Architecture.X86_64,
            1,
            DataSize.ofMebibytes(64),
            new Boot.Firmware(),
            List.of(Disk.copyOnWrite(Path.of("/i/disk.img"), ImageFormat.RAW)),
            Network.NONE,
            Preference.NEVER,
            Preference.NEVER,
            CacheMode.WRITEBACK);

    private static LibvirtCallException failure(Kind kind, String said) {
        LibvirtCallException failure = mock(LibvirtCallException.class);
        when(failure.kind()).thenReturn(kind);
        when(failure.getMessage()).thenReturn(said);
        when(failure.isLibvirts()).thenReturn(true);
        return failure;
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    OTHER  | Cannot access storage file '/i/disk.img': Permission denied                                     | namei -l
                    OTHER  | internal error: process exited: Could not open '/i/disk.img': Permission denied                 | chmod o+x
                    OTHER  | internal error: process exited while connecting to monitor: Failed to get shared "write" lock   | in use by another program
                    OTHER  | internal error: qemu unexpectedly closed the monitor: cannot set up guest memory 'pc.ram'       | ask for less
                    OTHER  | Cannot check QEMU binary /usr/bin/qemu-system-x86_64: No such file or directory                 | apt-get install
                    DENIED | access denied                                                                                   | group libvirt
                    """)
    void aMachineThatDoesNotStart(Kind kind, String said, String remedy) {
        assertThat(LibvirtStartFailure.describe(SPEC, SYSTEM.toString(), failure(kind, said)))
                .startsWith("the machine m did not start: ")
                .contains(remedy)
                .endsWith("libvirt at qemu:///system said: " + said);
    }

    @Test
    void whatGuestsMayHaveHadAHandInIsQuoted() {
        assertThat(LibvirtStartFailure.describe(SPEC, SYSTEM.toString(), failure(Kind.OTHER, "red \u001b[31m")))
                .isEqualTo("the machine m did not start: libvirt at qemu:///system said: red;"
                        + " construir doctor --hypervisor libvirt:qemu:///system tries what works there");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    NO_CONNECTION | Failed to connect socket to '/run/libvirt/libvirt-sock': Permission denied          | group libvirt
                    DENIED        | authentication unavailable: no polkit agent available                               | qemu:///session
                    NO_CONNECTION | Failed to connect socket to '/run/libvirt/libvirt-sock': No such file or directory  | systemctl start
                    """)
    void aDaemonOutOfReach(Kind kind, String said, String remedy) {
        assertThat(ConnectFailure.describe(SYSTEM, failure(kind, said)))
                .startsWith("libvirt at qemu:///system cannot be reached: it said: " + said)
                .contains(remedy);
    }

    @ParameterizedTest
    @ValueSource(strings = {"foo", "qemu:///nothing", "xen:///system", "test:///default", "qemu:system"})
    void aUriThatIsNoneOfQemu(String uri) {
        assertThat(ConnectFailure.describe(URI.create(uri), failure(Kind.NO_CONNECTION, "no connection driver")))
                .startsWith(
                        "libvirt at " + uri + " cannot be reached: it said: no connection driver; see that the URI is")
                .contains("qemu:///session");
    }

    @Test
    void ourOwnWordsAreNotLibvirts() {
        LibvirtCallException ours = LibvirtCallException.noAnswer(Duration.ofSeconds(1));
        assertThat(ConnectFailure.cause(ours)).isEqualTo("libvirt did not answer within 1000 ms");
    }

    @Test
    void anotherHostOutOfReach() {
        URI there = URI.create("qemu+ssh://builder@other/system");
        assertThat(ConnectFailure.describe(there, failure(Kind.NO_CONNECTION, "Cannot recv data: Host key")))
                .contains("virsh -c '" + there + "' uri");
    }
}
