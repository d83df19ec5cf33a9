package dev.construir.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.construir.DataSize;
import dev.construir.command.disk.DiskFiles;
import dev.construir.disk.compress.CompressedImage;
import dev.construir.disk.read.DiskReader;
import dev.construir.job.Job;
import dev.construir.job.Limits;
import dev.construir.machine.HypervisorException;
import dev.construir.machine.MachineExit;
import dev.construir.machine.Network;
import dev.construir.machine.Preference;
import dev.construir.machine.Usage;
import dev.construir.run.JobResult;
import dev.construir.run.Outcome;
import dev.construir.run.Runner;
import dev.construir.terminal.Environment;
import dev.construir.terminal.Streams;
import dev.construir.terminal.Terminal;
import dev.construir.testkit.FakeGuest;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
@SuppressWarnings("NullAway.Init")
class RunCommandTest {
    @TempDir
    Path directory;

    private final Terminal terminal = Terminal.files();
    private String job = "";
    private String root = "";

    @BeforeEach
    void makeJobAndRoot() throws Exception {
        Path bin = Files.createDirectories(directory.resolve("a job/bin"));
        Path own = Files.writeString(bin.resolve("construir"), "#!/bin/sh\n");
        assertThat(own.toFile().setExecutable(true, false)).isTrue();
        job = directory.resolve("a job").toString();
        root = BareDisk.write(directory.resolve("root.img")).toString();
    }

    private int execute(RunnerSource runners, Backends backends, String... arguments) {
        Environment surroundings = Environment.of(
                Map.of("CONSTRUIR_CACHE", directory.resolve("cache").toString()), Optional.empty());
        return Main.execute(terminal.streams(), surroundings, backends, runners, arguments);
    }

    /** Runs the command with a runner that only says how the job ended. */
    private int run(Runner runner, String... options) {
        return execute(choice -> runner, new Backends(List.of()), arguments(options));
    }

    /** Runs the command with the real runner on a hypervisor in memory. */
    private int runOn(FakeGuest guest, String... options) {
        Backends backends = new Backends(List.of(new FakeBackend(guest)));
        List<String> all = new ArrayList<>(List.of("--hypervisor", "fake"));
        all.addAll(List.of(options));
        return execute(RunnerSource.on(backends), backends, arguments(all.toArray(String[]::new)));
    }

    private String[] arguments(String... options) {
        List<String> all = new ArrayList<>(
                List.of("run", "--root", root, "--scratch", scratch().toString()));
        all.addAll(List.of(options));
        if (!job.isEmpty()) {
            all.add(job);
        }
        return all.toArray(String[]::new);
    }

    private Path scratch() {
        return directory.resolve("scratch");
    }

    @ParameterizedTest
    @CsvSource({"0", "1", "42", "126", "127", "255"})
    void givesTheJobsExitCode(int code) {
        assertThat(run((toRun, listener) -> JobResult.of(toRun, new Outcome.Exited(code))))
                .isEqualTo(code);
        assertThat(terminal.err()).contains("a job exited with status " + code);
    }

    @Test
    void givesTheExitCodesOfOtherEnds() {
        assertThat(run((toRun, l) -> JobResult.of(toRun, new Outcome.Signalled(9))))
                .isEqualTo(137);
        assertThat(run((toRun, l) ->
                        JobResult.of(toRun, new Outcome.TimedOut(Outcome.Limit.TOTAL, Duration.ofHours(2)))))
                .isEqualTo(124);
        assertThat(run((toRun, l) ->
                        JobResult.of(toRun, new Outcome.GuestCrashed(Outcome.Crash.PANIC, "Kernel panic"))))
                .isEqualTo(125);
        assertThat(run((toRun, l) -> JobResult.of(toRun, new Outcome.NoStatus(Outcome.StatusFault.MISSING))))
                .isEqualTo(125);
        assertThat(terminal.out()).isEmpty();
    }

    @Test
    void saysWhatPreventedTheRun() {
        assertThat(run((toRun, l) -> {
                    throw new HypervisorException("no such thing; install it");
                }))
                .isEqualTo(125);
        assertThat(terminal.err()).isEqualTo("construir: no such thing; install it\n");
    }

