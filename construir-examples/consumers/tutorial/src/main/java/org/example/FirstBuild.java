package org.example;

import dev.construir.image.RootImage;
import dev.construir.job.Job;
import dev.construir.job.Limits;
import dev.construir.qemu.QemuHypervisor;
import dev.construir.run.JobResult;
import dev.construir.run.RunListener;
import dev.construir.run.Runner;
import java.nio.file.Path;
import java.time.Duration;

/** Compiles a directory of C in a machine, and brings back what that made. */
public final class FirstBuild {
    private FirstBuild() {}

    /**
     * Runs the build.
     *
     * @param arguments the root image, the directory to build, and the directory for the results
     * @throws Exception if the job failed, or could not be run
     */
    public static void main(String... arguments) throws Exception {
        RootImage image = RootImage.at(Path.of(arguments[0]));
        Job job = Job.script(Path.of(arguments[1]), "gcc -O2 -Wall -o hello hello.c && ./hello")
                .withLimits(Limits.DEFAULT.withTotal(Duration.ofMinutes(10)));
        try (Runner runner = Runner.on(QemuHypervisor.create(), image);
                JobResult result = runner.run(job, RunListener.to(System.out))) {
            result.orThrow().copyOutputsTo(Path.of(arguments[2]));
            System.out.println(result.outcome().describe());
        }
    }
}
