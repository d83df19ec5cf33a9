package dev.construir.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.construir.ConstruirException;
import dev.construir.DataSize;
import dev.construir.disk.compress.CompressOptions;
import dev.construir.disk.compress.CompressedImage;
import dev.construir.disk.read.DiskReader;
import dev.construir.job.Job;
import dev.construir.job.Limits;
import dev.construir.job.Resources;
import dev.construir.machine.Network;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The settings that jobs ask for, get, and are refused. */
@Timeout(60)
class JobSettingsTest {
    private static final JobBounds BOUNDS = new JobBounds(
            Limits.DEFAULT.withTotal(Duration.ofHours(4)),
            Resources.DEFAULT.withCpus(4).withMemory(DataSize.ofGibibytes(2)),
            false);
    private static final Job JOB = Job.script("job", "true");

    @TempDir
    Path directory;

    private static Job apply(String text) throws ConstruirException {
        return JobSettings.parse(text.getBytes(StandardCharsets.UTF_8)).applyTo(JOB, BOUNDS);
    }

    @Test
    void wishesWithinTheBounds_areGranted() throws Exception {
        Job job = apply(
                "# all of it\n\ntimeout = 3h30m\nidle-timeout=90s\noutput = 1M\ncpus = 3\nmemory = 2G\ndisk = 64M\n");
        assertThat(job.limits().total()).isEqualTo(Duration.ofMinutes(210));
        assertThat(job.limits().idle()).isEqualTo(Duration.ofSeconds(90));
        assertThat(job.limits().boot()).isEqualTo(Limits.DEFAULT.boot());
        assertThat(job.limits().output()).isEqualTo(DataSize.ofMebibytes(1));
        assertThat(job.resources()).isEqualTo(new Resources(3, DataSize.ofGibibytes(2), DataSize.ofMebibytes(64)));
        assertThat(job.network()).isEqualTo(Network.NONE);
        assertThat(apply("timeout = 1m").limits().boot()).isEqualTo(Duration.ofMinutes(1));
    }

    @Test
    void sampleInTheDocument_isUnderstood() throws Exception {
        String document = Files.readString(Path.of("../docs/howto/job-settings.md"));
        int begin = document.indexOf("```properties\n") + "```properties\n".length();
        String sample = document.substring(begin, document.indexOf("```", begin));
        JobBounds ample = new JobBounds(
                BOUNDS.limits(), new Resources(8, DataSize.ofGibibytes(16), DataSize.ofGibibytes(64)), true);
        Job job = JobSettings.parse(sample.getBytes(StandardCharsets.UTF_8)).applyTo(JOB, ample);
        assertThat(job.limits().total()).isEqualTo(Duration.ofMinutes(90));
        assertThat(job.limits().idle()).isEqualTo(Duration.ofMinutes(10));
        assertThat(job.resources()).isEqualTo(new Resources(2, DataSize.ofGibibytes(4), DataSize.ofGibibytes(8)));
        assertThat(job.network()).isEqualTo(Network.OUTBOUND);
        assertThat(job.name()).isEqualTo(JOB.name());
    }

    @Test
    void nothing_changesNothing() throws Exception {
        Job job = apply("");
        assertThat(job.limits()).isEqualTo(JOB.limits());
        assertThat(job.resources()).isEqualTo(JOB.resources());
        assertThat(job.network()).isEqualTo(JOB.network());
    }

    @ParameterizedTest
    @CsvSource({
        "timeout = 4h1s,'asks for timeout = \"4h1s\", and this queue allows 14400s at most'",
        "memory = 3G,'asks for memory = \"3G\", and this queue allows 2G at most'",
        "cpus = 5,'asks for cpus = \"5\", and this queue allows 4 at most'",
        "disk = 2G,'asks for disk = \"2G\", and this queue allows 1G at most'",
        "output = 2G,'asks for output = \"2G\", and this queue allows 1G at most'",
        "network = true,'asks for a network, and this queue allows none'",
        "network = yes,'network is true or false'",
        "memory = much,'memory has no value that is understood: \"much\"'",
        "memory = 1M,'has 64M to 1T of memory, not 1M'",
        "cpus = 0,'1 to 255 processors'",
        "cpus = -1,'cpus has no value that is understood'",
        "timeout = 0s,'timeout is more than zero'",
        "timeout = 99999999h,'timeout has no value'",
        "timeout = none,'timeout has no value'",
        "memroy = 1G,'line 1: there is no setting \"memroy\"'",
        "shutdown = 1h,'line 1: there is no setting'",
        "no sense,'line 1: no setting; write KEY = VALUE'",
        "env.1X = y,'no name of a variable'",
        "env.CONSTRUIR_RUN = y,'no name of a variable'",
        "env. = y,'no name of a variable'",
        "env.A;B = y,'no name of a variable'",
    })
    void whatIsWrongOrTooMuch_isRefusedWithTheReason(String line, String why) {
        assertThatThrownBy(() -> apply(line))
                .isInstanceOf(ConstruirException.class)
                .hasMessageStartingWith("bin/construir.properties")
                .hasMessageContaining(why);
    }

