package dev.construir.qemu.jobs;

import static dev.construir.machine.Preparation.Stage.BOOTING;
import static dev.construir.machine.Preparation.Stage.READING;
import static dev.construir.machine.Preparation.Stage.SAVING;
import static dev.construir.machine.Preparation.Stage.WAITING;
import static dev.construir.qemu.jobs.RealMachines.script;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.construir.image.RootImage;
import dev.construir.job.Job;
import dev.construir.machine.Preference;
import dev.construir.machine.Preparation;
import dev.construir.run.JobResult;
import dev.construir.run.Outcome;
import dev.construir.run.Run;
import dev.construir.run.RunEvent;
import dev.construir.run.RunListener;
import dev.construir.run.Runner;
import dev.construir.testing.HostCommand;
import dev.construir.testing.TestImages;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Jobs in machines that are resumed instead of booted. {@code -Dconstruir.machines=64} resumes more of them. */
@Timeout(600)
class WarmStartIT {
    private static final int MACHINES = Integer.getInteger("construir.machines", 6);
    // What a machine does before anything else: nothing of it may be the same in two of them.
    private static final String BY_BUSYBOX = """
            echo urandom=$(head -c 32 /dev/urandom | od -An -tx1 | tr -d ' \\n')
            echo boot=$(cat /proc/sys/kernel/random/boot_id)
            echo uuid=$(cat /proc/sys/kernel/random/uuid)
            echo temporary=$(mktemp -u XXXXXXXXXXXX)
            echo stack=$(cut -d ' ' -f 28 /proc/self/stat)
            echo run=$CONSTRUIR_RUN
            """;
    private static final String BY_PERL = """
            exec perl -e '
            use Time::HiRes "time";
            my $time = time;
            my $bytes = "\\0" x 32;
            print "rand=", int(rand(2 ** 48)), "\\n";
            syscall(318, $bytes, 32, 0) == 32 or die "getrandom: $!"; # x86-64
            print "getrandom=", unpack("H*", $bytes), "\\n";
            open(URANDOM, "<", "/dev/urandom") && sysread(URANDOM, $bytes, 32) == 32 or die "urandom: $!";
            print "urandom=", unpack("H*", $bytes), "\\n";
            open(my $boot, "<", "/proc/sys/kernel/random/boot_id") or die "boot_id: $!";
            print "boot=", <$boot>;
            print "run=$ENV{CONSTRUIR_RUN}\\n";
            printf("time=%.3f\\n", $time);'
            """;

    @TempDir
    static Path scratch;

    @SuppressWarnings("NullAway.Init")
    private static Runner runner;

    @BeforeAll
    static void open() throws Exception {
        runner = RealMachines.builder(RootImage.in(TestImages.find("tiny")), scratch)
                .warmStart(Preference.REQUIRE)
                .maxConcurrent(2)
                .build();
    }

    @AfterAll
    static void close() throws Exception {
        runner.close();
        assertThat(RealMachines.machines()).isEmpty();
        try (Stream<Path> machines = Files.walk(scratch)) {
            assertThat(machines.map(file -> file.getFileName().toString()))
                    .noneMatch(name -> name.endsWith(".sock") || name.startsWith("overlay-"));
        }
    }

    @Test
    void anyNumberIsResumedFromOneImageAndNoTwoAreAlike() throws Exception {
        assertNoTwoAlike(runner, script(BY_BUSYBOX), 6);
        assertThat(images()).hasSize(1);
    }

    @Test
    void norAreTwoDebians() throws Exception {
        try (Runner debian = RealMachines.builder(RootImage.in(TestImages.find("debian")), scratch.resolve("debian"))
                .warmStart(Preference.REQUIRE)
                .maxConcurrent(2)
                .build()) {
            assertNoTwoAlike(debian, script(BY_PERL), 5);
            Instant before = Instant.now();
            try (JobResult result = debian.run(script(BY_PERL))) {
                Instant after = Instant.now();
                String time =
                        result.output().text().replaceAll("(?s).*time=", "").strip();
                Instant told = Instant.ofEpochMilli((long) (Double.parseDouble(time) * 1000));
                assertThat(told).isBetween(before.minusSeconds(1), after.plusSeconds(1));
            }
        }
    }

    private static void assertNoTwoAlike(Runner runner, Job job, int facts) throws Exception {
        List<Run> runs = new ArrayList<>();
        for (int i = 0; i < MACHINES; i++) {
            runs.add(runner.start(job));
        }
        Set<String> seen = new HashSet<>();
        for (Run run : runs) {
            try (JobResult result = run.await()) {
                String output = result.output().text();
                assertThat(result.outcome()).as(output).isEqualTo(new Outcome.Exited(0));
                assertThat(result.machine().orElseThrow().warm()).isTrue();
                Map<String, String> said = output.lines()
                        .map(line -> line.split("=", 2))
                        .collect(Collectors.toMap(pair -> pair[0], pair -> pair[1]));
                said.remove("time"); // which may well be the same
                assertThat(said).hasSize(facts).doesNotContainValue("");
                assertThat(said.get("urandom")).hasSize(64);
                said.values()
                        .forEach(value -> assertThat(seen.add(value))
                                .as("%s in %s", value, seen)
                                .isTrue());
                assertClean(result);
            }
        }
    }

