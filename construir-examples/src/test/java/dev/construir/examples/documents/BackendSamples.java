package dev.construir.examples.documents;

import dev.construir.image.RootImage;
import dev.construir.job.Job;
import dev.construir.libvirt.LibvirtHypervisor;
import dev.construir.machine.Hypervisor;
import dev.construir.qemu.QemuHypervisor;
import dev.construir.run.JobResult;
import dev.construir.run.Runner;
import java.net.URI;
import java.nio.file.Path;

/** The examples in the javadoc of the backends; {@link DocumentsTest} checks that both are the same. */
final class BackendSamples {
    private BackendSamples() {}

    static void qemu() throws Exception {
        try (Hypervisor qemu = QemuHypervisor.create();
                Runner runner = Runner.on(qemu, RootImage.in(Path.of("debian")));
                JobResult result = runner.run(Job.script("hello", "echo hello"))) {
            System.out.print(result.output().text());
        }
    }

    static void libvirt() throws Exception {
        try (Hypervisor libvirt = LibvirtHypervisor.builder()
                        .uri(URI.create("qemu:///system"))
                        .build();
                Runner runner = Runner.on(libvirt, RootImage.in(Path.of("debian")));
                JobResult result = runner.run(Job.script("hello", "echo hello"))) {
            System.out.print(result.output().text());
        }
    }
}
