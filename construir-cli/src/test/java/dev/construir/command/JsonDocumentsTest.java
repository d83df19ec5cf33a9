package dev.construir.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import dev.construir.DataSize;
import dev.construir.disk.Attributes;
import dev.construir.disk.write.DiskOptions;
import dev.construir.disk.write.JobDisk;
import dev.construir.machine.Diagnosis;
import dev.construir.machine.Hypervisor;
import dev.construir.machine.HypervisorException;
import dev.construir.machine.Machine;
import dev.construir.machine.MachineListener;
import dev.construir.machine.MachineSpec;
import dev.construir.partition.Partitioned;
import dev.construir.run.JobResult;
import dev.construir.run.Outcome;
import dev.construir.run.Runner;
import dev.construir.terminal.Environment;
import dev.construir.terminal.ExitCode;
import dev.construir.terminal.Terminal;
import dev.construir.testkit.FakeGuest;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What {@code --json} writes is one document on stdout, and as its published schema says. */
@Timeout(60)
@SuppressWarnings("NullAway.Init")
class JsonDocumentsTest {
    private static final Path SCHEMAS = Path.of("../docs/reference/schema");

    @TempDir
    Path directory;

    private final Terminal terminal = Terminal.files();
    private Path root;

    @BeforeEach
    void makeRoot() throws Exception {
        root = BareDisk.write(directory.resolve("root.img"));
    }

    /** Runs a command and checks its stdout against a schema. */
    private JsonNode document(String schema, int code, Backends backends, RunnerSource runners, String... arguments)
            throws Exception {
        terminal.out.reset();
        terminal.err.reset();
        Environment surroundings = Environment.of(
                Map.of("CONSTRUIR_CACHE", directory.resolve("cache").toString()), Optional.empty());
        assertThat(Main.execute(terminal.streams(), surroundings, backends, runners, arguments))
                .as(terminal.err())
                .isEqualTo(code);
        JsonNode document = new ObjectMapper()
                .enable(com.fasterxml.jackson.databind.DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                .readTree(terminal.out());
        JsonSchema checked = JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012)
                .getSchema(Files.readString(SCHEMAS.resolve(schema + ".schema.json")));
        assertThat(checked.validate(
                        document, context -> context.getExecutionConfig().setFormatAssertionsEnabled(true)))
                .as(terminal.out())
                .isEmpty();
        assertThat(terminal.out()).endsWith("}\n");
        return document;
    }

    private JsonNode run(int code, RunnerSource runners, Backends backends, String... options) throws Exception {
        List<String> all = new ArrayList<>(List.of("run", "--json", "--root", root.toString(), "--scratch"));
        all.add(directory.resolve("scratch").toString());
        all.addAll(List.of(options));
        return document("run", code, backends, runners, all.toArray(String[]::new));
    }

    private JsonNode runWith(int code, Runner runner) throws Exception {
        return run(code, choice -> runner, new Backends(List.of()), "--script", "true");
    }

    @Test
    void run_onAMachine_writesTheOutcomeToStdoutAndTheJobsOutputToStderr() throws Exception {
        Backends fake = new Backends(List.of(new FakeBackend(machine -> {
            machine.output("printed by the job\n");
            return FakeGuest.exiting(42).run(machine);
        })));
        JsonNode document =
                run(42, RunnerSource.on(fake), fake, "--hypervisor=fake", "--disk=1M", "--script", "anything");
        assertThat(document.get("outcome").asText()).isEqualTo("exited");
        assertThat(document.get("exitCode").asInt()).isEqualTo(42);
        assertThat(document.get("commandExitCode").asInt()).isEqualTo(42);
        assertThat(document.get("success").asBoolean()).isFalse();
        assertThat(document.get("conclusive").asBoolean()).isTrue();
        assertThat(document.get("machine").get("hypervisor").asText()).isEqualTo("fake");
        assertThat(terminal.err()).contains("printed by the job\n", "construir: script exited with status 42");
    }

