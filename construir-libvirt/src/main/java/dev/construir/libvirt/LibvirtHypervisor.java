package dev.construir.libvirt;

import dev.construir.backend.HardwareVerdicts;
import dev.construir.backend.MachineScratch;
import dev.construir.backend.ProbeCache;
import dev.construir.backend.RunningMachines;
import dev.construir.libvirt.connection.Connection;
import dev.construir.libvirt.connection.LibvirtCallException;
import dev.construir.libvirt.connection.ReconnectingConnection;
import dev.construir.libvirt.domain.DomainType;
import dev.construir.libvirt.remote.SshCommand;
import dev.construir.machine.Diagnosis;
import dev.construir.machine.Hypervisor;
import dev.construir.machine.HypervisorException;
import dev.construir.machine.Machine;
import dev.construir.machine.MachineBudget;
import dev.construir.machine.MachineListener;
import dev.construir.machine.MachineSpec;
import dev.construir.machine.Preference;
import dev.construir.scratch.Scratch;
import dev.construir.text.Reason;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs machines with libvirt, as transient domains. Safe for use by many threads.
 *
 * <pre>{@code
 * try (Hypervisor libvirt = LibvirtHypervisor.builder()
 *                 .uri(URI.create("qemu:///system"))
 *                 .build();
 *         Runner runner = Runner.on(libvirt, RootImage.in(Path.of("debian")));
 *         JobResult result = runner.run(Job.script("hello", "echo hello"))) {
 *     System.out.print(result.output().text());
 * }
 * }</pre>
 *
 * <p>Creating one touches nothing, so that {@link #diagnose} can report what is missing. The first diagnosis or start
 * connects, and removes what dead processes left.
 *
 * <p>libvirt ends the machines of a Java process that dies. Where libvirt's daemon itself was killed, the machines of
 * that moment are destroyed by their owner if it is there again within 10 s; their QEMU processes are killed if they
 * are of this host and user. Otherwise the outcome says that they may still run. Those that may, and those whose owner
 * is dead as well, are destroyed by the next process that uses the scratch directory for the same URI; until then their
 * notes stay there.
 *
 * <p>QEMU runs as the user of this process, where libvirt leaves a choice, and no file's owner or mode is changed.
 *
 * <p>All hypervisors of this kind in a Java process share one daemon thread, libvirt's event loop.
 *
 * @since 0.1
 */
public final class LibvirtHypervisor implements Hypervisor {
    private static final Logger LOG = LoggerFactory.getLogger(LibvirtHypervisor.class);
    static final String NAME = "libvirt";
    static final URI SESSION = URI.create("qemu:///session");

    private final ReconnectingConnection daemon;
    private final MachineScratch scratch;
    private final DomainTypes types;
    private final RunningMachines machines = new RunningMachines();

    private LibvirtHypervisor(Builder builder) {
        daemon = new ReconnectingConnection(builder.uri);
        scratch = new MachineScratch(builder.scratch, new LeftoverDomains(daemon)::end);
        types = new DomainTypes(new HardwareVerdicts(new ProbeCache(builder.scratch)));
    }

    /**
     * Creates a hypervisor with {@code qemu:///session} and the default scratch directory, {@code libvirt} in {@link
     * Scratch#defaultRoot}.
     *
     * @return the hypervisor, to be closed by the caller
     */
    public static LibvirtHypervisor create() {
        return builder().build();
    }

    /**
     * Returns a builder of hypervisors.
     *
     * @return the builder
     */
    public static Builder builder() {
        return new Builder();
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Use use() {
        return machines.use(() -> {
            scratch.release();
            daemon.release();
        });
    }

    /**
     * Returns the host's own budget for machines of this host, and none for another host's: a pool's capacity bounds
     * those.
     */
    @Override
    public MachineBudget budget() {
        return daemon.isLocal() ? MachineBudget.ofHost() : MachineBudget.unlimited();
    }

    @Override
    @SuppressWarnings("try") // a use is for its duration
    public Diagnosis diagnose() {
        try (Use unused = use()) {
            return new LibvirtDiagnosis(daemon, scratch, types).diagnose();
        }
    }

    @Override
    public Machine start(MachineSpec spec, MachineListener listener) throws HypervisorException, InterruptedException {
        Objects.requireNonNull(listener, "listener");
        if (spec.warmStart() == Preference.REQUIRE) {
            throw new HypervisorException("a warm start is required for the machine " + spec.name()
                    + ", and this backend does not resume machines from memory snapshots");
        }
        if (!daemon.isLocal() && !SshCommand.reaches(daemon.uri())) {
            throw new HypervisorException("the machine " + spec.name() + " cannot run at " + daemon.uri()
                    + ": another host is reached by qemu+ssh only, which also brings the machine's streams here");
        }
        if (Thread.interrupted()) {
            throw new InterruptedException("interrupted before a machine was started");
        }
        return machines.start(spec.name(), () -> begin(spec, listener));
    }

    private LibvirtMachine begin(MachineSpec spec, MachineListener listener)
            throws HypervisorException, InterruptedException {
        Connection connection = connect();
        DomainTypeTrial trial = new DomainTypeTrial(daemon, connection, host(connection), scratch.open());
        LibvirtStart start =
                new LibvirtStart(daemon, connection, trial.host(), types.choose(spec, trial), trial.scratch());
        return spec.hardware() == Preference.PREFER && start.type().type() == DomainType.KVM
                ? startIfNeedBeWithoutHardware(start, spec, listener)
                : start.start(spec, listener);
    }

    // Hardware that passed its self-test may fail a real machine all the same.
    private LibvirtMachine startIfNeedBeWithoutHardware(LibvirtStart start, MachineSpec spec, MachineListener listener)
            throws HypervisorException, InterruptedException {
        try {
            return start.start(spec, listener);
        } catch (HypervisorException e) {
            try {
                LibvirtMachine machine = start.translated(e).start(spec, listener);
                // Not before: now the hardware is known to have been to blame, and not a disk.
                LOG.warn("the machine {} runs without hardware virtualisation", spec.name(), e);
                types.forget(spec.architecture());
                return machine;
            } catch (HypervisorException withoutHardware) {
                withoutHardware.addSuppressed(e);
                throw withoutHardware;
            }
        }
    }

    @Override
    public void close() {
        machines.close();
        scratch.close();
        daemon.close();
    }

    /** Returns the backend and its libvirt. */
    @Override
    public String toString() {
        return NAME + " at " + daemon.uri();
    }

    private Connection connect() throws HypervisorException {
        try {
            return daemon.connection();
        } catch (LibvirtCallException e) {
            throw new HypervisorException(ConnectFailure.describe(daemon.uri(), e), e);
        }
    }

    private HypervisorException undescribed(String why, Exception cause) {
        return new HypervisorException(
                "libvirt at " + daemon.uri() + " did not describe its host: " + why + "; see that virsh -c '"
                        + daemon.uri() + "' capabilities works",
                cause);
    }

    private LibvirtHost host(Connection connection) throws HypervisorException {
        try {
            return LibvirtHost.of(connection);
        } catch (LibvirtCallException e) {
            throw undescribed(ConnectFailure.cause(e), e);
        } catch (IOException e) {
            throw undescribed(Reason.of(e), e);
        }
    }

    /**
     * Builds hypervisors. Not safe for use by many threads.
     *
     * @since 0.1
     */
    public static final class Builder {
        private URI uri = SESSION;
        private Path scratch = Scratch.defaultRoot().resolve(NAME);

        private Builder() {}

        /**
         * Uses this libvirt; by default {@code qemu:///session}, which belongs to this user. As root that is {@code
         * qemu:///system}.
         *
         * <p>On another host, {@code qemu+ssh://USER@HOST/system}, images, scratch directory and job disks have to be
         * on storage that both hosts have in the same places; a machine is refused where they are not. ssh must work
         * without asking for anything.
         *
         * @param where a URI as libvirt has them: {@code qemu:///session}, {@code qemu:///system}, {@code qemu+ssh://…}
         * @return this builder
         */
        public Builder uri(URI where) {
            uri = Objects.requireNonNull(where, "where");
            return this;
        }

        /** Returns what it builds, and its libvirt. */
        @Override
        public String toString() {
            return "builder of a hypervisor " + NAME + " at " + uri;
        }

        /**
         * Keeps the files of running machines in this directory; by default {@code libvirt} in {@link
         * Scratch#defaultRoot}.
         *
         * @param directory the directory, created if it is missing; no other user may write to it. A long path leaves
         *     no room for the names of sockets, which have 107 bytes in all
         * @return this builder
         */
        public Builder scratch(Path directory) {
            scratch = directory.toAbsolutePath();
            return this;
        }

        /**
         * Creates the hypervisor.
         *
         * @return the hypervisor, to be closed by the caller
         */
        public LibvirtHypervisor build() {
            return new LibvirtHypervisor(this);
        }
    }
}
