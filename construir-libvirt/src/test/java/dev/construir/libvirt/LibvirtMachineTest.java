package dev.construir.libvirt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.ArgumentMatchers.eq;
import static org.mockito.Mockito.doThrow;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.times;
import static org.mockito.Mockito.verify;
import static org.mockito.Mockito.when;

import dev.construir.backend.StreamSockets;
import dev.construir.libvirt.connection.Connection;
import dev.construir.libvirt.connection.DomainChange;
import dev.construir.libvirt.connection.DomainChange.GuestEnd;
import dev.construir.libvirt.connection.DomainStats;
import dev.construir.libvirt.connection.LibvirtCallException;
import dev.construir.libvirt.connection.ReconnectingConnection;
import dev.construir.libvirt.connection.RunningDomain;
import dev.construir.libvirt.domain.DomainPlan;
import dev.construir.libvirt.domain.DomainType;
import dev.construir.machine.MachineExit;
import dev.construir.machine.MachineInfo;
import dev.construir.scratch.ScratchDirectory;
import dev.construir.testkit.RecordingListener;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A machine whose libvirt fails to start it. */
@Timeout(60)
class LibvirtMachineTest {
    private static final UUID ID = UUID.fromString("0f5c9a4e-5d3c-4a3e-9a57-6f1f0e0d2b11");

    @TempDir
    Path directory;

    private final Connection connection = mock(Connection.class);
    private final RecordingListener listener = new RecordingListener();

    private LibvirtMachine machine() throws Exception {
        ScratchDirectory scratch = ScratchDirectory.in(directory, "m-");
        DomainPlan plan = new DomainPlan(
                "construir-m", ID, DomainType.QEMU, scratch.path(), DomainPlan.Sockets.HERE, Optional.empty());
        return new LibvirtMachine(
                new LibvirtMachine.Parts(
                        "test",
                        ID,
                        new MachineInfo("libvirt", "9.0.0", "tcg", "a test", false, Optional.empty(), List.of()),
                        scratch,
                        StreamSockets.bind(plan.directory(), DomainPlan.CONSOLE, DomainPlan.OUTPUT, DomainPlan.SANDBOX),
                        Optional.empty(),
                        List.of(),
                        Optional.empty(),
                        mock(ReconnectingConnection.class),
                        new DomainExitClassifier(true),
                        new StatsPoller("numbers", List.of(), Optional::empty)),
                listener);
    }

    private void failAfter(DomainChange... changes) throws Exception {
        LibvirtCallException failure = mock(LibvirtCallException.class);
        when(connection.create(any(), eq(ID), any())).thenAnswer(call -> {
            Consumer<DomainChange> onEvent = call.getArgument(2);
            List.of(changes).forEach(onEvent);
            throw failure;
        });
    }

    @Test
    void aGuestThatEndsBeforeLibvirtIsDoneHasRun() throws Exception {
        failAfter(new DomainChange.GuestEnded(GuestEnd.POWER_OFF));
        try (LibvirtMachine machine = machine()) {
            machine.bringUp(connection, "<domain/>");
            assertThat(machine.exit().get(10, TimeUnit.SECONDS)).isEqualTo(new MachineExit.PoweredOff());
        }
        assertThat(listener.timesRunning()).isEqualTo(1);
        verify(connection).forget(ID);
        assertThat(directory).isEmptyDirectory();
    }

    private final RunningDomain domain = mock(RunningDomain.class);

    private LibvirtMachine running() throws Exception {
        when(connection.create(any(), eq(ID), any())).thenReturn(domain);
        when(domain.stats(any())).thenReturn(new DomainStats(Duration.ZERO, 0, 0));
        LibvirtMachine machine = machine();
        machine.bringUp(connection, "<domain/>");
        return machine;
    }

    @Test
    void aMachineIsDestroyedAlsoWhenItsThreadFails() throws Exception {
        doThrow(new IllegalStateException("a defect")).doNothing().when(domain).destroy();
        try (LibvirtMachine machine = running()) {
            machine.kill("enough");
            assertThat(machine.exit().get(20, TimeUnit.SECONDS)).isEqualTo(new MachineExit.Killed("enough"));
        }
        verify(domain, times(2)).destroy();
        verify(domain).close();
        assertThat(directory).isEmptyDirectory();
    }

    @Test
    void aMachineThatMayNotBeDestroyedIsLeftToTheNextProcess() throws Exception {
        LibvirtCallException denied = mock(LibvirtCallException.class);
        when(denied.kind()).thenReturn(LibvirtCallException.Kind.DENIED);
        doThrow(denied).when(domain).destroy();
        try (LibvirtMachine machine = running()) {
            machine.kill("enough");
            assertThat(machine.exit().get(20, TimeUnit.SECONDS))
                    .isInstanceOfSatisfying(
                            MachineExit.Lost.class,
                            lost -> assertThat(lost.why()).contains("may still run", "" + ID));
        }
        assertThat(directory).isNotEmptyDirectory();
    }

    @Test
    void whatNeverRanIsAFailure() throws Exception {
        failAfter();
        try (LibvirtMachine machine = machine()) {
            assertThatThrownBy(() -> machine.bringUp(connection, "<domain/>")).isInstanceOf(LibvirtCallException.class);
        }
        assertThat(listener.timesRunning()).isZero();
        verify(connection).forget(ID);
        assertThat(directory).isEmptyDirectory();
    }
}
