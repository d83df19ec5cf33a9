package dev.construir.qemu;

import dev.construir.DataSize;
import dev.construir.backend.HardwareTrial;
import dev.construir.backend.HardwareVerdicts;
import dev.construir.backend.InterruptDetection;
import dev.construir.backend.MachineScratch;
import dev.construir.backend.ProbeCache;
import dev.construir.backend.RunningMachines;
import dev.construir.machine.Diagnosis;
import dev.construir.machine.Hypervisor;
import dev.construir.machine.HypervisorException;
import dev.construir.machine.Machine;
import dev.construir.machine.MachineInfo;
import dev.construir.machine.MachineListener;
import dev.construir.machine.MachineSpec;
import dev.construir.machine.Preference;
import dev.construir.machine.WarmMachine;
import dev.construir.network.FreeSubnet;
import dev.construir.qemu.accelerator.Accelerators;
import dev.construir.qemu.accelerator.Hardware;
import dev.construir.qemu.accelerator.SelfTest;
import dev.construir.qemu.commandline.MachineCommandLine;
import dev.construir.qemu.process.KillEscalation;
import dev.construir.qemu.process.Launcher;
import dev.construir.qemu.process.LeftoverProcesses;
import dev.construir.qemu.process.OrphanProtection;
import dev.construir.qemu.program.Accelerator;
import dev.construir.qemu.program.ProgramFinder;
import dev.construir.qemu.program.Programs;
import dev.construir.qemu.program.QemuProgram;
import dev.construir.qemu.warm.ContentDigests;
import dev.construir.scratch.Scratch;
import dev.construir.store.ArtifactStore;
import dev.construir.store.Durability;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs machines with QEMU, one process each. Safe for use by many threads.
 *
 * <pre>{@code
 * try (Hypervisor qemu = QemuHypervisor.create();
 *         Runner runner = Runner.on(qemu, RootImage.in(Path.of("debian")));
 *         JobResult result = runner.run(Job.script("hello", "echo hello"))) {
 *     System.out.print(result.output().text());
 * }
 * }</pre>
 *
 * <p>Creating one touches nothing, so that {@link #diagnose} can report what is missing. The first diagnosis or start
 * removes what dead processes left in the scratch directory. If QEMU is missing, the first start of a machine fails
 * with the command that installs it.
 *
 * <p>A guest with {@link dev.construir.machine.Network#OUTBOUND} also reaches services on the host's loopback
 * interface, at its gateway, and the network the host is in: QEMU's user-mode network (as of 7.2) has no switch against
 * it. What jobs must not reach needs its own password or firewall.
 *
 * <p>No machine outlives the Java process, not even one that is killed. Apart from the threads of its machines it owns
 * one daemon thread, from which all processes are started.
 *
 * @since 0.1
 */
public final class QemuHypervisor implements Hypervisor {
    private static final Logger LOG = LoggerFactory.getLogger(QemuHypervisor.class);
    private static final String PROBES = "qemu-facts";
    private static final String IMAGES = "memory-snapshots";

    private final MachineScratch scratch;
    private final Launcher launcher;
    private final Programs programs;
    private final Accelerators accelerators;
    private final OrphanProtectionProbe protectionProbe;
    private final ArtifactStore images;
    private final WarmStarts warmStarts;
    private final KillEscalation escalation;
    private final Duration handshake;
    private final AtomicBoolean warnedOfSandbox = new AtomicBoolean();
    private final RunningMachines machines = new RunningMachines();

    private QemuHypervisor(Builder builder) {
        scratch = new MachineScratch(builder.scratch, LeftoverProcesses::end);
        launcher = new Launcher();
        ProbeCache cache = new ProbeCache(builder.scratch.resolve(PROBES));
        ProgramFinder finder = ProgramFinder.ofEnvironment();
        programs = new Programs(finder, builder.binary, cache, builder.handshake);
        protectionProbe = new OrphanProtectionProbe(builder.protection, finder, launcher, cache);
        accelerators = new Accelerators(builder.hardware, this::runTrial, new HardwareVerdicts(cache));
        images = new ArtifactStore(
                builder.images.orElse(builder.scratch.resolve(IMAGES)),
                "memory snapshot",
                Durability.UNTIL_REBOOT,
                builder.imagesLimit,
                Clock.systemUTC());
        warmStarts = new WarmStarts(images, new ContentDigests(cache), builder.bootLimit, Clock.systemUTC());
        escalation = builder.escalation;
        handshake = builder.handshake;
    }

    /**
     * Creates a hypervisor with the QEMU on the {@code PATH} and the default scratch directory, {@code qemu} in {@link
     * Scratch#defaultRoot}.
     *
     * @return the hypervisor, to be closed by the caller
     */
    public static QemuHypervisor create() {
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
        return "qemu";
    }

    @Override
    public Use use() {
        return machines.use(() -> {
            launcher.release();
            images.release();
            scratch.release();
        });
    }

    @Override
    @SuppressWarnings("try") // a use is for its duration
    public Diagnosis diagnose() {
        try (Use unused = use()) {
            return new QemuDiagnosis(scratch, programs, accelerators, protectionProbe, launcher).diagnose();
        }
    }

    @Override
    public Machine start(MachineSpec spec, MachineListener listener) throws HypervisorException, InterruptedException {
        Objects.requireNonNull(listener, "listener");
        return machines.start(spec.name(), () -> begin(FreeSubnet.settle(spec), listener));
    }

    private QemuMachine begin(MachineSpec spec, MachineListener listener)
            throws HypervisorException, InterruptedException {
        MachineStart start = beginStart(spec);
        QemuMachine machine =
                spec.hardware() == Preference.PREFER && start.accelerator().accelerator() != Accelerator.TCG
                        ? startIfNeedBeWithoutHardware(start, spec, listener)
                        : warmStarts.start(start, spec, listener);
        // Not before: what the host refuses by itself needs no warning.
        HostCapacity.current()
                .concerns(spec, start.accelerator().accelerator())
                .forEach(concern -> LOG.warn("the machine {} is large for this host: {}", spec.name(), concern));
        return machine;
    }

    @Override
    public Optional<WarmMachine> prepare(MachineSpec spec) throws HypervisorException, InterruptedException {
        if (spec.warmStart() == Preference.NEVER) {
            return Optional.empty();
        }
        return Optional.of(machines.start(
                spec.name(),
                () -> warmStarts.prepare(beginStart(spec), FreeSubnet.settle(spec)),
                QemuWarmMachine::machine));
    }

    private MachineStart beginStart(MachineSpec spec) throws HypervisorException, InterruptedException {
        StartPhase finding = StartPhase.begin(spec.name(), "program");
        Scratch directories = openScratch();
        QemuProgram program = programs.find(spec.architecture(), launcher, directories);
        warnOfSandbox(program);
        MachineStart start = new MachineStart(
                program,
                accelerators.choose(program, spec.hardware()),
                protectionProbe.of(program.capabilities(), directories),
                launcher,
                directories,
                escalation,
                handshake);
        finding.commit();
        return start;
    }

    // Hardware that passed its self-test may fail a real machine all the same.
    private QemuMachine startIfNeedBeWithoutHardware(MachineStart start, MachineSpec spec, MachineListener listener)
            throws HypervisorException, InterruptedException {
        try {
            return warmStarts.start(start, spec, listener);
        } catch (HypervisorException e) {
            try {
                QemuMachine machine = warmStarts.start(start.translated(e), spec, listener);
                // Not before: now the hardware is known to have been to blame, and not a disk.
                LOG.warn("the machine {} runs without hardware virtualisation", spec.name(), e);
                accelerators.forget(start.program());
                return machine;
            } catch (HypervisorException withoutHardware) {
                withoutHardware.addSuppressed(e);
                throw withoutHardware;
            }
        }
    }

    @Override
    @SuppressWarnings("try") // a use is for its duration
    public Optional<List<String>> debugCommand(MachineSpec spec, MachineInfo info)
            throws HypervisorException, InterruptedException {
        QemuProgram program;
        try (Use unused = use()) {
            program = programs.find(spec.architecture(), launcher, openScratch());
        }
        Accelerator accelerator = Stream.of(Accelerator.values())
                .filter(known -> known.qemuName().equals(info.accelerator()))
                .findAny()
                .orElse(Accelerator.TCG);
        return Optional.of(MachineCommandLine.byHand(FreeSubnet.settle(spec), program, accelerator));
    }

    @Override
    public void close() {
        machines.close();
        launcher.close();
        images.close();
        scratch.close();
    }

    /** Returns the backend and where its machines live. */
    @Override
    public String toString() {
        return "qemu in " + scratch.root();
    }

    private HardwareTrial.Result runTrial(QemuProgram program, Accelerator accelerator, Duration limit)
            throws IOException, InterruptedException {
        Scratch directories;
        try {
            directories = scratch.open();
        } catch (HypervisorException e) {
            throw new IOException(e.getMessage(), e);
        }
        OrphanProtection protection = protectionProbe.of(program.capabilities(), directories);
        return new SelfTest(launcher, protection, directories).run(program, accelerator, limit);
    }

    private Scratch openScratch() throws HypervisorException, InterruptedException {
        try {
            return scratch.open();
        } catch (HypervisorException e) {
            InterruptDetection.check(e);
            throw e;
        }
    }

    private void warnOfSandbox(QemuProgram program) {
        if (!program.capabilities().sandbox() && warnedOfSandbox.compareAndSet(false, true)) {
            LOG.warn(
                    "{} was built without its seccomp sandbox; machines run without that line of defence",
                    program.binary());
        }
    }

    /**
     * Builds hypervisors. Not safe for use by many threads.
     *
     * @since 0.1
     */
    public static final class Builder {
        private static final Duration HANDSHAKE = Duration.ofSeconds(30);
        private static final Duration BOOT_LIMIT = Duration.ofMinutes(5);

        private Optional<String> binary = Optional.empty();
        private Path scratch = Scratch.defaultRoot().resolve("qemu");
        private Optional<Path> images = Optional.empty();
        private DataSize imagesLimit = DataSize.ofGibibytes(8);
        private Duration bootLimit = BOOT_LIMIT;
        private KillEscalation escalation = KillEscalation.DEFAULT;
        private Duration handshake = HANDSHAKE;
        private Optional<OrphanProtection> protection = Optional.empty();
        private Hardware hardware = Hardware.ofHost();

        private Builder() {}

        /**
         * Uses this QEMU; by default {@code qemu-system-x86_64} or {@code qemu-system-aarch64}, as the machine's
         * architecture requires.
         *
         * @param path the program
         * @return this builder
         */
        public Builder binary(Path path) {
            binary = Optional.of(path.toAbsolutePath().toString());
            return this;
        }

        /** Returns what it builds, and where machines live. */
        @Override
        public String toString() {
            return "builder of a hypervisor qemu in " + scratch;
        }

        /**
         * Uses this QEMU; by default {@code qemu-system-x86_64} or {@code qemu-system-aarch64}, as the machine's
         * architecture requires.
         *
         * @param name the program's name, looked up on the {@code PATH}, or its path
         * @return this builder
         */
        public Builder binary(String name) {
            binary = Optional.of(name);
            return this;
        }

        /**
         * Keeps the files of running machines in this directory; by default {@code qemu} in {@link
         * Scratch#defaultRoot}.
         *
         * @param directory the directory, created if it is missing; no other user may write to it
         * @return this builder
         */
        public Builder scratch(Path directory) {
            scratch = directory.toAbsolutePath();
            return this;
        }

        /**
         * Keeps the memory snapshots that machines are resumed from in this directory; by default
         * {@code memory-snapshots} in the scratch directory. Any number of processes may share it.
         *
         * @param directory the directory, created if it is missing; no other user may write to it
         * @return this builder
         */
        public Builder memorySnapshots(Path directory) {
            images = Optional.of(directory.toAbsolutePath());
            return this;
        }

        /**
         * Limits the size of the memory snapshots that are kept. Beyond the limit the least recently used images are
         * removed, unless machines run from them. The newest image stays, no matter how large it is.
         *
         * @param size how much all of them may take; by default 8 GiB. Each counts with all of its machine's memory,
         *     although its file contains only what was used
         * @return this builder
         */
        public Builder memoryImagesLimit(DataSize size) {
            imagesLimit = Objects.requireNonNull(size, "size");
            return this;
        }

        Builder bootLimit(Duration limit) {
            bootLimit = limit;
            return this;
        }

        Builder escalation(KillEscalation times) {
            escalation = times;
            return this;
        }

        Builder protection(OrphanProtection kind) {
            protection = Optional.of(kind);
            return this;
        }

        Builder hardware(Hardware of) {
            hardware = of;
            return this;
        }

        Builder handshake(Duration limit) {
            handshake = limit;
            return this;
        }

        /**
         * Creates the hypervisor.
         *
         * @return the hypervisor, to be closed by the caller
         */
        public QemuHypervisor build() {
            return new QemuHypervisor(this);
        }
    }
}