    @Test
    void run_everyOutcome_isInTheSchema() throws Exception {
        List<Outcome> outcomes = List.of(
                new Outcome.Exited(0),
                new Outcome.Signalled(9),
                new Outcome.TimedOut(Outcome.Limit.TOTAL, Duration.ofHours(2)),
                new Outcome.TooMuchOutput(DataSize.ofMebibytes(1)),
                new Outcome.Cancelled(),
                new Outcome.GuestCrashed(Outcome.Crash.PANIC, "Kernel panic"),
                new Outcome.NoStatus(Outcome.StatusFault.MISSING),
                new Outcome.HypervisorDied(1, ""),
                new Outcome.HostDiskFull(Path.of("/var")),
                new Outcome.MachineLost("gone"));
        assertThat(outcomes).hasSize(Outcome.class.getPermittedSubclasses().length);
        for (Outcome outcome : outcomes) {
            JsonNode document = runWith(outcome.exitCode(), (job, listener) -> JobResult.of(job, outcome));
            assertThat(document.get("description").asText()).isEqualTo(outcome.describe());
        }
    }

    @Test
    void run_thatCannotBeCarriedOut_saysWhy() throws Exception {
        Runner none = (job, listener) -> {
            throw new HypervisorException("no such thing; install it");
        };
        assertThat(runWith(ExitCode.FAILED, none).get("error").asText()).isEqualTo("no such thing; install it");
        Path job = directory.resolve("job");
        Path script = Files.createDirectories(job.resolve("bin")).resolve("construir");
        Files.writeString(script, "#!/bin/sh\n");
        Backends fake = new Backends(List.of(new FakeBackend(FakeGuest.exiting(0))));
        JsonNode document = run(126, RunnerSource.on(fake), fake, "--hypervisor=fake", "--disk=1M", job.toString());
        assertThat(document.get("error").asText()).contains("chmod +x " + script);
        assertThat(terminal.err()).hasLineCount(1);
    }

    private Path image() throws Exception {
        Path image = directory.resolve("job.img");
        Instant time = Instant.parse("2026-03-02T08:00:00.123456789Z");
        JobDisk.create(image, DiskOptions.of(DataSize.ofMebibytes(1)), disk -> {
            disk.directory("bin", Attributes.ofRoot(0755, time));
            byte[] text = "text".getBytes(StandardCharsets.UTF_8);
            disk.file(
                    "bin/a\n\u001b\"b",
                    new Attributes(04751, 7, 0xffff_ffffL, time),
                    4,
                    new ByteArrayInputStream(text));
            disk.symbolicLink("link", Attributes.ofRoot(0777, time), "bin/other");
        });
        return image;
    }

    private JsonNode list(int code, Object... arguments) throws Exception {
        Backends none = new Backends(List.of());
        List<String> all = new ArrayList<>(List.of("ls", "--json"));
        List.of(arguments).forEach(argument -> all.add(argument.toString()));
        return document("ls", code, none, RunnerSource.on(none), all.toArray(String[]::new));
    }

    @Test
    void list_hasEveryEntryWithItsNameAsItIs() throws Exception {
        Path image = image();
        JsonNode top = list(0, image);
        assertThat(top.get("entries").findValuesAsText("path"))
                .containsExactlyInAnyOrder("/bin", "/link", "/lost+found");
        JsonNode link = top.get("entries").get(1);
        assertThat(link.get("type").asText()).isEqualTo("symbolic link");
        assertThat(link.get("target").asText()).isEqualTo("bin/other");
        JsonNode all = list(0, "-R", image);
        JsonNode file = all.get("entries").get(3);
        assertThat(file.get("path").asText()).isEqualTo("/bin/a\n\u001b\"b");
        assertThat(file.get("mode").asText()).isEqualTo("4751");
        assertThat(file.get("gid").asLong()).isEqualTo(0xffff_ffffL);
        assertThat(file.get("modified").asText()).isEqualTo("2026-03-02T08:00:00.123456789Z");
        assertThat(all.get("damaged")).isEmpty();
    }

