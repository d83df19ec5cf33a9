package dev.construir.qemu.jobs;

import dev.construir.machine.Diagnosis;
import dev.construir.machine.Hypervisor;
import dev.construir.machine.HypervisorException;
import dev.construir.machine.Machine;
import dev.construir.machine.MachineListener;
import dev.construir.machine.MachineSpec;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/**
 * A hypervisor on a host so busy that every read of a machine's output takes a while.
 *
 * @param hypervisor runs the machines; closed with this one
 * @param delay what each read takes
 */
record SlowlyRead(Hypervisor hypervisor, Duration delay) implements Hypervisor {
    @Override
    public String name() {
        return hypervisor.name();
    }

    @Override
    public Diagnosis diagnose() {
        return hypervisor.diagnose();
    }

    @Override
    public Machine start(MachineSpec spec, MachineListener listener) throws HypervisorException, InterruptedException {
        return hypervisor.start(spec, new MachineListener() {
            @Override
            public void console(ByteBuffer bytes) {
                listener.console(bytes);
            }

            @Override
            public void output(ByteBuffer bytes) {
                LockSupport.parkNanos(delay.toNanos());
                listener.output(bytes);
            }

            @Override
            public void running() {
                listener.running();
            }
        });
    }

    @Override
    public Use use() {
        return hypervisor.use();
    }

    @Override
    public void close() {
        hypervisor.close();
    }
}
