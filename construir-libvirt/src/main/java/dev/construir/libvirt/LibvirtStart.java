package dev.construir.libvirt;

import dev.construir.backend.BootFiles;
import dev.construir.backend.HardwareDecision;
import dev.construir.backend.InterruptDetection;
import dev.construir.backend.Overlay;
import dev.construir.backend.StreamSockets;
import dev.construir.libvirt.connection.Connection;
import dev.construir.libvirt.connection.LibvirtCallException;
import dev.construir.libvirt.connection.ReconnectingConnection;
import dev.construir.libvirt.domain.DomainPlan;
import dev.construir.libvirt.domain.DomainPlan.Sockets;
import dev.construir.libvirt.domain.DomainType;
import dev.construir.libvirt.domain.DomainXml;
import dev.construir.libvirt.domain.FileOwner;
import dev.construir.libvirt.remote.SshCommand.Forward;
import dev.construir.libvirt.remote.SshLink;
import dev.construir.machine.Boot;
import dev.construir.machine.Disk;
import dev.construir.machine.HypervisorException;
import dev.construir.machine.MachineInfo;
import dev.construir.machine.MachineListener;
import dev.construir.machine.MachineSpec;
import dev.construir.machine.Preference;
import dev.construir.network.FreeSubnet;
import dev.construir.scratch.Scratch;
import dev.construir.scratch.ScratchDirectory;
import dev.construir.text.Reason;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.IntStream;

/**
 * Takes a machine from its specification to its first instruction. Each step's clean-up is certain before the step is
 * taken.
 *
 * @param daemon the libvirt that runs it
 * @param connection the connection to it
 * @param host what that libvirt reports of itself and its host
 * @param type what executes the guest
 * @param scratch where the machine's directory is put
 */