    @Test
    void whatTheFirstRunWaitsForIsHeardByAllWhoWait() throws Exception {
        Path scratch = Files.createDirectory(WarmStartIT.scratch.resolve("told"));
        List<Preparation.Stage> first = new CopyOnWriteArrayList<>();
        List<Preparation.Stage> second = new CopyOnWriteArrayList<>();
        List<Preparation.Stage> third = new CopyOnWriteArrayList<>();
        List<Preparation.Stage> elsewhere = new CopyOnWriteArrayList<>();
        CountDownLatch booting = new CountDownLatch(1);
        try (Runner fresh = warm(scratch, "runs");
                Runner other = warm(scratch, "others");
                Run making = fresh.start(script("true"), stages(first, stage -> {
                    if (stage == Preparation.Stage.BOOTING) {
                        booting.countDown();
                    }
                }))) {
            booting.await();
            try (Run waiting = fresh.start(script("true"), stages(second, stage -> {}));
                    Run waitingElsewhere = other.start(script("true"), stages(elsewhere, stage -> {}))) {
                for (Run run : List.of(making, waiting, waitingElsewhere)) {
                    assertThat(run.await().outcome()).isEqualTo(new Outcome.Exited(0));
                }
            }
            fresh.run(script("true"), stages(third, stage -> {})).close();
        }
        assertThat(Set.copyOf(first)).isSubsetOf(READING, BOOTING, SAVING);
        assertThat(first).startsWith(READING).endsWith(BOOTING, SAVING);
        assertThat(second).containsOnly(WAITING);
        assertThat(elsewhere).containsOnly(WAITING);
        assertThat(third).isEmpty();
    }

    private static Runner warm(Path scratch, String runs) throws Exception {
        return Runner.builder(RealMachines.hypervisor(scratch), RootImage.in(TestImages.find("tiny")))
                .scratch(scratch.resolve(runs))
                .hardwareAcceleration(Preference.NEVER)
                .warmStart(Preference.REQUIRE)
                .build();
    }

    private static RunListener stages(List<Preparation.Stage> heard, Consumer<Preparation.Stage> then) {
        return event -> {
            if (event instanceof RunEvent.Preparing preparing) {
                heard.add(preparing.work().stage());
                then.accept(preparing.work().stage());
            }
        };
    }

    @Test
    void theClockIsRight() throws Exception {
        runner.run(script("true")).close();
        Path image = images().get(0);
        FileTime saved = Files.getLastModifiedTime(image.resolve("state"));
        await().until(() -> Instant.now().isAfter(saved.toInstant().plusSeconds(3))); // the image has to age a little
        Instant before = Instant.now();
        try (JobResult result = runner.run(script("date +%s"))) {
            Instant after = Instant.now();
            assertThat(Instant.ofEpochSecond(
                            Long.parseLong(result.output().text().strip())))
                    .isBetween(before.minus(Duration.ofSeconds(2)), after.plus(Duration.ofSeconds(1)));
        }
    }

    @Test
    void aMachineThatWaitsIsHandedOutWithTheJobsOwnDisk() throws Exception {
        Set<String> seen = new HashSet<>();
        try (Runner ready = RealMachines.builder(RootImage.in(TestImages.find("tiny")), scratch)
                .warmStart(Preference.REQUIRE)
                .warmPool(1, RealMachines.SMALL)
                .build()) {
            for (int i = 0; i < 2; i++) {
                await().atMost(Duration.ofMinutes(1))
                        .until(() -> RealMachines.machines().size() == 1);
                try (JobResult result = ready.run(
                        script("cat /proc/sys/kernel/random/boot_id; head -c 2000000 /dev/zero >big; exit " + i))) {
                    assertThat(result.outcome()).isEqualTo(new Outcome.Exited(i));
                    assertThat(result.machine().orElseThrow().warm()).isTrue();
                    assertThat(result.files().find("/big").orElseThrow().size()).isEqualTo(2000000);
                    assertThat(seen.add(result.output().text())).isTrue();
                    assertClean(result);
                }
            }
        }
        assertThat(RealMachines.machines()).isEmpty();
    }

    @Test
    void aRootThatIsReplacedIsNoticedByTheNextMachineAlsoByOneThatWaits() throws Exception {
        RootImage tiny = RootImage.in(TestImages.find("tiny"));
        Path disk = Files.copy(tiny.disk(), scratch.resolve("root.img"));
        RootImage copy = new RootImage("copy", disk, tiny.format(), tiny.architecture(), tiny.boot());
        try (Runner ready = RealMachines.builder(copy, scratch)
                .warmStart(Preference.REQUIRE)
                .warmPool(1, RealMachines.SMALL)
                .build()) {
            assertThat(says(ready)).isEqualTo("tiny");
            await().atMost(Duration.ofMinutes(1))
                    .until(() -> RealMachines.machines().size() == 1);
            Path other = Files.copy(tiny.disk(), scratch.resolve("other.img"));
            Path name = Files.writeString(scratch.resolve("name"), "another");
            HostCommand.run("/sbin/debugfs", "-w", "-R", "rm /etc/hostname", other.toString());
            HostCommand.run("/sbin/debugfs", "-w", "-R", "write " + name + " /etc/hostname", other.toString());
            Files.move(other, disk, StandardCopyOption.REPLACE_EXISTING);
            assertThat(says(ready)).isEqualTo("another");
        }
        assertThat(RealMachines.machines()).isEmpty();
    }

    private static String says(Runner runner) throws Exception {
        try (JobResult result = runner.run(script("cat /etc/hostname"))) {
            assertThat(result.outcome()).isEqualTo(new Outcome.Exited(0));
            assertThat(result.machine().orElseThrow().warm()).isTrue();
            return result.output().text().strip();
        }
    }

    private static List<Path> images() throws Exception {
        try (Stream<Path> files = Files.list(scratch.resolve("qemu/memory-snapshots"))) {
            return files.filter(image -> Files.exists(image.resolve("manifest.properties")))
                    .toList();
        }
    }

    private static void assertClean(JobResult result) throws Exception {
        Path disk = result.moveDiskTo(scratch.resolve("result.img"));
        HostCommand.run("/sbin/e2fsck", "-fn", disk.toString());
        Files.delete(disk);
    }
}