    @Test
    void anInterruptCancels() {
        int code = run((toRun, l) -> {
            Thread.currentThread().interrupt();
            return JobResult.of(toRun, new Outcome.Cancelled());
        });
        assertThat(code).isEqualTo(130);
        assertThat(terminal.err()).isEqualTo("construir: a job cancelled\n");
        assertThat(Thread.interrupted()).isFalse();
    }

    @Test
    void aCancelledRunDeliversEverythingThatIsAskedFor() throws Exception {
        Path out = directory.resolve("out");
        Path disk = directory.resolve("kept.img");
        Path reproduction = directory.resolve("reproduction");
        Path console = directory.resolve("console");
        Thread worker = Thread.currentThread();
        int code = runOn(
                machine -> {
                    machine.console("construir: started " + machine.serial() + "\n");
                    machine.leaveStatus("written by then");
                    worker.interrupt(); // as a signal does
                    return machine.hang();
                },
                "--out=" + out,
                "--select=construir.status",
                "--keep=" + disk,
                "--keep-on-failure=" + reproduction,
                "--console=" + console);
        assertThat(code).isEqualTo(130);
        assertThat(out.resolve("construir.status")).content().startsWith("written by then");
        assertThat(reproduction.resolve("disk-after.img")).hasSameBinaryContentAs(disk);
        assertThat(console).content().startsWith("construir: started ");
        assertThat(terminal.err())
                .contains("a job cancelled", "in its last half minute and did not sync may be missing");
        assertThat(leftovers()).isEmpty();
    }

    @Test
    void aCancelledRunWhoseResultsCannotBeDeliveredIs125() {
        Thread worker = Thread.currentThread();
        int code = runOn(
                machine -> {
                    Files.writeString(directory.resolve("out"), "in the way");
                    worker.interrupt();
                    return machine.hang();
                },
                "--out=" + directory.resolve("out"));
        assertThat(code).isEqualTo(125);
        assertThat(terminal.err()).contains("the files could not be brought to");
    }

    @Test
    void aRunThatIsCancelledBeforeItsMachineStartsHasNothingToDeliver() {
        Path out = directory.resolve("out");
        Thread.currentThread().interrupt();
        assertThat(runOn(FakeGuest.exiting(0), "--out=" + out, "--keep=" + directory.resolve("disk.img")))
                .isEqualTo(130);
        assertThat(out).doesNotExist();
        assertThat(terminal.err()).doesNotContain("could not be brought");
    }

    @Test
    void aMachineThatTheSameSignalEndsIsCancelledToo() {
        Thread worker = Thread.currentThread();
        assertThat(run((toRun, l) -> {
                    worker.interrupt();
                    return JobResult.of(toRun, new Outcome.HypervisorDied(0, "terminating on signal 15"));
                }))
                .isEqualTo(130);
        assertThat(run((toRun, l) -> {
                    worker.interrupt(); // too late: the job has come to its end
                    return JobResult.of(toRun, new Outcome.Exited(0));
                }))
                .isZero();
    }