record LibvirtStart(
        ReconnectingConnection daemon, Connection connection, LibvirtHost host, TypeChoice type, Scratch scratch) {
    LibvirtMachine start(MachineSpec asked, MachineListener listener) throws HypervisorException, InterruptedException {
        // Of another host's routes nothing is known here.
        MachineSpec spec = daemon.isLocal() ? FreeSubnet.settle(asked) : asked;
        BootFiles.check(spec);
        Prepared prepared;
        try {
            prepared = prepare(spec, listener);
        } catch (IOException e) {
            InterruptDetection.check(e);
            throw new HypervisorException(
                    "could not prepare the machine " + spec.name() + ": " + Reason.of(e)
                            + "; see that the scratch directory has room, and that this user may have more open"
                            + " files and threads (ulimit -n, ulimit -u)",
                    e);
        }
        boolean up = false;
        try {
            prepared.machine.bringUp(connection, prepared.xml);
            if (Thread.interrupted()) { // libvirt's calls are not ended by it
                throw new InterruptedException("interrupted while a machine was being started");
            }
            up = true;
            return prepared.machine;
        } catch (LibvirtCallException e) {
            throw new HypervisorException(
                    LibvirtStartFailure.describe(spec, connection.uri().toString(), e), e);
        } finally {
            if (!up) {
                prepared.machine.close();
            }
        }
    }

    /** Returns the same without hardware virtualisation, which has failed. */
    LibvirtStart translated(HypervisorException failure) {
        HardwareDecision decision = HardwareDecision.afterFailure(type.type().accelerator(), failure);
        TypeChoice choice = new TypeChoice(DomainType.QEMU, decision.reason());
        return new LibvirtStart(daemon, connection, host, choice, scratch);
    }

    /** A machine that libvirt has yet to start, and its description. */
    private record Prepared(LibvirtMachine machine, String xml) {}

    private Prepared prepare(MachineSpec spec, MachineListener listener)
            throws HypervisorException, IOException, InterruptedException {
        ScratchDirectory directory = scratch.directory("m");
        boolean prepared = false;
        try {
            UUID id = UUID.randomUUID();
            DomainPlan plan = plan(spec, id, directory.path());
            LeftoverDomains.note(plan, daemon.uri());
            List<Overlay> overlays = overlays(spec, plan);
            String xml = describe(spec, plan);
            StreamSockets sockets = bind(plan);
            Optional<SshLink> link = Optional.empty();
            try {
                link = link(spec, plan);
                LibvirtMachine machine = new LibvirtMachine(
                        new LibvirtMachine.Parts(
                                "construir-libvirt-" + spec.name(),
                                id,
                                info(spec),
                                directory,
                                sockets,
                                link,
                                overlays,
                                daemon.isLocal()
                                        ? Optional.of(DomainLog.of(daemon.uri(), plan.name()))
                                        : Optional.empty(),
                                daemon,
                                new DomainExitClassifier(connection.reportsGuestEnds()),
                                new StatsPoller(
                                        "construir-libvirt-" + spec.name() + "-stats",
                                        targets(spec),
                                        () -> daemon.isLocal() ? LocalQemu.find(id) : Optional.empty())),
                        listener);
                prepared = true;
                return new Prepared(machine, xml);
            } finally {
                if (!prepared) {
                    link.ifPresent(SshLink::close);
                    sockets.close();
                }
            }
        } finally {
            if (!prepared) {
                directory.close();
            }
        }
    }

    // QEMU is started by another process, in another directory, so it needs the whole path.
    private static StreamSockets bind(DomainPlan plan) throws IOException {
        for (String name : List.of(DomainPlan.CONSOLE, DomainPlan.OUTPUT, DomainPlan.SANDBOX)) {
            Path socket = plan.directory().resolve(name);
            int length = socket.toString().getBytes(StandardCharsets.UTF_8).length;
            if (length > DomainPlan.LONGEST_SOCKET_PATH) {
                throw new IOException("the path of the socket " + socket + " has " + length
                        + " bytes, and QEMU connects to " + DomainPlan.LONGEST_SOCKET_PATH
                        + " at most; name a scratch directory with a shorter path");
            }
        }
        return StreamSockets.bind(plan.directory(), DomainPlan.CONSOLE, DomainPlan.OUTPUT, DomainPlan.SANDBOX);
    }

    private DomainPlan plan(MachineSpec spec, UUID id, Path directory) throws IOException {
        Optional<FileOwner> owner =
                host.capabilities().labelsFiles() ? Optional.of(FileOwner.of(directory)) : Optional.empty();
        Sockets sockets = daemon.isLocal() ? Sockets.HERE : Sockets.FORWARDED;
        return new DomainPlan(DomainPlan.name(spec.name(), id), id, type.type(), directory, sockets, owner);
    }

    // What the machine is made of has to be there, at the same places.
    private Optional<SshLink> link(MachineSpec spec, DomainPlan plan) throws IOException, InterruptedException {
        if (daemon.isLocal()) {
            return Optional.empty();
        }
        List<Path> shared = new ArrayList<>();
        shared.add(plan.directory().resolve(LeftoverDomains.NOTE));
        spec.disks().forEach(disk -> shared.add(disk.file()));
        if (spec.boot() instanceof Boot.Kernel boot) {
            shared.addAll(List.of(boot.kernel(), boot.initrd()));
        }
        List<Forward> forwards = List.of(
                new Forward(plan.console(), plan.directory().resolve(DomainPlan.CONSOLE)),
                new Forward(plan.output(), plan.directory().resolve(DomainPlan.OUTPUT)),
                new Forward(plan.sandbox(), plan.directory().resolve(DomainPlan.SANDBOX)));
        return Optional.of(SshLink.open(
                connection.uri(), forwards, shared, plan.directory().resolve("ssh.log")));
    }

    private static List<Overlay> overlays(MachineSpec spec, DomainPlan plan) throws HypervisorException, IOException {
        List<Overlay> overlays = new ArrayList<>();
        for (int i = 0; i < spec.disks().size(); i++) {
            Disk disk = spec.disks().get(i);
            if (disk.access() == Disk.Access.COPY_ON_WRITE) {
                overlays.add(Overlay.create(plan.overlay(i), disk));
            } else {
                Overlay.virtualSize(disk);
            }
        }
        return overlays;
    }

    private static String describe(MachineSpec spec, DomainPlan plan) throws HypervisorException {
        try {
            return DomainXml.of(spec, plan);
        } catch (IllegalArgumentException e) {
            throw new HypervisorException(
                    "the machine " + spec.name()
                            + " cannot be described to libvirt: a path of it or its kernel's command line: "
                            + e.getMessage() + "; rename the file",
                    e);
        }
    }

    private static List<String> targets(MachineSpec spec) {
        return IntStream.range(0, spec.disks().size())
                .mapToObj(DomainPlan::target)
                .toList();
    }

    private MachineInfo info(MachineSpec spec) {
        return new MachineInfo(
                LibvirtHypervisor.NAME,
                host.version(),
                type.type().accelerator(),
                type.reason(),
                false,
                spec.warmStart() == Preference.NEVER
                        ? Optional.empty()
                        : Optional.of("this backend does not resume machines from memory snapshots"),
                List.of());
    }
}
