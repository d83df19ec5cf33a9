package dev.construir.qemu;

import dev.construir.backend.BootFiles;
import dev.construir.backend.HardwareDecision;
import dev.construir.backend.InterruptDetection;
import dev.construir.backend.ListeningSocket;
import dev.construir.backend.Overlay;
import dev.construir.backend.StreamSockets;
import dev.construir.machine.Disk;
import dev.construir.machine.HypervisorException;
import dev.construir.machine.MachineInfo;
import dev.construir.machine.MachineListener;
import dev.construir.machine.MachineSpec;
import dev.construir.qemu.accelerator.AcceleratorChoice;
import dev.construir.qemu.commandline.BootSource;
import dev.construir.qemu.commandline.DiskExchange;
import dev.construir.qemu.commandline.MachineCommandLine;
import dev.construir.qemu.commandline.MachineFiles;
import dev.construir.qemu.process.KillEscalation;
import dev.construir.qemu.process.Launcher;
import dev.construir.qemu.process.OrphanProtection;
import dev.construir.qemu.process.QemuProcess;
import dev.construir.qemu.program.Accelerator;
import dev.construir.qemu.program.QemuProgram;
import dev.construir.qemu.qmp.QmpException;
import dev.construir.qemu.warm.MemorySnapshot;
import dev.construir.scratch.Scratch;
import dev.construir.scratch.ScratchDirectory;
import dev.construir.store.ArtifactStore;
import dev.construir.text.Reason;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Future;

/**
 * Takes a machine from its specification to its first instruction. Each step's clean-up is certain before the step is
 * taken.
 *
 * @param program QEMU
 * @param accelerator what executes the guest
 * @param protection what ends QEMU with this process
 * @param launcher starts QEMU
 * @param scratch where the machine's directory is put
 * @param escalation how the machine is ended
 * @param handshake how long QEMU has for each answer until the guest runs
 */
