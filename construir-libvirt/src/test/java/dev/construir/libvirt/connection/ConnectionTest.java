package dev.construir.libvirt.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.ArgumentMatchers.anyInt;
import static org.mockito.ArgumentMatchers.anyString;
import static org.mockito.Mockito.doThrow;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.times;
import static org.mockito.Mockito.verify;
import static org.mockito.Mockito.when;

import dev.construir.libvirt.connection.DomainChange.Stop;
import dev.construir.libvirt.connection.LibvirtCallException.Kind;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.libvirt.Domain;
import org.libvirt.Error;
import org.libvirt.Error.ErrorNumber;
import org.libvirt.LibvirtException;
import org.libvirt.event.ConnectionCloseListener;
import org.libvirt.event.ConnectionCloseReason;
import org.libvirt.event.DomainEvent;
import org.libvirt.event.DomainEventType;
import org.libvirt.event.IOErrorAction;
import org.libvirt.event.IOErrorListener;
import org.libvirt.event.LifecycleListener;
import org.mockito.ArgumentCaptor;

@Timeout(60)
class ConnectionTest {
    private static final UUID ID = UUID.fromString("0f5c9a4e-5d3c-4a3e-9a57-6f1f0e0d2b11");

    private final NativeConnect connect = mock(NativeConnect.class);
    private final List<DomainChange> heard = new ArrayList<>();
    private Connection connection;

    @BeforeEach
    void open() throws Exception {
        when(connect.pointer()).thenReturn(Optional.empty());
        connection = Connection.over(connect, URI.create("qemu:///system"));
    }

    private static LibvirtException failure(ErrorNumber number, String message) {
        Error error = mock(Error.class);
        when(error.getCode()).thenReturn(number);
        LibvirtException failure = mock(LibvirtException.class);
        when(failure.getError()).thenReturn(error);
        when(failure.getMessage()).thenReturn(message);
        return failure;
    }

    private RunningDomain create(Domain domain) throws Exception {
        when(connect.domainCreateXML("<domain/>", Domain.CreateFlags.AUTODESTROY))
                .thenReturn(domain);
        return connection.create("<domain/>", ID, heard::add);
    }

    private Domain toldOf() throws Exception {
        Domain domain = mock(Domain.class);
        when(domain.getUUIDString()).thenReturn(ID.toString());
        return domain;
    }

    private <T> T registered(Class<T> type) throws Exception {
        ArgumentCaptor<T> listener = ArgumentCaptor.forClass(type);
        if (type == LifecycleListener.class) {
            verify(connect).addLifecycleListener((LifecycleListener) listener.capture());
        } else if (type == IOErrorListener.class) {
            verify(connect).addIOErrorListener((IOErrorListener) listener.capture());
        } else {
            verify(connect).registerCloseListener((ConnectionCloseListener) listener.capture());
        }
        return listener.getValue();
    }

    @Test
    void domainsEndWithTheConnection() throws Exception {
        create(mock(Domain.class));
        verify(connect).domainCreateXML(anyString(), org.mockito.ArgumentMatchers.eq(Domain.CreateFlags.AUTODESTROY));
    }

    @Test
    void passesOnHowADomainStoppedAndFreesWhatItWasHanded() throws Exception {
        create(mock(Domain.class));
        LifecycleListener ears = registered(LifecycleListener.class);
        List<Domain> handed = new ArrayList<>();
        for (int detail = 0; detail < 6; detail++) {
            Domain domain = toldOf();
            handed.add(domain);
            ears.onLifecycleChange(domain, new DomainEvent(DomainEventType.STOPPED, detail));
        }
        assertThat(heard)
                .containsExactly(
                        new DomainChange.Stopped(Stop.BY_GUEST),
                        new DomainChange.Stopped(Stop.DESTROYED),
                        new DomainChange.Stopped(Stop.BY_GUEST),
                        new DomainChange.Stopped(Stop.FAILED),
                        new DomainChange.Stopped(Stop.FAILED),
                        new DomainChange.Stopped(Stop.FAILED));
        for (Domain domain : handed) {
            verify(domain).free();
        }
    }

    @Test
    void pauseForWantOfRoom_differsFromOtherPauses() throws Exception {
        create(mock(Domain.class));
        LifecycleListener ears = registered(LifecycleListener.class);
        ears.onLifecycleChange(toldOf(), new DomainEvent(DomainEventType.SUSPENDED, 2)); // an I/O error
        registered(IOErrorListener.class).onIOError(toldOf(), "/runs/job.img", "virtio-disk1", IOErrorAction.PAUSE);
        registered(IOErrorListener.class).onIOError(toldOf(), "/runs/job.img", "virtio-disk1", IOErrorAction.REPORT);
        ears.onLifecycleChange(toldOf(), new DomainEvent(DomainEventType.SUSPENDED, 0)); // somebody's virsh suspend
        ears.onLifecycleChange(toldOf(), new DomainEvent(DomainEventType.SUSPENDED, 3)); // a watchdog
        assertThat(heard)
                .containsExactly(new DomainChange.DiskFull(Path.of("/runs/job.img")), new DomainChange.Paused());
    }

