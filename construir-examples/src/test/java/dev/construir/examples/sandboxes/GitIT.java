package dev.construir.examples.sandboxes;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.construir.image.RootImage;
import dev.construir.machine.Preference;
import dev.construir.qemu.QemuHypervisor;
import dev.construir.run.Runner;
import dev.construir.sandbox.Execution;
import dev.construir.sandbox.PortForward;
import dev.construir.sandbox.Sandbox;
import dev.construir.testing.HostCommand;
import dev.construir.testing.TestImages;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Clones repositories over a port, from a sandbox and into it. The sandbox has no network. */
@Timeout(300)
class GitIT {
    private static final String COMMIT = "git -c user.name=Ada -c user.email=ada@example.org commit --quiet -m begin";

    private static Runner runner;
    private static Sandbox vm;

    @BeforeAll
    static void install(@TempDir Path work) throws Exception {
        runner = Runner.builder(
                        QemuHypervisor.builder()
                                .memorySnapshots(Path.of("target/memory-snapshots"))
                                .build(),
                        RootImage.in(TestImages.find("debian")))
                .warmStart(Preference.REQUIRE)
                .build();
        vm = Sandbox.open(runner);
        DebianPackages.download(vm, "git", work).install();
    }

    @AfterAll
    static void close() {
        vm.close();
        runner.close();
    }

    @Test
    void theHost_clonesFromTheSandbox(@TempDir Path directory) throws Exception {
        vm.sh("git init --quiet /srv/inside && cd /srv/inside && echo from the guest > README && git add . && "
                        + COMMIT)
                .run()
                .orThrow();
        Path clone = directory.resolve("clone");
        try (Execution daemon = vm.exec(
                                "git", "daemon", "--verbose", "--export-all", "--base-path=/srv", "--listen=127.0.0.1")
                        .start();
                PortForward port = vm.forward(9418)) {
            vm.awaitPort(9418, Duration.ofSeconds(60));
            HostCommand.run("git", "clone", "--quiet", "git://127.0.0.1:" + port.port() + "/inside", clone.toString());
        }
        assertThat(clone.resolve("README")).hasContent("from the guest\n");
    }

    @Test
    void theSandbox_clonesFromTheHost(@TempDir Path directory) throws Exception {
        HostCommand.run(
                "sh",
                "-c",
                "git init --quiet \"$0\" && cd \"$0\" && echo from the host > README && git add . && " + COMMIT
                        + " && git update-server-info",
                directory.toString());
        HttpServer server = serve(directory.resolve(".git"));
        try (PortForward web = vm.listen(0, server.getAddress())) {
            vm.exec("git", "clone", "--quiet", "http://127.0.0.1:" + web.port() + "/", "/srv/clone")
                    .run()
                    .orThrow();
        } finally {
            server.stop(0);
        }
        assertThat(vm.exec("cat", "/srv/clone/README").text()).isEqualTo("from the host");
    }

    /** Serves files on a free port of the host's loopback. */
    private static HttpServer serve(Path directory) throws Exception {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            Path file = directory.resolve(exchange.getRequestURI().getPath().substring(1));
            boolean there = Files.isRegularFile(file);
            exchange.sendResponseHeaders(there ? 200 : 404, there ? 0 : -1);
            if (there) {
                Files.copy(file, exchange.getResponseBody());
            }
            exchange.close();
        });
        server.start();
        return server;
    }
}
