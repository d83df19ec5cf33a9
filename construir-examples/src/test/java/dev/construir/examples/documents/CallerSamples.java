package dev.construir.examples.documents;

import dev.construir.backend.MachineScratch;
import dev.construir.backend.ProcessMachine;
import dev.construir.image.RootImage;
import dev.construir.job.Job;
import dev.construir.machine.Hypervisor;
import dev.construir.machine.Machine;
import dev.construir.machine.MachineInfo;
import dev.construir.machine.MachineListener;
import dev.construir.machine.MachineSpec;
import dev.construir.run.ForwardingJobResult;
import dev.construir.run.JobResult;
import dev.construir.run.RunEvent;
import dev.construir.run.RunListener;
import dev.construir.run.RunSummary;
import dev.construir.run.Runner;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;

/** Holds what docs/howto/java-recipes.md and the javadoc of entry types show, so that it compiles. */
final class CallerSamples {
    private CallerSamples() {}

    static Job building() {
        Job job = Job.of(
                "greet",
                disk -> disk.file("data.txt", "hello")
                        .executable("bin/construir", "#!/bin/sh\ncat data.txt\n")
                        .copy("src", Path.of("project")));
        return job;
    }

    static void results(Runner runner, Job job) throws Exception {
        try (JobResult result = runner.run(job).orThrow()) {
            String sum = result.text("sum.txt");
            List<String> printed = result.outputLines();
            result.copyOutputsTo(Path.of("out"));
        }
    }

    static JobResult lines(Runner runner, Job job, Logger logger) throws Exception {
        JobResult result = runner.run(job, RunListener.lines(logger::info));
        return result;
    }

    static RunListener listening() {
        RunListener listener = event -> {
            if (event instanceof RunEvent.MachineGone) {
                System.err.println(event.job().name() + " has ended");
            }
        };
        return listener;
    }

    static void several(Runner runner, Job build, Job test) throws Exception {
        try (RunSummary summary = runner.runAll(List.of(build, test))) {
            System.out.println(summary.describe());
        }
    }

    static void shutdown(Hypervisor hypervisor, RootImage root, Job job) throws Exception {
        try (Runner runner = Runner.on(hypervisor, root).closeOnShutdown();
                JobResult result = runner.run(job)) {
            System.out.println(result.outcome().describe());
        }
    }

    static String digests(Runner runner, Job job) throws Exception {
        String key = job.digest() + "-" + runner.root().orElseThrow().digest();
        return key;
    }

    record Uploaded(JobResult delegate, Path copy) implements ForwardingJobResult {
        @Override
        public Optional<Path> diskFile() {
            return Optional.of(copy);
        }
    }

    static Machine sandbox(MachineSpec spec, MachineInfo info, MachineScratch scratch, MachineListener listener)
            throws Exception {
        ProcessMachine.Program program = (machine, job, environment) -> {
            ProcessBuilder sandbox = new ProcessBuilder(
                    "bwrap",
                    "--ro-bind",
                    "/srv/root",
                    "/",
                    "--bind",
                    job.toString(),
                    "/job",
                    "--chdir",
                    "/job",
                    "--unshare-all",
                    "--die-with-parent",
                    "/job/bin/construir");
            sandbox.environment().putAll(environment);
            return sandbox;
        };
        Machine machine = ProcessMachine.start(spec, info, scratch.open().directory(spec.name()), program, listener);
        return machine;
    }
}
