package dev.construir.qemu;

import dev.construir.backend.InterruptDetection;
import dev.construir.machine.Boot;
import dev.construir.machine.Disk;
import dev.construir.machine.HypervisorException;
import dev.construir.machine.MachineListener;
import dev.construir.machine.MachineSpec;
import dev.construir.machine.Preference;
import dev.construir.machine.Preparation;
import dev.construir.qemu.commandline.DiskExchange;
import dev.construir.qemu.qmp.QmpException;
import dev.construir.qemu.warm.ContentDigests;
import dev.construir.qemu.warm.MemorySnapshot;
import dev.construir.qemu.warm.SnapshotKey;
import dev.construir.scratch.ScratchDirectory;
import dev.construir.store.ArtifactStore;
import dev.construir.text.Reason;
import dev.construir.text.TerminalSafeExcerpt;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Starts machines by resuming them from memory snapshots where that is wanted and works, and by booting them where it
 * is not or does not. Safe for use by many threads.
 */
final class WarmStarts {
    private static final Logger LOG = LoggerFactory.getLogger(WarmStarts.class);
    // A failed attempt is not repeated for every machine, as one that never becomes ready takes long.
    private static final Duration RETRY = Duration.ofMinutes(1);

    private static final String SAVED = "a machine whose memory later machines start from";
    private static final Preparation BOOTING = Preparation.of(Preparation.Stage.BOOTING, SAVED);
    private static final Preparation SAVING = Preparation.of(Preparation.Stage.SAVING, SAVED);

    private final ArtifactStore images;
    private final ContentDigests digests;
    private final Duration bootLimit;
    private final Clock clock;
    private final Map<String, Failure> failures = new ConcurrentHashMap<>();

    private record Failure(String why, Instant until) {}

    /**
     * Creates a way to start machines.
     *
     * @param images the images there are
     * @param digests identify disks and kernels by their content
     * @param bootLimit how long a machine that is to be saved has to come up
     * @param clock shows when to try again what has failed
     */
    WarmStarts(ArtifactStore images, ContentDigests digests, Duration bootLimit, Clock clock) {
        this.images = images;
        this.digests = digests;
        this.bootLimit = bootLimit;
        this.clock = clock;
    }

    QemuMachine start(MachineStart start, MachineSpec spec, MachineListener listener)
            throws HypervisorException, InterruptedException {
        if (spec.boot() instanceof Boot.Checkpoint checkpoint) {
            return goOn(start, spec.withBoot(checkpoint.original()), checkpoint, listener);
        }
        if (spec.warmStart() == Preference.NEVER) {
            return start.boot(spec, listener, Optional.empty());
        }
        String why;
        HypervisorException cause = null;
        try {
            Optional<String> objection = PlaceholderDisks.objection(spec);
            if (objection.isEmpty()) {
                return resume(start, spec, listener);
            }
            why = objection.get();
        } catch (IOException e) {
            InterruptDetection.check(e);
            why = Reason.of(e);
            cause = new HypervisorException(why, e);
        } catch (HypervisorException e) {
            why = String.valueOf(e.getMessage());
            cause = e;
        }
        if (spec.warmStart() == Preference.REQUIRE) {
            String message = "a warm start is required for the machine " + spec.name() + ", and it cannot be resumed: ";
            throw cause == null
                    ? new HypervisorException(message + why)
                    : new HypervisorException(message + why, cause);
        }
        LOG.warn("the machine {} is booted instead of resumed: {}", spec.name(), why);
        return start.boot(spec, listener, Optional.of(why));
    }

    private QemuMachine goOn(MachineStart start, MachineSpec spec, Boot.Checkpoint checkpoint, MachineListener listener)
            throws HypervisorException, InterruptedException {
        try {
            String kind = key(start, PlaceholderDisks.of(spec, Path.of("/")), listener::preparing)
                    .name();
            return CheckpointStart.start(start, spec, checkpoint, kind, listener);
        } catch (IOException e) {
            InterruptDetection.check(e);
            throw new HypervisorException(
                    "the machine " + spec.name() + " cannot go on from a checkpoint: " + Reason.of(e), e);
        }
    }

