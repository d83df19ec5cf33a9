package dev.construir.libvirt;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.construir.libvirt.connection.Connection;
import dev.construir.libvirt.connection.DomainChange;
import dev.construir.libvirt.connection.DomainChange.Stop;
import dev.construir.libvirt.connection.LibvirtCallException;
import dev.construir.libvirt.connection.RunningDomain;
import dev.construir.machine.Diagnosis;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.libvirt.Connect;
import org.libvirt.Domain;
import org.libvirt.LibvirtException;

/**
 * libvirt's client library with its own simulation of a host: nothing runs, but all is parsed, listed and told as by a
 * daemon.
 */
@Timeout(60)
class SimulationIT {
    private static final URI SIMULATION = URI.create("test:///default");
    private static final UUID ID = UUID.fromString("0f5c9a4e-5d3c-4a3e-9a57-6f1f0e0d2b11");

    @TempDir
    Path scratch;

    private static String description(String name) throws Exception {
        String resource = "/dev/construir/libvirt/domain/" + name + ".xml";
        try (InputStream in = Objects.requireNonNull(SimulationIT.class.getResourceAsStream(resource), resource)) {
            return new String(in.readAllBytes(), UTF_8);
        }
    }

    private static String simulated(String name) throws Exception {
        return description(name).replaceFirst("type=\"(qemu|kvm)\"", "type=\"test\"");
    }

    @ParameterizedTest
    @ValueSource(strings = {"kernel", "firmware", "aarch64"})
    void descriptionsAreWhatLibvirtsSchemaAllows(String name) throws Exception {
        Connection.open(SIMULATION).close(); // what libvirt has to say is not printed from now on
        Connect connect = new Connect(SIMULATION);
        try {
            // validated before anything else; the simulation has no such machines
            assertThat(failure(connect, description(name))).doesNotContain("schema");
            assertThat(failure(connect, description(name).replace("<os>", "<ox/><os>")))
                    .contains("schema");
        } finally {
            connect.close();
        }
    }

    private static String failure(Connect connect, String xml) throws LibvirtException {
        try {
            Domain domain = connect.domainCreateXML(xml, Domain.CreateFlags.VALIDATE);
            domain.destroy();
            domain.free();
            return "";
        } catch (LibvirtException e) {
            return String.valueOf(e.getMessage());
        }
    }

    @Test
    void aDomainLivesAndDies() throws Exception {
        BlockingQueue<DomainChange> changes = new LinkedBlockingQueue<>();
        try (Connection connection = Connection.open(SIMULATION);
                RunningDomain domain = connection.create(simulated("firmware"), ID, changes::add)) {
            UUID other = UUID.randomUUID();
            String namesake = simulated("firmware").replace(ID.toString(), other.toString());
            assertThatThrownBy(() -> connection.create(namesake, other, changes::add))
                    .isInstanceOf(LibvirtCallException.class)
                    .hasMessageContaining("already");
            domain.destroy();
            domain.destroy();
            assertThat(connection.destroy(ID)).isFalse();
        }
    }

    @Test
    void theEndOfADomainIsTold() throws Exception {
        BlockingQueue<DomainChange> changes = new LinkedBlockingQueue<>();
        try (Connection connection = Connection.open(SIMULATION);
                RunningDomain domain = connection.create(simulated("firmware"), ID, changes::add)) {
            assertThat(connection.destroy(ID)).isTrue();
            assertThat(changes.poll(10, TimeUnit.SECONDS)).isEqualTo(new DomainChange.Stopped(Stop.DESTROYED));
            domain.destroy();
        }
    }

    @Test
    void manyThreadsShareAConnectionThatIsClosedUnderThem() throws Exception {
        for (int round = 0; round < 20; round++) {
            Connection connection = Connection.open(SIMULATION);
            List<Thread> callers = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                Thread caller = new Thread(() -> callUntilClosed(connection));
                caller.start();
                callers.add(caller);
            }
            assertThat(connection.capabilities()).contains("<capabilities>");
            connection.close(); // a race here ends the JVM
            for (Thread caller : callers) {
                caller.join();
            }
            assertThat(connection.lost()).isEmpty();
        }
    }

    private static void callUntilClosed(Connection connection) {
        try {
            while (true) {
                connection.version();
            }
        } catch (LibvirtCallException e) {
            assertThat(e.kind()).isEqualTo(LibvirtCallException.Kind.NO_CONNECTION);
        }
    }

    @Test
    void whatCannotBeReachedIsSaidWithTheRemedy() {
        URI nowhere = URI.create("qemu:///system?socket=" + scratch.resolve("none"));
        try (LibvirtHypervisor hypervisor =
                LibvirtHypervisor.builder().uri(nowhere).scratch(scratch).build()) {
            Diagnosis diagnosis = hypervisor.diagnose();
            assertThat(diagnosis.isUsable()).isFalse();
            assertThat(diagnosis.findings().get(0).what()).isEqualTo("library");
            assertThat(diagnosis.findings().get(0).verdict()).isEqualTo(Diagnosis.Verdict.WORKS);
            assertThat(diagnosis.findings().get(1).detail()).contains(nowhere.toString(), "No such file");
            assertThat(diagnosis.findings().get(1).remedy())
                    .hasValueSatisfying(r -> assertThat(r).contains("apt-get"));
        }
    }
}
