package org.example.modules;

import dev.construir.image.RootImage;
import dev.construir.job.Job;
import dev.construir.machine.HypervisorProvider;
import dev.construir.qemu.QemuHypervisor;
import dev.construir.run.JobResult;
import dev.construir.run.Runner;
import dev.construir.scratch.Scratch;
import java.nio.file.Path;
import java.util.Optional;

/** Runs a job on the root image that is named, by a backend that the module system finds. */
public final class Build {
    private Build() {}

    public static void main(String... arguments) throws Exception {
        for (Class<?> type : new Class<?>[] {Runner.class, QemuHypervisor.class}) {
            if (!type.getModule().isNamed() || type.getModule().getDescriptor().isAutomatic()) {
                throw new IllegalStateException(type + " is in no module of its own");
            }
        }
        HypervisorProvider qemu = HypervisorProvider.installed().stream()
                .filter(provider -> provider.name().equals("qemu"))
                .findFirst()
                .orElseThrow();
        Path scratch = Scratch.defaultRoot().resolve("qemu");
        try (Runner runner = Runner.on(qemu.create(Optional.empty(), scratch), RootImage.at(Path.of(arguments[0])));
                JobResult result = runner.run(Job.script("greeting", "echo hello"))) {
            if (!result.orThrow().output().text().equals("hello\n")) {
                throw new IllegalStateException("strange words: " + result.output().text());
            }
            System.out.println("the job " + result.outcome().describe() + " by " + Runner.class.getModule());
        }
    }
}
