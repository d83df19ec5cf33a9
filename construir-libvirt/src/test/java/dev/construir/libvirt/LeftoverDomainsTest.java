package dev.construir.libvirt;

import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.never;
import static org.mockito.Mockito.verify;
import static org.mockito.Mockito.when;

import dev.construir.libvirt.connection.Connection;
import dev.construir.libvirt.connection.LibvirtCallException;
import dev.construir.libvirt.connection.ReconnectingConnection;
import dev.construir.libvirt.domain.DomainPlan;
import dev.construir.libvirt.domain.DomainType;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LeftoverDomainsTest {
    private static final UUID ID = UUID.fromString("0f5c9a4e-5d3c-4a3e-9a57-6f1f0e0d2b11");
    private static final URI HERE = URI.create("qemu+ssh://build/system");

    @TempDir
    Path directory;

    private final ReconnectingConnection daemon = mock(ReconnectingConnection.class);
    private final Connection connection = mock(Connection.class);
    private final LeftoverDomains leftovers = new LeftoverDomains(daemon);

    @BeforeEach
    void connect() throws Exception {
        when(daemon.uri()).thenReturn(HERE);
        when(daemon.connection()).thenReturn(connection);
    }

    private void note(URI uri) throws IOException {
        LeftoverDomains.note(
                new DomainPlan(
                        "construir-m", ID, DomainType.QEMU, directory, DomainPlan.Sockets.FORWARDED, Optional.empty()),
                uri);
    }

    @Test
    void aDomainOfTheSameLibvirtIsDestroyed() throws Exception {
        note(HERE);
        leftovers.end(directory);
        verify(connection).destroy(ID);
    }

    @Test
    void aDomainOfAnotherLibvirtIsLeftToThatOnesUsers() throws Exception {
        note(URI.create("qemu:///session"));
        assertThatThrownBy(() -> leftovers.end(directory))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("qemu:///session")
                .hasMessageContaining(ID.toString());
        verify(daemon, never()).connection();
    }

    @Test
    void aDomainThatIsNotDestroyedIsNotForgotten() throws Exception {
        note(HERE);
        LibvirtCallException failure = mock(LibvirtCallException.class);
        when(connection.destroy(ID)).thenThrow(failure);
        assertThatThrownBy(() -> leftovers.end(directory))
                .isInstanceOf(IOException.class)
                .hasCause(failure);
    }

    @Test
    void aNoteThatWasNeverFinishedIsOfNoDomain() throws Exception {
        leftovers.end(directory);
        Files.writeString(directory.resolve(LeftoverDomains.NOTE), ID.toString());
        leftovers.end(directory);
        verify(daemon, never()).connection();
    }
}
