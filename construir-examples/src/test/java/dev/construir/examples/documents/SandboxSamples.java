package dev.construir.examples.documents;

import dev.construir.image.RootImage;
import dev.construir.job.Job;
import dev.construir.job.Limits;
import dev.construir.job.Resources;
import dev.construir.machine.Preference;
import dev.construir.qemu.QemuHypervisor;
import dev.construir.run.Runner;
import dev.construir.sandbox.Checkpoint;
import dev.construir.sandbox.CheckpointStore;
import dev.construir.sandbox.Execution;
import dev.construir.sandbox.ExecutionEnd;
import dev.construir.sandbox.ExecutionResult;
import dev.construir.sandbox.PortForward;
import dev.construir.sandbox.Sandbox;
import dev.construir.sandbox.SandboxOptions;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import org.slf4j.Logger;

/** The samples about sandboxes; {@link DocumentsTest} checks that both are the same. */
final class SandboxSamples {
    private SandboxSamples() {}

    static Job observed(Job job) {
        Job observed = Sandbox.onFailure(
                job,
                vm -> System.err.println(vm.sh("dmesg | tail").run().stdout().text()));
        return observed;
    }

    static void open(Path debian) throws Exception {
        try (Sandbox vm = Sandbox.open(QemuHypervisor.create(), RootImage.in(debian))) {
            vm.copyIn(Path.of("src"), "/work");
            ExecutionResult check = vm.exec("make", "-C", "/work", "check")
                    .env("CI", "1")
                    .timeout(Duration.ofMinutes(5))
                    .run();
            System.out.println(check.end().describe());
            vm.copyOut("/work/report", Path.of("out"));
        }
    }

    static void pool(Path debian) throws Exception {
        try (Runner runner = Runner.builder(QemuHypervisor.create(), RootImage.in(debian))
                        .warmStart(Preference.PREFER)
                        .warmPool(4, Resources.DEFAULT)
                        .build();
                Sandbox vm = Sandbox.open(runner, SandboxOptions.DEFAULT.withName("compile"))) {
            vm.exec("hostname").run();
        }
    }

    static SandboxOptions options() {
        SandboxOptions options = SandboxOptions.DEFAULT
                .withName("compile")
                .withResources(Resources.DEFAULT.withCpus(4))
                .withLimits(Limits.DEFAULT.withTotal(Duration.ofMinutes(20)));
        return options;
    }

    static String version(Sandbox vm) throws Exception {
        String version = vm.exec("cc", "--version").text();
        return version;
    }

    static String versionElsewhere(Sandbox vm) throws Exception {
        String version = vm.exec("cc", "--version").directory("/tmp").text();
        return version;
    }

    static void result(Sandbox vm) throws Exception {
        ExecutionResult result = vm.exec("cc", "--version").run();
        if (result.isSuccess()) {
            System.out.println(result.stdout().text());
        }
        if (result.end() instanceof ExecutionEnd.Exited exited) {
            System.out.println("exit status " + exited.code());
        } else if (result.end() instanceof ExecutionEnd.Lost lost) {
            System.out.println("lost: " + lost.why());
        } else {
            System.out.println(result.end().describe());
        }
    }

    static void streams(Sandbox vm) throws Exception {
        try (Execution build = vm.exec("make").mergeStderr().start()) {
            build.stdout().transferTo(System.out);
            System.out.println(build.await().end().describe());
        }
        try (Execution make = vm.exec("make", "check").start()) {
            make.stdout().transferTo(System.out);
            System.out.println(make.await().end().describe());
        }
    }

    static void lines(Sandbox vm, Logger logger) throws Exception {
        vm.exec("make").stdoutLines(logger::info).stderrLines(logger::warn).run();
    }

    static void input(Sandbox vm) throws Exception {
        ExecutionResult sorted = vm.exec("sort").input("b\na\n").run();
        try (Execution shell =
                vm.exec("sh").terminal(24, 80).env("TERM", "vt100").start()) {
            shell.stdin().write("tty; exit\n".getBytes(StandardCharsets.UTF_8));
            shell.stdin().flush();
            shell.resize(50, 120);
            System.out.println(new String(shell.stdout().readAllBytes(), StandardCharsets.UTF_8));
        }
        System.out.println(sorted.stdout().text());
    }

    static void files(Sandbox vm, InputStream archive) throws Exception {
        vm.copyIn(disk -> disk.file("greeting.txt", "hello").tar("src", archive), "/work");
    }

    static void checkpoint(Sandbox vm) throws Exception {
        try (Checkpoint installed = vm.checkpoint();
                Sandbox first = installed.open();
                Sandbox second = installed.open()) {
            first.sh("echo first > /tmp/mine").run();
            second.sh("test ! -e /tmp/mine").run().orThrow();
        }
    }

    static void checkpointOfRunner(Runner runner) throws Exception {
        try (Sandbox vm = Sandbox.open(runner)) {
            vm.sh("apt-get install -y ./packages/*.deb").run().orThrow();
            try (Checkpoint installed = vm.checkpoint();
                    Sandbox first = installed.open();
                    Sandbox second = installed.open(SandboxOptions.DEFAULT.withName("second"))) {
                first.sh("echo first > /tmp/mine").run();
                second.sh("test ! -e /tmp/mine").run().orThrow();
            }
        }
    }

    static void named(Runner runner, Path packages) throws Exception {
        CheckpointStore store = CheckpointStore.ofUser();
        try (Sandbox vm = store.open("postgres-15", runner, SandboxOptions.DEFAULT, fresh -> {
            fresh.copyIn(packages, "/tmp/packages");
            fresh.sh("apt-get install -y /tmp/packages/*.deb").run().orThrow();
        })) {
            vm.exec("psql", "--version").run().orThrow();
        }
    }

    static void namedInJavadoc(Runner runner, Path packages) throws Exception {
        CheckpointStore store = CheckpointStore.ofUser();
        try (Sandbox vm = store.open("postgres-15", runner, SandboxOptions.DEFAULT, fresh -> {
            fresh.copyIn(packages, "/tmp/packages");
            fresh.sh("dpkg -i /tmp/packages/*.deb").run().orThrow();
        })) {
            vm.exec("psql", "--version").run().orThrow();
        }
    }

    static Job onFailure(Job job) {
        Job observed = Sandbox.onFailure(
                job,
                vm -> System.err.println(vm.sh("dmesg | tail").run().stdout().text()));
        return observed;
    }

    static void ports(Sandbox vm, HttpClient client) throws Exception {
        try (PortForward web = vm.forward(8080)) {
            URI page = URI.create("http://127.0.0.1:" + web.port() + "/");
            System.out.println(client.send(HttpRequest.newBuilder(page).build(), BodyHandlers.ofString())
                    .body());
        }
    }
}
