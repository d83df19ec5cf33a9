package dev.construir.qemu;

import dev.construir.backend.InterruptDetection;
import dev.construir.backend.Overlay;
import dev.construir.machine.Disk;
import dev.construir.machine.HypervisorException;
import dev.construir.machine.Machine;
import dev.construir.machine.MachineListener;
import dev.construir.machine.MachineSpec;
import dev.construir.machine.WarmMachine;
import dev.construir.qemu.commandline.DiskExchange;
import dev.construir.text.Reason;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;

/** A QEMU that has read a memory snapshot and is paused. Its own disks replace the placeholders when it is started. */
final class QemuWarmMachine implements WarmMachine {
    private final MachineStart start;
    private final MachineSpec spec;
    private final QemuMachine machine;
    private final DeferredListener deferredListener;
    private final Check check;
    private final AtomicBoolean taken = new AtomicBoolean();

    /** Ends the machine and fails if it should not be started any more. */
    @FunctionalInterface
    interface Check {
        void pass() throws HypervisorException, IOException, InterruptedException;
    }

    QemuWarmMachine(
            MachineStart start, MachineSpec spec, QemuMachine machine, DeferredListener deferredListener, Check check) {
        this.start = start;
        this.spec = spec;
        this.machine = machine;
        this.deferredListener = deferredListener;
        this.check = check;
    }

    /** Returns the machine inside. */
    QemuMachine machine() {
        return machine;
    }

    @Override
    public Machine start(MachineListener listener) throws HypervisorException, InterruptedException {
        Objects.requireNonNull(listener, "listener");
        if (!taken.compareAndSet(false, true)) {
            throw new HypervisorException("the machine " + spec.name() + " was started or closed already");
        }
        deferredListener.become(listener);
        start.run(machine, spec, exchange());
        return machine;
    }

    private List<DiskExchange.Command> exchange() throws HypervisorException, InterruptedException {
        boolean complete = false;
        try {
            check.pass();
            List<DiskExchange.Command> commands = new ArrayList<>();
            for (int i = 0; i < spec.disks().size(); i++) {
                Disk disk = spec.disks().get(i);
                if (disk.access() == Disk.Access.READ_WRITE) {
                    commands.addAll(DiskExchange.replace(spec, i));
                    commands.add(DiskExchange.announce(i, Overlay.virtualSize(disk)));
                }
            }
            complete = true;
            return commands;
        } catch (IOException e) {
            InterruptDetection.check(e);
            throw new HypervisorException(
                    "a file of the machine " + spec.name() + " cannot be used: " + Reason.of(e), e);
        } finally {
            if (!complete) {
                machine.close();
            }
        }
    }

    @Override
    public void close() {
        if (taken.compareAndSet(false, true)) {
            machine.close();
        }
    }

    /** Returns the machine's name. */
    @Override
    public String toString() {
        return "QEMU machine " + spec.name() + ", ready";
    }
}