    private QemuMachine resume(MachineStart start, MachineSpec spec, MachineListener listener)
            throws HypervisorException, IOException, InterruptedException {
        QemuMachine machine = restore(start, spec, spec, listener);
        start.run(machine, spec, announcements(spec));
        return machine;
    }

    /**
     * Resumes a machine up to where it waits for its own disks, and pauses it there.
     *
     * @throws HypervisorException if it cannot be resumed
     */
    QemuWarmMachine prepare(MachineStart start, MachineSpec spec) throws HypervisorException, InterruptedException {
        Optional<String> objection = PlaceholderDisks.objection(spec);
        if (objection.isPresent()) {
            throw new HypervisorException("the machine " + spec.name() + " cannot be kept ready: " + objection.get());
        }
        ConsoleLineWaiter waiting = new ConsoleLineWaiter(MachineSpec.WAITING_LINE);
        DeferredListener listener = new DeferredListener(waiting);
        try (ScratchDirectory placeholders = start.scratch().directory("stand-ins")) {
            MachineSpec without = PlaceholderDisks.instead(spec, placeholders.path());
            PlaceholderDisks.create(without); // QEMU has them open when their names go
            QemuMachine machine = restore(start, spec, without, listener);
            boolean ready = false;
            try {
                start.rehearse(machine, spec, waiting.future());
                SnapshotKey key = key(start, PlaceholderDisks.of(spec, Path.of("/")), work -> {});
                ready = true;
                return new QemuWarmMachine(
                        start, spec, machine, listener, () -> checkUnchanged(start, spec, key, machine));
            } finally {
                if (!ready) {
                    machine.close();
                }
            }
        } catch (IOException e) {
            InterruptDetection.check(e);
            throw new HypervisorException("no machine can be kept ready: " + Reason.of(e), e);
        }
    }

    /**
     * Resumes a machine.
     *
     * @param spec the machine, from which the image is made if there is none
     * @param now the same with the disks that it has for now
     */
    private QemuMachine restore(MachineStart start, MachineSpec spec, MachineSpec now, MachineListener listener)
            throws HypervisorException, IOException, InterruptedException {
        StartPhase keying = StartPhase.begin(spec.name(), "key");
        MachineSpec saved = PlaceholderDisks.of(spec, Path.of("/"));
        SnapshotKey key = key(start, saved, listener::preparing);
        keying.commit();
        StartPhase leasing = StartPhase.begin(spec.name(), "memory snapshot");
        ArtifactStore.Lease lease = lease(start, spec, key, listener);
        leasing.commit();
        QemuMachine machine;
        boolean resumed = false;
        try {
            machine = start.resume(spec, now, listener, lease);
            resumed = true;
        } catch (HypervisorException e) {
            if (e.getCause() instanceof QmpException) { // not for what this machine alone lacks, such as its disk
                remember(key, e);
            }
            throw e;
        } finally {
            if (!resumed) {
                lease.close();
            }
        }
        checkUnchanged(start, spec, key, machine);
        MemorySnapshot image = new MemorySnapshot(lease.directory());
        machine.becomeSavable(new CheckpointWriter(start, spec, disk -> List.of(image.layer(disk)), key.name()));
        return machine;
    }

    private SnapshotKey key(MachineStart start, MachineSpec saved, Consumer<Preparation> progress)
            throws HypervisorException, IOException, InterruptedException {
        return SnapshotKey.of(saved, start.program(), start.accelerator().accelerator(), digests, progress);
    }

    /**
     * Makes sure that a machine was started with the files that its memory snapshot is of, now that QEMU has them open:
     * other files may have taken their names meanwhile. Ends the machine if not.
     */
    private void checkUnchanged(MachineStart start, MachineSpec spec, SnapshotKey key, QemuMachine machine)
            throws HypervisorException, IOException, InterruptedException {
        boolean unchanged = false;
        try {
            unchanged = key(start, PlaceholderDisks.of(spec, Path.of("/")), work -> {})
                    .equals(key);
        } finally {
            if (!unchanged) {
                machine.close();
            }
        }
        if (!unchanged) {
            throw new HypervisorException("the root disk, the kernel or the initrd of the machine " + spec.name()
                    + " was replaced while it was started; start it again");
        }
    }

