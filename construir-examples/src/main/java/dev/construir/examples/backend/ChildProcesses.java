package dev.construir.examples.backend;

import dev.construir.backend.MachineScratch;
import dev.construir.backend.ProcessMachine;
import dev.construir.backend.RunningMachines;
import dev.construir.machine.Diagnosis;
import dev.construir.machine.Hypervisor;
import dev.construir.machine.HypervisorException;
import dev.construir.machine.Machine;
import dev.construir.machine.MachineInfo;
import dev.construir.machine.MachineListener;
import dev.construir.machine.MachineSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Runs jobs as child processes: NO ISOLATION. A job has all rights of the user who runs it, sees the host's files,
 * network and processes, and ignores root image, memory and processors. For jobs of your own, and as a pattern for a
 * container or a sandbox.
 */
public final class ChildProcesses implements Hypervisor {
    private final RunningMachines machines = new RunningMachines();
    private final MachineScratch scratch;
    private final ProcessMachine.Program program;

    /**
     * Creates the backend.
     *
     * @param scratch a directory for what lives no longer than a job; created if it is missing
     */
    public ChildProcesses(Path scratch) {
        this(scratch, ChildProcesses::command);
    }

    ChildProcesses(Path scratch, ProcessMachine.Program program) {
        this.scratch = new MachineScratch(scratch, leftover -> {});
        this.program = program;
    }

    // setpriv has the kernel kill the job when this Java process dies.
    private static ProcessBuilder command(MachineSpec spec, Path job, Map<String, String> environment) {
        String script = job.resolve("bin/construir").toString();
        ProcessBuilder child =
                new ProcessBuilder("setpriv", "--pdeathsig", "KILL", "--", script).directory(job.toFile());
        child.environment().clear();
        child.environment().putAll(environment);
        return child;
    }

    @Override
    public String name() {
        return "child-processes";
    }

    @Override
    public Diagnosis diagnose() {
        return new Diagnosis(name(), List.of());
    }

    @Override
    public Machine start(MachineSpec spec, MachineListener listener) throws HypervisorException, InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException("interrupted before a process was started");
        }
        MachineInfo info =
                new MachineInfo(name(), "1", "none", "jobs run on the host", false, Optional.empty(), List.of());
        return machines.start(spec.name(), () -> {
            try {
                return ProcessMachine.start(spec, info, scratch.open().directory(spec.name()), program, listener);
            } catch (IOException e) {
                throw new HypervisorException("the process " + spec.name() + " did not start: " + e.getMessage(), e);
            }
        });
    }

    @Override
    public Use use() {
        return machines.use(scratch::release);
    }

    @Override
    public void close() {
        machines.close();
        scratch.close();
    }
}
