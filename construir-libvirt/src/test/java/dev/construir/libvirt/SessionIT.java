package dev.construir.libvirt;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.construir.image.RootImage;
import dev.construir.machine.Preference;
import dev.construir.run.JobResult;
import dev.construir.run.Runner;
import dev.construir.sandbox.Sandbox;
import dev.construir.testing.LibvirtDaemon;
import dev.construir.testing.TestImages;
import dev.construir.testkit.TestJobs;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.platform.engine.DiscoverySelector;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;
import org.junit.platform.launcher.listeners.TestExecutionSummary;

/** An ordinary user's own libvirt, in a Java process of that user's. Root becomes one for that. */
@Timeout(600)
class SessionIT {
    @TempDir
    Path place;

    @Test
    void anOrdinaryUserNeedsNobody() throws Exception {
        Files.setAttribute(place, "unix:mode", 01777); // as /tmp: who makes something there keeps it
        List<String> command = new ArrayList<>();
        if ("root".equals(System.getProperty("user.name"))) {
            // may read class path and images, which may be in root's home, and nothing more
            String reading = "-all,+dac_read_search";
            command.addAll(List.of("setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"));
            command.addAll(
                    List.of("--securebits=+no_setuid_fixup", "--inh-caps=" + reading, "--ambient-caps=" + reading));
        }
        command.addAll(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-Djna.tmpdir=" + place,
                "-Dconstruir.contracts=" + System.getProperty("construir.contracts", ""),
                "-cp",
                System.getProperty("java.class.path"),
                OrdinaryUser.class.getName(),
                place.toString()));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put("HOME", place.toString());
        builder.environment().put("XDG_CACHE_HOME", place.resolve("cache").toString());
        builder.environment().put("CONSTRUIR_CACHE", TestImages.cache().toString());
        PosixFileAttributes before = attributes();
        Process process = builder.start();
        String said = new String(process.getInputStream().readAllBytes(), UTF_8);
        assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();
        assertThat(said).contains("exited with status 7; it said: it works\n");
        assertThat(said).contains("so does a sandbox\n");
        assertThat(said).contains("the contract: 0 tests failed");
        assertThat(process.exitValue()).as(said).isZero();
        assertThat(place.resolve("cache/libvirt/qemu/log")).isEmptyDirectory(); // a log for each domain, by libvirt
        PosixFileAttributes after = attributes();
        assertThat(after.owner()).isEqualTo(before.owner());
        assertThat(after.permissions()).isEqualTo(before.permissions());
        assertThat(after.lastModifiedTime()).isEqualTo(before.lastModifiedTime());
    }

    private static PosixFileAttributes attributes() throws IOException {
        return Files.readAttributes(TestImages.find("tiny").resolve("root.img"), PosixFileAttributes.class);
    }

    /** Starts a session's daemon and runs a job by it, and then all that every backend keeps, by another. */
    static final class OrdinaryUser {
        private OrdinaryUser() {}

        public static void main(String[] arguments) throws Exception {
            Path place = Path.of(arguments[0]).resolve("user");
            try (LibvirtDaemon daemon = LibvirtDaemon.start(place.resolve("d"));
                    Runner runner = Runner.builder(
                                    LibvirtHypervisor.builder()
                                            .uri(daemon.uri())
                                            .scratch(place.resolve("l"))
                                            .build(),
                                    RootImage.in(TestImages.find("tiny")))
                            .scratch(place.resolve("runs"))
                            .hardwareAcceleration(Preference.NEVER)
                            .build();
                    JobResult result = runner.run(TestJobs.script("echo it works; exit 7"));
                    Sandbox sandbox = Sandbox.open(runner)) {
                System.out.print(sandbox.sh("echo so does a sandbox")
                        .run()
                        .orThrow()
                        .stdout()
                        .text());
                System.out.print(result.outcome().describe() + "; it said: "
                        + result.output().text());
                if (!daemon.uri().getPath().equals("/session")) {
                    throw new IllegalStateException(daemon.uri() + " is no session's");
                }
            }
            runContract();
        }

        /** All contracts with {@code -Dconstruir.contracts=all}, which takes minutes; else that of backends. */
        private static List<DiscoverySelector> contracts() {
            List<DiscoverySelector> contracts = new ArrayList<>();
            contracts.add(DiscoverySelectors.selectClass(LibvirtContractIT.class));
            if (System.getProperty("construir.contracts", "").equals("all")) {
                contracts.add(DiscoverySelectors.selectClass(SandboxIT.class));
            }
            return contracts;
        }

        private static void runContract() {
            SummaryGeneratingListener results = new SummaryGeneratingListener();
            LauncherFactory.create()
                    .execute(
                            LauncherDiscoveryRequestBuilder.request()
                                    .selectors(contracts())
                                    .build(),
                            results);
            TestExecutionSummary summary = results.getSummary();
            summary.printFailuresTo(new PrintWriter(System.out, true, UTF_8));
            System.out.println("the contract: " + summary.getTotalFailureCount() + " tests failed");
            if (summary.getTestsSucceededCount() == 0
                    || summary.getTestsSucceededCount() < summary.getTestsFoundCount()) {
                throw new IllegalStateException(
                        summary.getTestsSucceededCount() + " tests of " + summary.getTestsFoundCount() + " passed");
            }
        }
    }
}