    @Test
    void somebodyElsesDomainsAreFreedAndForgotten() throws Exception {
        Domain foreign = mock(Domain.class);
        when(foreign.getUUIDString()).thenReturn(UUID.randomUUID().toString());
        registered(LifecycleListener.class).onLifecycleChange(foreign, new DomainEvent(DomainEventType.CRASHED, 0));
        verify(foreign).free();
        assertThat(heard).isEmpty();
    }

    @Test
    void nothingIsHeardOfADomainThatIsClosed() throws Exception {
        Domain domain = mock(Domain.class);
        create(domain).close();
        registered(LifecycleListener.class).onLifecycleChange(toldOf(), new DomainEvent(DomainEventType.STOPPED, 0));
        verify(domain).free();
        assertThat(heard).isEmpty();
    }

    @Test
    void aLostConnectionIsToldToEveryDomainAndSaysWhy() throws Exception {
        create(mock(Domain.class));
        registered(ConnectionCloseListener.class).onClose(connect, ConnectionCloseReason.KEEPALIVE);
        assertThat(connection.lost()).hasValueSatisfying(why -> assertThat(why).contains("did not answer"));
        assertThat(heard)
                .containsExactly(
                        new DomainChange.ConnectionLost(connection.lost().orElseThrow()));
        LibvirtException broken = failure(ErrorNumber.VIR_ERR_INTERNAL_ERROR, "client socket is closed");
        when(connect.getCapabilities()).thenThrow(broken);
        assertThatThrownBy(connection::capabilities)
                .isInstanceOfSatisfying(
                        LibvirtCallException.class, e -> assertThat(e.kind()).isEqualTo(Kind.NO_CONNECTION));
    }

    @Test
    void destroyingWhatIsGoneIsASuccess() throws Exception {
        Domain domain = mock(Domain.class);
        LibvirtException gone = failure(ErrorNumber.VIR_ERR_NO_DOMAIN, "Domain not found");
        doThrow(gone).when(domain).destroy();
        create(domain).destroy();
        verify(domain).destroy();
        when(connect.domainLookupByUUID(ID)).thenThrow(gone);
        assertThat(connection.destroy(ID)).isFalse();
    }

    @Test
    void destroyingFreesWhatWasLookedUp() throws Exception {
        Domain stuck = mock(Domain.class);
        LibvirtException busy = failure(ErrorNumber.VIR_ERR_OPERATION_FAILED, "Device or resource busy");
        doThrow(busy).when(stuck).destroy();
        when(connect.domainLookupByUUID(ID)).thenReturn(stuck);
        assertThatThrownBy(() -> connection.destroy(ID)).hasMessage("Device or resource busy");
        verify(stuck).free();
    }

    @Test
    void closingWaitsForCallsUnderWayAndNoneComesAfter() throws Exception {
        CountDownLatch called = new CountDownLatch(1);
        CountDownLatch answer = new CountDownLatch(1);
        when(connect.getCapabilities()).thenAnswer(call -> {
            called.countDown();
            answer.await();
            return "<capabilities/>";
        });
        List<String> answers = new ArrayList<>();
        Thread caller = new Thread(() -> {
            try {
                answers.add(connection.capabilities());
            } catch (LibvirtCallException e) {
                answers.add(e.toString());
            }
        });
        caller.start();
        called.await();
        Thread closer = new Thread(connection::close);
        closer.start();
        Awaitility.await().until(() -> closer.getState() == Thread.State.WAITING);
        verify(connect, times(0)).close();
        answer.countDown();
        caller.join();
        closer.join();
        assertThat(answers).containsExactly("<capabilities/>");
        verify(connect).close();
        assertThatThrownBy(connection::capabilities)
                .isInstanceOfSatisfying(
                        LibvirtCallException.class, e -> assertThat(e.kind()).isEqualTo(Kind.NO_CONNECTION))
                .hasMessageContaining("closed");
        connection.close();
        verify(connect).close();
    }

    @Test
    void aDomainThatWasNotCreatedIsListenedForUntilItIsForgotten() throws Exception {
        LibvirtException refused = failure(ErrorNumber.VIR_ERR_ACCESS_DENIED, "access denied");
        when(connect.domainCreateXML(any(), anyInt())).thenThrow(refused);
        assertThatThrownBy(() -> connection.create("<domain/>", ID, heard::add))
                .isInstanceOfSatisfying(
                        LibvirtCallException.class, e -> assertThat(e.kind()).isEqualTo(Kind.DENIED))
                .hasMessage("access denied");
        connection.forget(ID);
        registered(LifecycleListener.class).onLifecycleChange(toldOf(), new DomainEvent(DomainEventType.STOPPED, 0));
        assertThat(heard).isEmpty();
    }
}
