package org.example.backend;

import dev.construir.machine.Diagnosis;
import dev.construir.machine.Hypervisor;
import dev.construir.machine.HypervisorException;
import dev.construir.machine.Machine;
import dev.construir.machine.MachineExit;
import dev.construir.machine.MachineInfo;
import dev.construir.machine.MachineListener;
import dev.construir.machine.MachineSpec;
import dev.construir.machine.Usage;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;

/** Plays machines: each is a thread that is an {@link EchoGuest}. */
final class EchoHypervisor implements Hypervisor {
    private final List<Machine> machines = new CopyOnWriteArrayList<>();
    private boolean closed;

    @Override
    public String name() {
        return "echo";
    }

    @Override
    public Diagnosis diagnose() {
        return new Diagnosis(name(), List.of()); // nothing can be missing
    }

    @Override
    public synchronized Machine start(MachineSpec spec, MachineListener listener) throws HypervisorException {
        if (closed) {
            throw new HypervisorException("this hypervisor is closed; create another one");
        }
        EchoMachine machine = new EchoMachine(new EchoGuest(spec.disks().get(1), listener));
        machines.add(machine);
        machine.exit().thenRun(() -> machines.remove(machine));
        machine.thread.start();
        return machine;
    }

    @Override
    public synchronized void close() {
        closed = true;
        machines.forEach(Machine::close);
    }

    private static final class EchoMachine implements Machine {
        private final CompletableFuture<MachineExit> exit = new CompletableFuture<>();
        private final AtomicReference<String> killedFor = new AtomicReference<>();
        private final Thread thread;

        EchoMachine(EchoGuest guest) {
            thread = new Thread(() -> exit.complete(play(guest)), "echo-machine");
            thread.setDaemon(true); // it must not outlive the Java process
        }

        private MachineExit play(EchoGuest guest) {
            try {
                guest.run();
                return new MachineExit.PoweredOff();
            } catch (Exception e) { // whatever it is, the machine must end
                String why = killedFor.get();
                return why == null ? new MachineExit.Died(1, e.toString()) : new MachineExit.Killed(why);
            }
        }

        @Override
        public MachineInfo info() {
            return new MachineInfo("echo", "1", "none", "nothing to accelerate", false, Optional.empty(), List.of());
        }

        @Override
        public CompletableFuture<MachineExit> exit() {
            return exit;
        }

        @Override
        public Usage usage() {
            return Usage.NONE;
        }

        @Override
        public void kill(String why) {
            if (killedFor.compareAndSet(null, why)) {
                thread.interrupt();
            }
        }

        @Override
        public void close() {
            kill("closed");
            exit.join();
        }
    }
}