    @Test
    void hostileContent_isRefusedWithAShortMessage() {
        byte[] large = "#".repeat(JobSettings.LARGEST + 1).getBytes(StandardCharsets.UTF_8);
        assertThatThrownBy(() -> JobSettings.parse(large)).hasMessageContaining("larger than 16K");
        assertThatThrownBy(() -> apply("\n".repeat(501))).hasMessageContaining("more than 500 lines");
        assertThatThrownBy(() -> JobSettings.parse(new byte[] {'a', '=', (byte) 0xff}))
                .hasMessageContaining("UTF-8");
        assertThatThrownBy(() -> apply("env.A=x\u001b[2J")).hasMessageContaining("control characters");
        assertThatThrownBy(() -> apply("cpus=1\ncpus=1")).hasMessageContaining("line 2: cpus is set twice");
        assertThatThrownBy(() -> apply("\u001b[2J" + "x".repeat(10_000) + "=1"))
                .message()
                .hasSizeLessThan(200)
                .doesNotContain("\u001b");
    }

    @Test
    void network_isGrantedWhereItIsAllowed() throws Exception {
        JobSettings wish = JobSettings.parse("network = true".getBytes(StandardCharsets.UTF_8));
        JobBounds open = new JobBounds(BOUNDS.limits(), BOUNDS.resources(), true);
        assertThat(wish.applyTo(JOB, open).network()).isEqualTo(Network.OUTBOUND);
        Job given = JOB.withNetwork(Network.OUTBOUND);
        assertThat(wish.applyTo(given, BOUNDS).network()).isEqualTo(Network.OUTBOUND);
        JobSettings none = JobSettings.parse("network = false".getBytes(StandardCharsets.UTF_8));
        assertThat(none.applyTo(given, BOUNDS).network()).isEqualTo(Network.NONE);
    }

    private Path job(String settings) throws IOException {
        Path job = directory.resolve("job");
        Path bin = Files.createDirectories(job.resolve("bin"));
        Path script = Files.writeString(bin.resolve("construir"), "#!/bin/sh\necho \"$A|$B|$1\"\n");
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.writeString(bin.resolve("construir.properties"), settings);
        return job;
    }

    private Path disk(Job job, String name) throws IOException {
        Path disk = directory.resolve(name);
        job.createDisk(disk, DataSize.ofMebibytes(1));
        return disk;
    }

    @Test
    void variables_areSetByAScriptInThePlaceOfTheProgram() throws Exception {
        Path job = job("env.A = it's $HOME `id`\nenv.B=\n");
        Job own = SettingsFile.read(job).orElseThrow().applyTo(Job.fromDirectory(job), BOUNDS);
        Path disk = disk(own, "disk.img");
        Path out = Files.createDirectory(directory.resolve("out"));
        try (DiskReader files = DiskReader.open(disk)) {
            files.copyTo(out);
            assertThat(files.find("/bin/construir").orElseThrow().attributes().mode())
                    .isEqualTo(0755);
        }
        assertThat(directory.resolve("disk.img.program")).doesNotExist();
        // As in a machine, except for the place of the disk.
        Path script = out.resolve("bin/construir");
        Files.writeString(script, Files.readString(script).replace("/job/", out + "/"));
        Process process = new ProcessBuilder(script.toString(), "an argument").start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
        assertThat(said).isEqualTo("it's $HOME `id`||an argument\n");
    }

    @Test
    void images_bringSettingsToo_alsoCompressed() throws Exception {
        Path image = disk(Job.fromDirectory(job("cpus = 2\n")), "job.img");
        assertThat(SettingsFile.read(image)
                        .orElseThrow()
                        .applyTo(JOB, BOUNDS)
                        .resources()
                        .cpus())
                .isEqualTo(2);
        Path packed = directory.resolve("job.img.xz");
        CompressedImage.write(image, packed, CompressOptions.DEFAULT);
        assertThat(SettingsFile.read(packed)
                        .orElseThrow()
                        .applyTo(JOB, BOUNDS)
                        .resources()
                        .cpus())
                .isEqualTo(2);
        assertThat(SettingsFile.read(disk(JOB, "plain.img"))).isEmpty();
        assertThat(SettingsFile.read(Files.write(directory.resolve("zeros"), new byte[5000])))
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"link", "pipe", "directory"})
    void fileThatIsNone_isRefusedAndNotFollowed(String kind) throws Exception {
        Path file = job("").resolve("bin/construir.properties");
        Files.delete(file);
        switch (kind) {
            case "link" -> Files.createSymbolicLink(file, Files.writeString(directory.resolve("secret"), "cpus = 4\n"));
            case "pipe" ->
                assertThat(new ProcessBuilder("mkfifo", file.toString()).start().waitFor())
                        .isZero();
            default -> Files.createDirectory(file);
        }
        assertThatThrownBy(() -> SettingsFile.read(directory.resolve("job")))
                .isInstanceOf(ConstruirException.class)
                .hasMessage("bin/construir.properties cannot be read: it is no regular file");
    }

    @Test
    void directoryBehindALink_isNotLookedInto() throws Exception {
        Path job = job("cpus = 4\n");
        Path other = Files.createDirectory(directory.resolve("other"));
        Files.createSymbolicLink(other.resolve("bin"), job.resolve("bin"));
        assertThat(SettingsFile.read(other)).isEmpty();
        assertThat(SettingsFile.read(directory.resolve("none"))).isEqualTo(Optional.empty());
        assertThat(SettingsFile.read(Files.createDirectory(directory.resolve("empty"))))
                .isEmpty();
    }
}