    @Test
    void handsTheOptionsOn() {
        @Nullable Job[] asked = new Job[1];
        RunnerSource.@Nullable Choice[] chosen = new RunnerSource.Choice[1];
        RunnerSource runners = choice -> {
            chosen[0] = choice;
            return (toRun, listener) -> {
                asked[0] = toRun;
                return JobResult.of(toRun, new Outcome.Exited(0));
            };
        };
        String[] arguments = arguments(
                ("--timeout 1h30m --boot-timeout 90s --idle-timeout 500ms --cpus 3 --memory 512M --disk 2G --network --warm"
                                + " --accelerator Require --hypervisor some:where")
                        .split(" "));
        assertThat(execute(runners, new Backends(List.of()), arguments)).isZero();
        Job toRun = java.util.Objects.requireNonNull(asked[0]);
        assertThat(toRun.limits())
                .isEqualTo(Limits.DEFAULT
                        .withTotal(Duration.ofMinutes(90))
                        .withBoot(Duration.ofSeconds(90))
                        .withIdle(Duration.ofMillis(500)));
        assertThat(toRun.resources().cpus()).isEqualTo(3);
        assertThat(toRun.resources().memory()).hasToString("512M");
        assertThat(toRun.resources().disk()).hasToString("2G");
        assertThat(toRun.network()).isEqualTo(Network.OUTBOUND);
        assertThat(chosen[0])
                .extracting(c -> c.hypervisor(), c -> c.hardware(), c -> c.warmStart(), c -> c.scratch())
                .containsExactly("some:where", Preference.REQUIRE, Preference.PREFER, scratch());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--timeout=soon",
                "--timeout=0s",
                "--cpus=many",
                "--cpus=0",
                "--memory=huge",
                "--disk=1000000000",
                "--accelerator=maybe",
                "--arch=mips",
                "--no-such-option",
                "--hypervisor=none-of-these",
                "--root=/no/such/image",
                "--keep=/no/such/directory/x.img",
                "--keep-on-failure=/no/such/directory/x",
                "--keep-on-failure=/dev/null"
            })
    void wrongUsageIs125AndALine(String option) {
        Backends none = new Backends(List.of());
        List<String> all = new ArrayList<>(List.of("run", option, job));
        if (!option.startsWith("--root")) {
            all.addAll(1, List.of("--root", root, "--scratch", scratch().toString()));
        }
        assertThat(execute(RunnerSource.on(none), none, all.toArray(String[]::new)))
                .isEqualTo(125);
        assertThat(terminal.err()).startsWith("construir: ").doesNotContain("\tat ");
        assertThat(terminal.out()).isEmpty();
    }

    @Test
    void theArchitectureIsTheImagesOrChoosesTheImage() throws Exception {
        Path image = Files.createDirectories(directory.resolve("arm"));
        Files.writeString(image.resolve("disk"), "not empty");
        Files.writeString(image.resolve("image.properties"), "disk=disk\nformat=raw\narchitecture=aarch64\n");
        root = image.toString();
        Runner runner = (toRun, l) -> JobResult.of(toRun, new Outcome.Exited(0));
        assertThat(run(runner)).isZero();
        assertThat(run(runner, "--arch", "arm64")).isZero();
        assertThat(run(runner, "--arch", "aarch64")).isZero();
        assertThat(run(runner, "--arch", "amd64")).isEqualTo(125);
        assertThat(terminal.err()).contains("--arch wants a machine of x86_64", root + " is made for aarch64");
        Backends none = new Backends(List.of());
        assertThat(execute(RunnerSource.on(none), none, "run", "--arch=arm64", job))
                .isEqualTo(125);
        assertThat(terminal.err()).contains(Path.of("images", "debian-arm64").toString());
    }

    @Test
    void aMissingJobIs125() {
        job = directory.resolve("nothing").toString();
        assertThat(run((toRun, l) -> JobResult.of(toRun, new Outcome.Exited(0))))
                .isEqualTo(125);
        assertThat(terminal.err())
                .contains("nothing: no job: there is no such file or directory; name a directory or a disk image");
    }

    @Test
    void outputGoesToStdoutAndProgressToStderr() {
        assertThat(runOn(FakeGuest.exiting(3))).isEqualTo(3);
        assertThat(terminal.out()).isEqualTo("hello\n");
        assertThat(terminal.err().lines())
                .satisfiesExactly(
                        line -> assertThat(line).startsWith("construir: booting root.img on fake"),
                        line -> assertThat(line).isEqualTo("construir: running a job"),
                        line -> assertThat(line).startsWith("construir: a job exited with status 3 ("));
    }

    @Test
    void deliversFilesDiskAndConsole() throws Exception {
        Path out = directory.resolve("out");
        Path disk = directory.resolve("kept.img.xz");
        Path console = directory.resolve("console.txt");
        assertThat(runOn(FakeGuest.exiting(0), "--disk=2M", "--out=" + out, "--keep=" + disk, "--console=" + console))
                .isZero();
        assertThat(out).isEmptyDirectory(); // a fake guest leaves only its status
        assertThat(Files.readString(console)).startsWith("construir: ready\n");
        CompressedImage.unpack(disk, directory.resolve("unpacked.img"));
        try (DiskReader files = DiskReader.open(directory.resolve("unpacked.img"))) {
            assertThat(files.find("/construir.status")).isPresent();
        }
        assertThat(leftovers()).isEmpty();
    }

    @Test
    void selectsWhatComesBack() throws Exception {
        Path out = directory.resolve("out");
        assertThat(runOn(FakeGuest.exiting(0), "--out=" + out, "--select=*.status", "--select=**"))
                .isZero();
        assertThat(out.resolve("construir.status")).content().contains("exit=0");
    }

    @Test
    void whatWasSelectedAndIsMissingIs125UnlessTheJobFailed() {
        String out = "--out=" + directory.resolve("out");
        String[] options = {out, "--select=*.status", "--select", "build/*.jar"};
        assertThat(runOn(FakeGuest.exiting(0), options)).isEqualTo(125);
        assertThat(terminal.err()).contains("construir: --select build/*.jar matches nothing on the job disk\n");
        terminal.err.reset();
        assertThat(runOn(FakeGuest.exiting(3), options)).isEqualTo(3);
        assertThat(terminal.err()).contains("--select build/*.jar matches nothing");
    }

    @Test
    void globsAreCheckedBeforeAnythingIsRun() {
        assertThat(run((toRun, l) -> JobResult.of(toRun, new Outcome.Exited(0)), "--select=*.jar"))
                .isEqualTo(125);
        assertThat(terminal.err())
                .startsWith("construir: --select says what goes to --out DIR")
                .contains("see construir run --help");
        terminal.err.reset();
        String out = "--out=" + directory.resolve("out");
        assertThat(run((toRun, l) -> JobResult.of(toRun, new Outcome.Exited(0)), out, "--select=a[b"))
                .isEqualTo(125);
        assertThat(terminal.err()).isEqualTo("construir: not a glob: \"a[b\": the [ has no ], at character 2 of 3\n");
    }

    @Test
    void aScriptIsRunInPlaceOfTheDirectorysOwn() throws Exception {
        Files.writeString(directory.resolve("a job/Makefile"), "check:\n");
        assertThat(scriptAndFiles("--script", "make check"))
                .containsExactly("a job", "#!/bin/sh\nmake check\n", "Makefile there");
        job = "";
        assertThat(scriptAndFiles("--script", "make check"))
                .containsExactly("script", "#!/bin/sh\nmake check\n", "no Makefile");
        assertThat(run((toRun, l) -> JobResult.of(toRun, new Outcome.Exited(0)), "--script=a\0b"))
                .isEqualTo(125);
        assertThat(terminal.err()).contains("character 2 is a NUL");
        assertThat(run((toRun, l) -> JobResult.of(toRun, new Outcome.Exited(0))))
                .isEqualTo(125);
        assertThat(terminal.err()).contains("missing JOB or --script");
        job = root;
        assertThat(run((toRun, l) -> JobResult.of(toRun, new Outcome.Exited(0)), "--script=true"))
                .isEqualTo(125);
        assertThat(terminal.err()).contains(root + ": an image; with --script name a directory, or none");
    }

    private List<String> scriptAndFiles(String... options) {
        List<String> found = new ArrayList<>();
        int code = run(
                (toRun, l) -> {
                    Path disk = directory.resolve(toRun.name() + ".img");
                    try {
                        toRun.createDisk(disk, DataSize.ofMebibytes(1));
                        try (DiskReader reader = DiskReader.open(disk);
                                var script = reader.open("/bin/construir")) {
                            found.add(toRun.name());
                            found.add(new String(script.readAllBytes(), StandardCharsets.UTF_8));
                            found.add(reader.find("/Makefile").isPresent() ? "Makefile there" : "no Makefile");
                        }
                    } catch (IOException e) {
                        throw new java.io.UncheckedIOException(e);
                    }
                    return JobResult.of(toRun, new Outcome.Exited(0));
                },
                options);
        assertThat(code).isZero();
        return found;
    }

    @Test
    void aJobThatCannotBeginHasTheExitCodeOfAShell() throws Exception {
        Path own = directory.resolve("a job/bin/construir");
        assertThat(own.toFile().setExecutable(false, false)).isTrue();
        FakeGuest none = machine -> {
            throw new AssertionError("a machine was started");
        };
        assertThat(runOn(none)).isEqualTo(126);
        assertThat(terminal.err())
                .isEqualTo("construir: job a job cannot be run: its bin/construir is not executable, its mode is "
                        + "0644; run: chmod +x '" + own + "'\n");
        Files.delete(own);
        assertThat(runOn(none)).isEqualTo(127);
        assertThat(terminal.err()).contains("its bin/construir is not there; ");
        assertThat(leftovers()).isEmpty();
    }

    @Test
    void whatCannotBeDeliveredIs125() throws Exception {
        Path out = directory.resolve("out");
        int code = runOn(
                machine -> {
                    Files.writeString(out, "in the way");
                    return FakeGuest.exiting(0).run(machine);
                },
                "--disk=2M",
                "--out=" + out);
        assertThat(code).isEqualTo(125);
        assertThat(terminal.err()).contains("the files could not be brought to " + out);
    }

    @Test
    void aCrashShowsTheEndOfTheConsoleWithoutItsEscapes() {
        int code = runOn(machine -> {
            machine.console("construir: ready\n\u001b[2J\u001b[31mKernel panic\u001b[0m - not syncing\n");
            return new MachineExit.Panicked();
        });
        assertThat(code).isEqualTo(125);
        assertThat(terminal.err())
                .contains("construir: | Kernel panic - not syncing\n")
                .doesNotContain("\u001b");
    }

    @Test
    void aJobsOwnFailureShowsWhatTheConsoleSaidMeanwhile() {
        int code = runOn(machine -> {
            machine.use(new Usage(
                    Duration.ofMillis(3100),
                    Optional.of(DataSize.ofMebibytes(210)),
                    DataSize.ofMebibytes(12),
                    DataSize.ofMebibytes(3)));
            machine.console("construir: ready\nconstruir: started " + machine.serial() + "\n");
            machine.console("\u001b[2JOut of memory: Killed process 7\n");
            machine.leaveStatus("run=" + machine.serial() + "\nstate=ended\nsignal=9\n");
            machine.console("construir: ended " + machine.serial() + "\nreboot: Power down\n");
            return new MachineExit.PoweredOff();
        });
        assertThat(code).isEqualTo(137);
        assertThat(terminal.err())
                .contains("""
                        construir: the end of the machine's console:
                        construir: | Out of memory: Killed process 7
                        construir: hint: the machine ran out of memory, it has 1G: give it more with --memory
                        construir: a job killed by signal 9 inside the machine (""")
                .contains("; 3.1 s of processor, 210.0 MiB of memory at most, read 12.0 MiB, wrote 3.0 MiB)\n");
    }

    @Test
    void keepsWhatItTakesToLookIntoAFailure() throws Exception {
        Path kept = directory.resolve("kept");
        Path disk = directory.resolve("disk.img");
        assertThat(runOn(FakeGuest.exiting(0), "--disk=2M", "--keep-on-failure=" + kept))
                .isZero();
        assertThat(kept).doesNotExist();
        Files.createDirectory(kept);
        assertThat(runOn(FakeGuest.exiting(3), "--disk=2M", "--keep-on-failure=" + kept, "--keep=" + disk))
                .isEqualTo(3);
        assertThat(terminal.err()).contains("construir: to look into the run, see " + kept + ";");
        assertThat(kept.resolve("run")).isExecutable();
        assertThat(kept.resolve("disk-after.img")).hasSameBinaryContentAs(disk);
        assertThat(leftovers()).isEmpty();

        assertThat(runOn(FakeGuest.exiting(3), "--disk=2M", "--keep-on-failure=" + kept))
                .isEqualTo(125);
        assertThat(terminal.err())
                .endsWith("construir: --keep-on-failure " + kept
                        + ": it exists already, and is no empty directory; name another one\n");
    }

    @Test
    void whatCannotBeKeptOnFailureIs125() throws Exception {
        Path kept = directory.resolve("kept");
        int code = runOn(
                machine -> {
                    Files.writeString(kept, "in the way");
                    return FakeGuest.exiting(3).run(machine);
                },
                "--disk=2M",
                "--keep-on-failure=" + kept);
        assertThat(code).isEqualTo(125);
        assertThat(terminal.err())
                .contains("what it takes to look into the run could not be brought to " + kept + ": " + kept
                        + ": it exists already");
        assertThat(kept).hasContent("in the way");
    }

    @Test
    void runsPackedImages() throws Exception {
        Path image = directory.resolve("job.img");
        Path compressed = directory.resolve("job.img.xz");
        Backends none = new Backends(List.of());
        assertThat(execute(RunnerSource.on(none), none, "pack", job, "-o", image.toString(), "--size", "2M"))
                .isZero();
        DiskFiles.pack(image, compressed);
        for (Path each : List.of(image, compressed)) {
            job = each.toString();
            assertThat(runOn(FakeGuest.exiting(0))).isZero();
        }
    }

    @Test
    void packLeavesNothingHalfAndReplacesNothing() throws Exception {
        Path image = directory.resolve("job.img");
        Backends none = new Backends(List.of());
        Thread.currentThread().interrupt();
        assertThat(execute(RunnerSource.on(none), none, "pack", job, "-o", image.toString(), "--size", "2M"))
                .isEqualTo(130);
        assertThat(Thread.interrupted()).isFalse();
        try (var files = Files.list(directory)) {
            assertThat(files.filter(file -> file.toString().contains("job.img")))
                    .isEmpty();
        }
        Files.writeString(image, "mine");
        assertThat(execute(RunnerSource.on(none), none, "pack", job, "-o", image.toString(), "--size", "2M"))
                .isEqualTo(125);
        assertThat(image).hasContent("mine");
    }

    @Test
    void anInterruptStopsTheBuildOfAnImage() throws Exception {
        Path script =
                Files.createDirectories(directory.resolve("src-test-images")).resolve("build");
        Files.writeString(script, "exec sleep 50\n");
        Backends none = new Backends(List.of());
        Environment surroundings = Environment.of(Map.of(), Optional.of(directory));
        Thread.currentThread().interrupt();
        long begin = System.nanoTime();
        assertThat(Main.execute(terminal.streams(), surroundings, none, RunnerSource.on(none), "image", "build"))
                .isEqualTo(130);
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(30));
    }

    @Test
    void resultsThatCannotBeWrittenAndErrorsAre125() {
        Backends one = new Backends(List.of(new FakeBackend(FakeGuest.exiting(0))));
        Environment surroundings = Environment.of(Map.of("CONSTRUIR_CACHE", directory.toString()), Optional.empty());
        OutputStream full = new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                throw new IOException("No space left on device");
            }
        };
        Streams streams = new Streams(full, terminal.streams().err(), false, false);
        assertThat(Main.execute(streams, surroundings, one, RunnerSource.on(one), "doctor"))
                .isEqualTo(125);
        assertThat(terminal.err()).contains("stdout could not be written: No space left on device");
        assertThat(run((toRun, l) -> {
                    throw new StackOverflowError();
                }))
                .isEqualTo(125);
    }

    @Test
    void readsImages() throws Exception {
        Path image = directory.resolve("job.img");
        Path compressed = directory.resolve("job.img.xz");
        Backends none = new Backends(List.of());
        execute(RunnerSource.on(none), none, "pack", job, "-o", image.toString(), "--size", "2M");
        DiskFiles.pack(image, compressed);
        for (String each : List.of(image.toString(), compressed.toString())) {
            terminal.out.reset();
            assertThat(execute(RunnerSource.on(none), none, "cat", each, "bin/construir"))
                    .isZero();
            assertThat(terminal.out()).isEqualTo("#!/bin/sh\n");
            terminal.out.reset();
            assertThat(execute(RunnerSource.on(none), none, "ls", "-R", each)).isZero();
            assertThat(terminal.out().lines())
                    .anyMatch(line -> line.matches("drwx.*  bin|drwx.* bin"))
                    .anyMatch(line -> line.matches("-rwx.* 10 .* construir"));
            Path target = directory.resolve("from-" + Path.of(each).getFileName());
            assertThat(execute(RunnerSource.on(none), none, "extract", each, "/bin", "-o", target.toString()))
                    .isZero();
            assertThat(target.resolve("construir")).hasContent("#!/bin/sh\n");
        }
        terminal.err.reset();
        assertThat(execute(RunnerSource.on(none), none, "cat", image.toString(), "/no/such"))
                .isEqualTo(125);
        assertThat(terminal.err()).startsWith("construir: ").contains("/no/such");
    }

    @Test
    void doctorTellsWhetherMachinesCanBeRun() {
        Backends one = new Backends(List.of(new FakeBackend(FakeGuest.exiting(0))));
        assertThat(execute(RunnerSource.on(one), one, "doctor")).isZero();
        assertThat(terminal.out()).contains("fake\n  works    memory: machines are threads");
        Backends none = new Backends(List.of());
        assertThat(execute(RunnerSource.on(none), none, "doctor")).isEqualTo(125);
        assertThat(terminal.out()).contains("No machine can be run here.");
    }

    @Test
    void doctorTellsADamagedImageFromAMissingOne() throws Exception {
        Backends none = new Backends(List.of());
        Path cache = directory.resolve("cache");
        Environment surroundings = Environment.of(Map.of("CONSTRUIR_CACHE", cache.toString()), Optional.empty());
        Main.execute(terminal.streams(), surroundings, none, RunnerSource.on(none), "doctor");
        assertThat(terminal.out()).contains("limited  root image: not built yet: ");
        terminal.out.reset();
        Files.createDirectories(surroundings.image("debian"));
        Main.execute(terminal.streams(), surroundings, none, RunnerSource.on(none), "doctor");
        assertThat(terminal.out())
                .contains("limited  root image: no root image in ", "-> remove what ")
                .doesNotContain("not built yet");
    }

    @Test
    void helpAndVersionGoToStdout() {
        Backends none = new Backends(List.of());
        assertThat(execute(RunnerSource.on(none), none, "--help")).isZero();
        assertThat(execute(RunnerSource.on(none), none, "run", "--help")).isZero();
        assertThat(execute(RunnerSource.on(none), none, "--version")).isZero();
        terminal.out.reset();
        assertThat(execute(RunnerSource.on(none), none, "help", "run")).isZero();
        assertThat(terminal.out()).contains("Usage: construir run");
        terminal.out.reset();
        assertThat(execute(RunnerSource.on(none), none, "help", "image", "shell"))
                .isZero();
        assertThat(terminal.out()).contains("Usage: construir image shell");
        assertThat(terminal.err()).isEmpty();
        assertThat(execute(RunnerSource.on(none), none)).isEqualTo(125);
    }

    @Test
    void wordsThatMeanNothingAreNamed() {
        Backends none = new Backends(List.of());
        for (String[] words : new String[][] {
            {"frob"},
            {"frob", "--help"},
            {"--help", "frob"},
            {"help", "frob"},
            {"help", "image", "frob"},
            {"image", "frob"},
            {"image", "frob", "-h"}
        }) {
            terminal.err.reset();
            assertThat(execute(RunnerSource.on(none), none, words)).isEqualTo(125);
            assertThat(terminal.err()).startsWith("construir: there is no command \"frob\"\n");
        }
        terminal.err.reset();
        assertThat(execute(RunnerSource.on(none), none, "wtach")).isEqualTo(125);
        assertThat(terminal.err()).startsWith("construir: there is no command \"wtach\"; did you mean watch?\n");
        terminal.err.reset();
        assertThat(execute(RunnerSource.on(none), none, "run", "--timout", "3s", job))
                .isEqualTo(125);
        assertThat(terminal.err()).startsWith("construir: there is no option --timout; did you mean --timeout?\n");
        terminal.err.reset();
        assertThat(execute(RunnerSource.on(none), none, "ls", "-l", job)).isEqualTo(125);
        assertThat(terminal.err()).startsWith("construir: there is no option -l\n");
        terminal.err.reset();
        assertThat(execute(RunnerSource.on(none), none, "run", job, "other")).isEqualTo(125);
        assertThat(terminal.err()).startsWith("construir: one argument too many: \"other\"\n");
    }

    private List<Path> leftovers() throws Exception {
        try (var all = Files.walk(scratch())) {
            return all.filter(Files::isRegularFile).toList();
        }
    }
}