    private static List<DiskExchange.Command> announcements(MachineSpec spec) throws IOException {
        List<DiskExchange.Command> commands = new ArrayList<>();
        for (int i = 0; i < spec.disks().size(); i++) {
            Disk disk = spec.disks().get(i);
            if (disk.access() == Disk.Access.READ_WRITE) {
                commands.add(DiskExchange.announce(i, Files.size(disk.file())));
            }
        }
        return commands;
    }

    private ArtifactStore.Lease lease(MachineStart start, MachineSpec spec, SnapshotKey key, MachineListener listener)
            throws HypervisorException, IOException, InterruptedException {
        checkTriedBefore(spec, key);
        return images.lease(
                key.name(),
                key.parts(),
                (ArtifactStore.Maker<HypervisorException>) directory -> {
                    checkTriedBefore(spec, key); // by another, for whom this one has waited
                    try {
                        make(start, spec, key, new MemorySnapshot(directory), listener);
                        failures.remove(key.name());
                    } catch (HypervisorException e) {
                        remember(key, e);
                        throw e;
                    }
                },
                listener::preparing);
    }

    private void checkTriedBefore(MachineSpec spec, SnapshotKey key) throws HypervisorException {
        Failure earlier = failures.get(key.name());
        if (earlier != null
                && spec.warmStart() == Preference.PREFER
                && clock.instant().isBefore(earlier.until())) {
            throw new HypervisorException(earlier.why());
        }
    }

    private void remember(SnapshotKey key, HypervisorException failure) {
        failures.put(
                key.name(),
                new Failure(
                        String.valueOf(failure.getMessage()), clock.instant().plus(RETRY)));
    }

    /** Boots a machine up to where it waits for its disks, and saves it. */
    private void make(
            MachineStart start, MachineSpec spec, SnapshotKey key, MemorySnapshot image, MachineListener listener)
            throws HypervisorException, IOException, InterruptedException {
        MachineSpec placeholder = PlaceholderDisks.of(spec, image.directory());
        PlaceholderDisks.create(placeholder);
        listener.preparing(BOOTING);
        ConsoleLineWaiter ready = new ConsoleLineWaiter(MachineSpec.READY_LINE);
        awaitNextSecond();
        try (QemuMachine machine = start.boot(placeholder, ready, image.toBeSaved())) {
            var unused = machine.exit().thenAccept(ready::gone);
            await(ready);
            checkUnchanged(start, spec, key, machine);
            listener.preparing(SAVING);
            machine.save(image.state(), bootLimit);
        }
        for (Disk disk : placeholder.disks()) {
            if (disk.access() == Disk.Access.READ_WRITE) {
                Files.delete(disk.file());
            }
        }
    }

    // QEMU's clock chip begins with the whole second in which QEMU starts. All machines that are resumed from this one
    // would lag behind by the rest of that second.
    private void awaitNextSecond() throws InterruptedException {
        Thread.sleep(1000 - clock.millis() % 1000);
    }

    private void await(ConsoleLineWaiter ready) throws HypervisorException, InterruptedException {
        String what = "ended";
        try {
            if (ready.future().get(bootLimit.toNanos(), TimeUnit.NANOSECONDS)) {
                return;
            }
        } catch (TimeoutException e) {
            what = "ran for " + bootLimit.toSeconds() + " s";
        } catch (ExecutionException e) {
            throw new HypervisorException("waiting for a guest failed", e);
        }
        TerminalSafeExcerpt printed = TerminalSafeExcerpt.of(ready.tail());
        throw new HypervisorException("the machine that was booted to be saved " + what
                + " without saying that it is ready, which the guest contract requires"
                + (printed.isEmpty() ? "; it printed nothing" : "; it printed: " + printed));
    }
}