    @Test
    void list_missingPath_writesNothingToStdout() throws Exception {
        Path image = image();
        Backends none = new Backends(List.of());
        int code = Main.execute(
                terminal.streams(),
                Environment.of(Map.of(), Optional.empty()),
                none,
                RunnerSource.on(none),
                "ls",
                "--json",
                image.toString(),
                "none");
        assertThat(code).isEqualTo(ExitCode.FAILED);
        assertThat(terminal.out()).isEmpty();
    }

    @Test
    void list_partitions() throws Exception {
        Path disk = Files.write(
                directory.resolve("disk.img"),
                new Partitioned(3000)
                        .gpt(40, 99, 100, 2147)
                        .put(100, Files.readAllBytes(image()))
                        .bytes());
        JsonNode partitions = list(0, "--partitions", disk).get("partitions");
        assertThat(partitions).hasSize(2);
        assertThat(partitions.get(1).get("holds").asText()).isEqualTo("ext2");
        assertThat(partitions.get(1).get("readable").asBoolean()).isTrue();
        assertThat(partitions.get(0).has("holds")).isFalse();
        assertThat(list(0, "--partitions", directory.resolve("job.img")).get("partitions"))
                .isEmpty();
    }

    @Test
    void doctor_hasHostAndBackends() throws Exception {
        Backends fake = new Backends(List.of(new FakeBackend(FakeGuest.exiting(0))));
        JsonNode document = document("doctor", 0, fake, RunnerSource.on(fake), "doctor", "--json");
        assertThat(document.get("usable").asBoolean()).isTrue();
        assertThat(document.get("host").findValuesAsText("what")).contains("java", "root image", "scratch");
        assertThat(document.get("backends").get(0).get("name").asText()).isEqualTo("fake");
        Backends none = new Backends(List.of());
        assertThat(document("doctor", ExitCode.FAILED, none, RunnerSource.on(none), "doctor", "--json")
                        .get("backends"))
                .isEmpty();
    }

    @Test
    void doctor_backendWhoseDiagnosisThrows_isAFindingWithoutATrace() throws Exception {
        Backends broken = new Backends(List.of(new FakeBackend(Undiagnosable::new)));
        JsonNode document = document("doctor", ExitCode.FAILED, broken, RunnerSource.on(broken), "doctor", "--json");
        assertThat(document.get("usable").asBoolean()).isFalse();
        terminal.out.reset();
        Main.execute(
                terminal.streams(),
                Environment.of(Map.of(), Optional.empty()),
                broken,
                RunnerSource.on(broken),
                "doctor");
        assertThat(terminal.out())
                .contains("its diagnosis failed: java.lang.IllegalStateException: first line\n")
                .doesNotContain("Native.java");
    }

    @Test
    void textsOfLibraries_loseTracesAndPlacesInSources() {
        assertThat(FailureSummary.of("QEMU ended with status 134: qemu: error: failed to set MSR qemu-system-x86_64: "
                        + "../../target/i386/kvm/kvm.c:3183: kvm_buf_set_msrs: Assertion `ret == n' failed."))
                .isEqualTo("QEMU ended with status 134: qemu: error: failed to set MSR");
        assertThat(FailureSummary.of(
                        "no\n\tat a.B.c(B.java:1)\n\tat a.B$1.<init>(B.java)\nCaused by: a.X: y\n\t... 3 more\nend"))
                .isEqualTo("no; end");
        assertThat(FailureSummary.of("word ".repeat(100))).hasSizeLessThan(250).endsWith("word ...");
        assertThat(FailureSummary.of("short (see a.c)")).isEqualTo("short (see a.c)");
    }

    /** A backend of others, with a fault in it. */
    private static final class Undiagnosable implements Hypervisor {
        @Override
        public String name() {
            return "broken";
        }

        @Override
        public Diagnosis diagnose() {
            throw new IllegalStateException("first line\n\tat com.example.Native.load(Native.java:7)");
        }

        @Override
        public Machine start(MachineSpec spec, MachineListener listener) throws HypervisorException {
            throw new HypervisorException("no machine");
        }

        @Override
        public void close() {}
    }
}
