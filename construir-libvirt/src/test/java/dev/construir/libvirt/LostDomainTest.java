package dev.construir.libvirt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.times;
import static org.mockito.Mockito.verify;
import static org.mockito.Mockito.when;

import dev.construir.libvirt.LostDomain.Fate;
import dev.construir.libvirt.connection.Connection;
import dev.construir.libvirt.connection.LibvirtCallException;
import dev.construir.libvirt.connection.ReconnectingConnection;
import java.net.URI;
import java.time.Duration;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The fates of domains that have no process on this host; LossesIT has those that have one. */
@Timeout(60)
class LostDomainTest {
    private static final UUID ID = UUID.fromString("0f5c9a4e-5d3c-4a3e-9a57-6f1f0e0d2b11");

    private final ReconnectingConnection daemon = mock(ReconnectingConnection.class);
    private final Connection connection = mock(Connection.class);
    private final LostDomain domain = new LostDomain(daemon, ID, Duration.ofSeconds(1));

    @BeforeEach
    void connect() throws Exception {
        when(daemon.uri()).thenReturn(URI.create("qemu+ssh://build/system"));
        when(daemon.connection()).thenReturn(connection);
    }

    @Test
    void search_forADomainThatIsThere_destroysIt() throws Exception {
        when(connection.destroy(ID)).thenReturn(true);
        assertThat(domain.search("it broke"))
                .isEqualTo(new Fate(false, "it broke; the machine was still there and was destroyed"));
    }

    @Test
    void search_whileTheDaemonStarts_triesAgain() throws Exception {
        LibvirtCallException refused = mock(LibvirtCallException.class);
        when(daemon.connection()).thenThrow(refused).thenReturn(connection);
        assertThat(domain.search("it broke")).isEqualTo(new Fate(false, "it broke; the machine is gone"));
        verify(daemon, times(2)).connection();
    }

    @Test
    void search_onThisHost_looksForTheProcess() throws Exception {
        when(daemon.isLocal()).thenReturn(true);
        assertThat(domain.search("it broke")).isEqualTo(new Fate(false, "it broke; the machine is gone"));
        assertThat(domain.killWithoutLibvirt("it broke")).isEqualTo(new Fate(false, "it broke; the machine is gone"));
    }

    @Test
    void killWithoutLibvirt_onAnotherHost_saysHowToDestroyTheDomain() {
        assertThat(domain.killWithoutLibvirt("it broke"))
                .isEqualTo(new Fate(
                        true, "it broke; the machine may still run: virsh -c 'qemu+ssh://build/system' destroy " + ID));
    }

    @Test
    void search_whereTheDaemonStaysAway_givesUp() throws Exception {
        LibvirtCallException refused = mock(LibvirtCallException.class);
        when(refused.getMessage()).thenReturn("no route");
        when(daemon.connection()).thenThrow(refused);
        Fate fate = domain.search("it broke");
        assertThat(fate.mayRun()).isTrue();
        assertThat(fate.why())
                .startsWith("it broke, and it cannot be reached again: no route; the machine may still run: virsh");
    }
}
