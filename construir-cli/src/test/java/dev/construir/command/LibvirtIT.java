package dev.construir.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.construir.image.RootImage;
import dev.construir.machine.HypervisorProvider;
import dev.construir.machine.Preference;
import dev.construir.run.JobResult;
import dev.construir.run.Outcome;
import dev.construir.run.Run;
import dev.construir.run.Runner;
import dev.construir.run.RunnerPool;
import dev.construir.testing.LibvirtDaemon;
import dev.construir.testing.TestImages;
import dev.construir.testkit.TestJobs;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** libvirt by the command, and beside QEMU in a pool. */
@Timeout(180)
class LibvirtIT {
    @TempDir
    Path place;

    @TempDir
    Path directory;

    private LibvirtDaemon daemon;

    @BeforeEach
    void start() throws Exception {
        daemon = LibvirtDaemon.start(place);
    }

    @AfterEach
    void stop() {
        daemon.close();
    }

    @Test
    void runAndDoctorTakeIt() throws Exception {
        String hypervisor = "libvirt:" + daemon.uri();
        Path job = Files.createDirectories(directory.resolve("job/bin"));
        Path script = Files.writeString(job.resolve("construir"), "#!/bin/sh\necho by libvirt; exit 9\n");
        assertThat(script.toFile().setExecutable(true)).isTrue();
        Launch run = Launch.of(
                directory,
                "run",
                "--hypervisor",
                hypervisor,
                "--accelerator",
                "never",
                "--memory",
                "128M",
                "--root",
                TestImages.find("tiny").toString(),
                directory.resolve("job").toString());
        assertThat(run.out()).as(run.err()).isEqualTo("by libvirt\n");
        assertThat(run.status()).isEqualTo(9);
        Launch doctor = Launch.of(directory, "doctor", "--hypervisor", hypervisor);
        assertThat(doctor.out())
                .contains(
                        "works    library: libvirt ",
                        "works    daemon: " + daemon.uri(),
                        "works    rights: QEMU runs as this user")
                .contains("works    domain type qemu", "domain type kvm")
                .doesNotContain("accelerator tcg")
                .endsWith("Machines can be run here.\n");
    }

    @Test
    void watchTakesIt() throws Exception {
        QueueDirectory queue = new QueueDirectory(Files.createDirectory(directory.resolve("jobs")));
        queue.put("good", "echo by libvirt");
        queue.put("bad", "exit 3");
        queue.put("hanging", "exec sleep 600");
        Process watcher = Launch.start(
                directory,
                "watch",
                "--hypervisor=libvirt:" + daemon.uri(),
                "--accelerator=never",
                "--jobs=3",
                "--idle-timeout=2s",
                "--grace=2m",
                "--memory=128M",
                "--disk=16M",
                "--reserve=64M",
                "--root=" + TestImages.find("tiny"),
                "--scratch=" + directory.resolve("scratch"),
                queue.top().toString());
        await().atMost(Duration.ofMinutes(1))
                .until(() -> !watcher.isAlive()
                        || (queue.names("done").size() == 6
                                && queue.names("failed").size() == 3));
        watcher.destroy();
        Launch launch = Launch.end(watcher, directory);
        assertThat(launch.status()).as(launch.err()).isZero();
        assertThat(queue.names("done"))
                .as(launch.err())
                .containsExactly("bad.img.xz", "bad.json", "bad.log", "good.img.xz", "good.json", "good.log");
        assertThat(queue.names("failed")).containsExactly("hanging.img.xz", "hanging.json", "hanging.log");
        assertThat(queue.read("done", "good.log")).isEqualTo("by libvirt\n");
        assertThat(queue.read("done", "good.json")).contains("\"libvirt\"");
        assertThat(daemon.domains()).isEmpty();
    }

    private Runner runner(String backend, Optional<URI> where) throws Exception {
        HypervisorProvider provider = HypervisorProvider.installed().stream()
                .filter(p -> p.name().equals(backend))
                .findAny()
                .orElseThrow();
        return Runner.builder(provider.create(where, directory.resolve(backend)), RootImage.in(TestImages.find("tiny")))
                .scratch(directory.resolve("runs"))
                .hardwareAcceleration(Preference.NEVER)
                .build();
    }

    @Test
    void aPoolGoesOnWithoutIt() throws Exception {
        try (Runner pool = RunnerPool.builder()
                .add("libvirt", runner("libvirt", Optional.of(daemon.uri())), 1)
                .add("qemu", runner("qemu", Optional.empty()), 1)
                .build()) {
            List<Run> runs = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                runs.add(pool.start(TestJobs.script("exit " + i)));
            }
            Set<String> used = new TreeSet<>();
            for (int i = 0; i < 2; i++) {
                try (JobResult result = runs.get(i).await()) {
                    assertThat(result.outcome()).isEqualTo(new Outcome.Exited(i));
                    used.add(result.machine().orElseThrow().hypervisor());
                }
            }
            assertThat(used).containsExactly("libvirt", "qemu");
            daemon.kill();
            try (JobResult result = pool.run(TestJobs.script("exit 5"))) {
                assertThat(result.outcome()).isEqualTo(new Outcome.Exited(5));
                assertThat(result.machine().orElseThrow().hypervisor()).isEqualTo("qemu");
            }
        }
    }
}
