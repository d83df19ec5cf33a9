package dev.construir.libvirt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.construir.image.RootImage;
import dev.construir.machine.HypervisorException;
import dev.construir.machine.Preference;
import dev.construir.run.JobResult;
import dev.construir.run.Outcome;
import dev.construir.run.Runner;
import dev.construir.sandbox.Execution;
import dev.construir.sandbox.ExecutionEnd;
import dev.construir.sandbox.PortForward;
import dev.construir.sandbox.Sandbox;
import dev.construir.testing.LibvirtDaemon;
import dev.construir.testing.TestImages;
import dev.construir.testkit.TestJobs;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Another host by ssh: this one, by an sshd of the test's own. */
@Timeout(120)
class RemoteIT {
    @TempDir
    static Path place;

    @TempDir
    static Path keys;

    @TempDir
    Path scratch;

    private static LibvirtDaemon daemon;
    private static Process sshd;
    private static int port;

    @BeforeAll
    static void start() throws Exception {
        daemon = LibvirtDaemon.start(place);
        for (String key : new String[] {"host", "user"}) {
            run(
                    "ssh-keygen",
                    "-q",
                    "-t",
                    "ed25519",
                    "-N",
                    "",
                    "-f",
                    keys.resolve(key).toString());
        }
        Files.copy(keys.resolve("user.pub"), keys.resolve("authorized"));
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        Files.writeString(
                keys.resolve("sshd.conf"),
                String.join(
                        "\n",
                        "ListenAddress 127.0.0.1:" + port,
                        "HostKey " + keys.resolve("host"),
                        "AuthorizedKeysFile " + keys.resolve("authorized"),
                        "PidFile none",
                        "UsePAM no",
                        "StrictModes no",
                        "PermitRootLogin yes",
                        ""));
        // the tester's own configuration and list of hosts stay out of it
        Path ssh = Files.writeString(
                keys.resolve("ssh"),
                "#!/bin/sh\nexec ssh -F /dev/null -o UserKnownHostsFile=" + keys.resolve("known") + " \"$@\"\n");
        Files.setPosixFilePermissions(ssh, PosixFilePermissions.fromString("rwx------"));
        if ("root".equals(System.getProperty("user.name"))) {
            Files.createDirectories(Path.of("/run/sshd"));
        }
        sshd = new ProcessBuilder(
                        "/usr/sbin/sshd",
                        "-D",
                        "-e",
                        "-f",
                        keys.resolve("sshd.conf").toString())
                .redirectErrorStream(true)
                .redirectOutput(keys.resolve("sshd.log").toFile())
                .start();
        Awaitility.await().atMost(20, TimeUnit.SECONDS).until(RemoteIT::listens);
    }

    @AfterAll
    static void stop() throws Exception {
        sshd.destroy();
        sshd.waitFor();
        daemon.close();
    }

    private static void run(String... command) throws IOException, InterruptedException {
        assertThat(new ProcessBuilder(command).inheritIO().start().waitFor()).isZero();
    }

    private static boolean listens() throws IOException {
        assertThat(sshd.isAlive())
                .as(Files.readString(keys.resolve("sshd.log")))
                .isTrue();
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return socket.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    private static URI uri() {
        URI local = daemon.uri();
        return URI.create("qemu+ssh://" + System.getProperty("user.name") + "@127.0.0.1:" + port + local.getPath() + "?"
                + local.getQuery() + "&keyfile=" + keys.resolve("user")
                + "&no_verify=1&sshauth=privkey&no_tty=1&command="
                + keys.resolve("ssh"));
    }

    private Runner runner(URI uri, RootImage image) throws Exception {
        return Runner.builder(
                        LibvirtHypervisor.builder()
                                .uri(uri)
                                .scratch(scratch.resolve("l"))
                                .build(),
                        image)
                .scratch(scratch.resolve("runs"))
                .hardwareAcceleration(Preference.NEVER)
                .build();
    }

    @Test
    void jobsRunThereAndTheirOutputComesHere() throws Exception {
        try (Runner runner = runner(uri(), RootImage.in(TestImages.find("tiny")))) {
            try (JobResult result = runner.run(TestJobs.script("seq 100000; exit 3"))) {
                assertThat(result.outcome()).isEqualTo(new Outcome.Exited(3));
                assertThat(result.output().text()).endsWith("\n99999\n100000\n");
                assertThat(result.output().total()).isEqualTo(588_895);
                assertThat(result.console().text()).contains("construir: ended");
            }
        }
        assertThat(scratch.resolve("l")).isEmptyDirectory();
        assertThat(daemon.domains()).isEmpty();
    }

    @Test
    void aSandboxThere_isUsedFromHere() throws Exception {
        Path tree = Files.createDirectories(scratch.resolve("tree/below"));
        Files.writeString(tree.resolve("note"), "from here\n");
        try (Runner runner = runner(uri(), RootImage.in(TestImages.find("tiny")));
                Sandbox vm = Sandbox.open(runner)) {
            vm.copyIn(scratch.resolve("tree"), "/job/tree");
            assertThat(vm.sh("cat /job/tree/below/note; echo apart >&2; exit 3").run())
                    .satisfies(result -> assertThat(result.end()).isEqualTo(new ExecutionEnd.Exited(3)))
                    .satisfies(result -> assertThat(result.stdout().text()).isEqualTo("from here\n"))
                    .satisfies(result -> assertThat(result.stderr().text()).isEqualTo("apart\n"));
            try (Execution cat = vm.exec("wc", "-c").start()) {
                cat.stdin().write(new byte[3_000_000]);
                cat.stdin().close();
                assertThat(cat.await().stdout().text()).isEqualTo("3000000\n");
            }
            assertThat(vm.exec("seq", "100000").run().orThrow().stdout().total())
                    .isEqualTo(588_895);
            vm.copyOut("/job/tree", scratch.resolve("back"));
            assertThat(scratch.resolve("back/below/note")).hasContent("from here");
            try (PortForward echo = vm.forward(7000);
                    Execution server =
                            vm.exec("nc", "-l", "-p", "7000", "-e", "cat").start()) {
                Awaitility.await().atMost(20, TimeUnit.SECONDS).until(() -> echoes(echo.port()));
                server.kill();
            }
        }
        assertThat(daemon.domains()).isEmpty();
    }

    private static boolean echoes(int port) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.getOutputStream().write("hello".getBytes(StandardCharsets.US_ASCII));
            socket.shutdownOutput();
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII).equals("hello");
        }
    }

    @Test
    void otherTransportsAreRefused() throws Exception {
        try (Runner runner =
                runner(URI.create("qemu+tcp://127.0.0.1:" + port + "/system"), RootImage.in(TestImages.find("tiny")))) {
            assertThatThrownBy(() -> runner.run(TestJobs.script("true")))
                    .isInstanceOf(HypervisorException.class)
                    .hasMessageContaining("qemu+ssh only");
        }
    }
}
