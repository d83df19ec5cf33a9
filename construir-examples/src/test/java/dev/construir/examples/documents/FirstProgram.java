package dev.construir.examples.documents;

import dev.construir.image.RootImage;
import dev.construir.job.Job;
import dev.construir.qemu.QemuHypervisor;
import dev.construir.run.JobResult;
import dev.construir.run.RunListener;
import dev.construir.run.Runner;
import java.nio.file.Path;

/** The README's first program, as somebody would start it; {@link DocumentsTest} sees that both are the same. */
final class FirstProgram {
    private FirstProgram() {}

    @SuppressWarnings("ClosingStandardOutputStreams") // the listener prints to it, and closes nothing
    public static void main(String[] arguments) throws Exception {
        try (Runner runner = Runner.on(QemuHypervisor.create(), RootImage.in(Path.of("debian")));
                JobResult result = runner.run(Job.fromDirectory(Path.of("hello")), RunListener.to(System.out))) {
            result.orThrow().copyOutputsTo(Path.of("out"));
            System.out.println(result.outcome().describe());
        }
    }
}
