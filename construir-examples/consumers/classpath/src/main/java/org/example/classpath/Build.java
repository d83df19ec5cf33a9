package org.example.classpath;

import dev.construir.image.RootImage;
import dev.construir.job.Job;
import dev.construir.qemu.QemuHypervisor;
import dev.construir.run.JobResult;
import dev.construir.run.Runner;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** Runs a job on the root image that is named, and reads a file it has left. */
public final class Build {
    private Build() {}

    public static void main(String... arguments) throws Exception {
        Job job = Job.script("sum", "echo $((6 * 7)) >sum.txt");
        try (Runner runner = Runner.on(QemuHypervisor.create(), RootImage.at(Path.of(arguments[0])));
                JobResult result = runner.run(job)) {
            byte[] sum = result.orThrow().files().open("sum.txt").readAllBytes();
            if (!new String(sum, StandardCharsets.UTF_8).equals("42\n")) {
                throw new IllegalStateException("a strange sum: " + new String(sum, StandardCharsets.UTF_8));
            }
            System.out.println("the job " + result.outcome().describe() + " on " + result.machine().orElseThrow().hypervisor());
        }
    }
}