record MachineStart(
        QemuProgram program,
        AcceleratorChoice accelerator,
        OrphanProtection protection,
        Launcher launcher,
        Scratch scratch,
        KillEscalation escalation,
        Duration handshake) {
    /**
     * How a machine begins.
     *
     * @param spec the machine with the disks that it will have in the end
     */
    private record Beginning(
            MachineSpec spec,
            BootSource origin,
            Optional<ArtifactStore.Lease> lease,
            Optional<State> state,
            Optional<String> whyNotWarm) {
        static Beginning booted(MachineSpec spec, BootSource origin, Optional<String> whyNotWarm) {
            return new Beginning(spec, origin, Optional.empty(), Optional.empty(), whyNotWarm);
        }
    }

    /**
     * What a machine is resumed from.
     *
     * @param file what QEMU has written of it
     * @param memory where its memory is
     */
    record State(Path file, Migration.Memory memory) {}

    /**
     * Boots a machine.
     *
     * @param whyNotWarm why it is not resumed instead, where that was wanted
     */
    QemuMachine boot(MachineSpec spec, MachineListener listener, Optional<String> whyNotWarm)
            throws HypervisorException, InterruptedException {
        QemuMachine machine = connect(spec, listener, Beginning.booted(spec, new BootSource.Boot(), whyNotWarm));
        run(machine, spec, List.of());
        return machine;
    }

    /** Boots a machine that is to be saved. */
    QemuMachine boot(MachineSpec spec, MachineListener listener, BootSource.BootToSave origin)
            throws HypervisorException, InterruptedException {
        QemuMachine machine = connect(spec, listener, Beginning.booted(spec, origin, Optional.empty()));
        run(machine, spec, List.of());
        return machine;
    }

    /**
     * Resumes a machine up to where it waits, paused. It gives the image back when it is gone.
     *
     * @param spec the machine
     * @param now the same with the disks that it has for now
     */
    QemuMachine resume(MachineSpec spec, MachineSpec now, MachineListener listener, ArtifactStore.Lease lease)
            throws HypervisorException, InterruptedException {
        return connect(
                now,
                listener,
                new Beginning(
                        spec,
                        new MemorySnapshot(lease.directory()).saved(),
                        Optional.of(lease),
                        Optional.of(
                                new State(new MemorySnapshot(lease.directory()).state(), Migration.Memory.IN_PLACE)),
                        Optional.empty()));
    }

    /** Resumes a machine from files that are the caller's, up to where it waits, paused. */
    QemuMachine resume(MachineSpec spec, MachineListener listener, BootSource.Saved origin, State state)
            throws HypervisorException, InterruptedException {
        return connect(
                spec, listener, new Beginning(spec, origin, Optional.empty(), Optional.of(state), Optional.empty()));
    }

    /**
     * Lets a machine run until it waits for its disks, and pauses it, or ends it if that fails.
     *
     * @param waiting is complete when the guest waits
     */
    void rehearse(QemuMachine machine, MachineSpec spec, Future<?> waiting)
            throws HypervisorException, InterruptedException {
        bringUp(machine, spec, () -> machine.rehearse(waiting, handshake));
    }

    /**
     * Lets a machine run, or ends it if that fails.
     *
     * @param before the commands that QEMU must receive first
     */
    void run(QemuMachine machine, MachineSpec spec, List<DiskExchange.Command> before)
            throws HypervisorException, InterruptedException {
        bringUp(machine, spec, () -> machine.run(before, handshake));
    }

    private QemuMachine connect(MachineSpec spec, MachineListener listener, Beginning beginning)
            throws HypervisorException, InterruptedException {
        BootFiles.check(spec);
        QemuMachine machine;
        try {
            machine = launch(spec, listener, beginning);
        } catch (IOException e) {
            InterruptDetection.check(e);
            throw new HypervisorException(
                    "could not start QEMU (" + program.binary() + ") for the machine " + spec.name() + ": "
                            + Reason.of(e)
                            + "; see that the scratch directory has room, and that this user may have more open"
                            + " files and processes (ulimit -n, ulimit -u)",
                    e);
        }
        bringUp(machine, spec, () -> machine.connect(handshake));
        return machine;
    }

    @FunctionalInterface
    private interface Step {
        void take() throws QmpException, InterruptedException;
    }

    private void bringUp(QemuMachine machine, MachineSpec spec, Step step)
            throws HypervisorException, InterruptedException {
        boolean up = false;
        try {
            step.take();
            up = true;
        } catch (QmpException e) {
            throw failure(spec, machine, e);
        } finally {
            if (!up) {
                machine.close();
            }
        }
    }

    /** Returns the same without hardware virtualisation, which has failed. */
    MachineStart translated(HypervisorException failure) {
        HardwareDecision decision =
                HardwareDecision.afterFailure(accelerator.accelerator().qemuName(), failure);
        AcceleratorChoice choice = new AcceleratorChoice(Accelerator.TCG, decision.reason());
        return new MachineStart(program, choice, protection, launcher, scratch, escalation, handshake);
    }

    private QemuMachine launch(MachineSpec spec, MachineListener listener, Beginning beginning)
            throws HypervisorException, IOException, InterruptedException {
        StartPhase preparing = StartPhase.begin(spec.name(), "files and sockets");
        ScratchDirectory directory = scratch.directory(spec.name());
        boolean launched = false;
        try {
            List<Overlay> overlays = new ArrayList<>();
            Map<String, Path> files = new HashMap<>();
            prepareDisks(spec, beginning, directory.path(), overlays, files);
            List<String> command = MachineCommandLine.of(
                    spec,
                    program,
                    accelerator.accelerator(),
                    directory.path().getFileName().toString(),
                    beginning.origin());
            Optional<Path> input = beginning.state().map(State::file);
            Sockets sockets = Sockets.bind(directory.path());
            try {
                String threadPrefix = "construir-qemu-" + spec.name();
                preparing.commit();
                StartPhase spawning = StartPhase.begin(spec.name(), "process");
                MachineProcess processEvent = new MachineProcess();
                processEvent.machine = spec.name();
                processEvent.begin();
                QemuProcess process = QemuProcess.start(
                        launcher, protection, command, input, directory.path(), threadPrefix + "-stderr");
                try {
                    processEvent.pid = process.pid();
                    QemuMachine.Parts parts = new QemuMachine.Parts(
                            threadPrefix,
                            info(beginning, command),
                            directory,
                            sockets.qmp(),
                            sockets.streams(),
                            overlays,
                            beginning.lease(),
                            beginning.state().map(State::memory),
                            new ExitClassifier(files),
                            process,
                            processEvent);
                    QemuMachine machine = new QemuMachine(parts, listener, escalation);
                    launched = true;
                    spawning.commit();
                    return machine;
                } finally {
                    if (!launched) {
                        process.kill();
                    }
                }
            } finally {
                if (!launched) {
                    sockets.close();
                }
            }
        } finally {
            if (!launched) {
                directory.close();
            }
        }
    }

    /** The sockets that QEMU connects to as it starts. */
    private record Sockets(ListeningSocket qmp, StreamSockets streams) {
        static Sockets bind(Path directory) throws IOException {
            ListeningSocket qmp = ListeningSocket.bind(directory, MachineFiles.QMP);
            boolean bound = false;
            try {
                StreamSockets streams =
                        StreamSockets.bind(directory, MachineFiles.CONSOLE, MachineFiles.OUTPUT, MachineFiles.SANDBOX);
                bound = true;
                return new Sockets(qmp, streams);
            } finally {
                if (!bound) {
                    qmp.close();
                }
            }
        }

        void close() {
            qmp.close();
            streams.close();
        }
    }

    private static void prepareDisks(
            MachineSpec spec, Beginning beginning, Path directory, List<Overlay> overlays, Map<String, Path> files)
            throws HypervisorException, IOException {
        for (int i = 0; i < spec.disks().size(); i++) {
            Disk disk = spec.disks().get(i);
            Path grows = beginning.spec().disks().get(i).file();
            if (disk.access() != Disk.Access.COPY_ON_WRITE) {
                Overlay.virtualSize(disk);
            } else if (beginning.origin() instanceof BootSource.BootToSave toSave) {
                grows = toSave.layer().apply(i); // stays with the image
                var unused = Overlay.create(grows, disk);
            } else {
                Overlay overlay = Overlay.create(directory.resolve(MachineFiles.overlay(i)), disk);
                overlays.add(overlay);
                grows = overlay.file();
            }
            files.put(MachineFiles.node(i), grows);
        }
    }

    private MachineInfo info(Beginning beginning, List<String> command) {
        return new MachineInfo(
                "qemu",
                program.capabilities().version(),
                accelerator.accelerator().qemuName(),
                accelerator.reason(),
                beginning.state().isPresent(),
                beginning.whyNotWarm(),
                protection.protect(command));
    }

    private HypervisorException failure(MachineSpec spec, QemuMachine machine, QmpException cause)
            throws InterruptedException {
        boolean ended = machine.awaitEnd(escalation.asked()); // one that gave up is about to say why
        String lastWords = machine.lastWords();
        if (!ended) {
            machine.kill("its start failed");
        }
        return new HypervisorException(
                QemuStartFailure.describe(spec, machine.exit().join(), lastWords, String.valueOf(cause.getMessage())),
                cause);
    }
}
