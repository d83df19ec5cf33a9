package dev.construir.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.construir.DataSize;
import dev.construir.DiskFormatException;
import dev.construir.disk.read.DiskReader;
import dev.construir.machine.Network;
import dev.construir.partition.Partitioned;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.XZOutputStream;

class JobTest {
    private static final DataSize SIZE = DataSize.ofMebibytes(16);

    @TempDir
    Path temp;

    private String script(Path disk) throws IOException {
        try (DiskReader reader = DiskReader.open(disk);
                var in = reader.open("/bin/construir")) {
            assertThat(reader.find("/bin/construir").orElseThrow().attributes().mode() & 0111)
                    .isEqualTo(0111);
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @Test
    void aScriptBecomesAnExecutable() throws Exception {
        Job job = Job.script("greet", "echo hello");
        job.createDisk(temp.resolve("disk"), SIZE);
        assertThat(script(temp.resolve("disk"))).isEqualTo("#!/bin/sh\necho hello\n");
        assertThat(Files.size(temp.resolve("disk"))).isEqualTo(SIZE.bytes());
    }

    @Test
    void aScriptTakesThePlaceOfADirectorysOwn() throws Exception {
        Path directory =
                Files.createDirectories(temp.resolve("lib/bin/construir.d")).resolve("../..");
        Files.writeString(directory.resolve("Makefile"), "check:\n");
        Job.script(directory, "make check").createDisk(temp.resolve("without"), SIZE);
        assertThat(script(temp.resolve("without"))).isEqualTo("#!/bin/sh\nmake check\n");

        Files.writeString(directory.resolve("bin/construir"), "#!/bin/sh\nexit 9\n");
        Job job = Job.script(directory, "make check");
        assertThat(job.name()).isEqualTo("lib");
        job.createDisk(temp.resolve("with"), SIZE);
        assertThat(script(temp.resolve("with"))).isEqualTo("#!/bin/sh\nmake check\n");
        try (DiskReader disk = DiskReader.open(temp.resolve("with"))) {
            assertThat(disk.find("/Makefile")).isPresent();
            assertThat(disk.find("/bin/construir.d")).isPresent();
        }
    }

    @Test
    void aScriptIsText() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Job.script("nul", "echo\0"))
                .withMessageContaining("character 5 is a NUL");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Job.script("half", "echo \ud83d"))
                .withMessageContaining("half a surrogate pair");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Job.script(temp, "x".repeat(1 << 20)))
                .withMessageContaining("a script of 1048587 bytes; the limit is 1048576");
    }

    @Test
    void outputsAreChecked() {
        assertThat(Outputs.matching("a", "b/*")).isEqualTo(new Outputs.Matching(List.of("a", "b/*")));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Outputs.matching())
                .withMessageContaining("no globs");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Outputs.matching("fine", "a[b"))
                .withMessage("not a glob: \"a[b\": the [ has no ], at character 2 of 3");
    }

    @Test
    void aDirectoryBecomesADisk() throws Exception {
        Path directory = Files.createDirectories(temp.resolve("hello/bin"));
        Path file = Files.writeString(directory.resolve("construir"), "#!/bin/sh\n");
        assertThat(file.toFile().setExecutable(true, false)).isTrue();
        Job job = Job.fromDirectory(temp.resolve("hello"));
        assertThat(job.name()).isEqualTo("hello");
        job.createDisk(temp.resolve("disk"), SIZE);
        assertThat(script(temp.resolve("disk"))).isEqualTo("#!/bin/sh\n");
    }

    @Test
    void aLinkThatTheDiskCannotHaveIsNamed() throws Exception {
        Path tree = Files.createDirectory(temp.resolve("tree"));
        Files.createFile(Files.createDirectory(tree.resolve("bin")).resolve("construir"));
        Path link = Files.createSymbolicLink(tree.resolve("link"), Path.of("x/".repeat(600) + "y"));
        assertThatThrownBy(() -> Job.fromDirectory(tree).createDisk(temp.resolve("disk"), DataSize.ofMebibytes(1)))
                .isInstanceOf(FileSystemException.class)
                .hasMessage(
                        link + ": /link: the target of a link has 1 to 1023 bytes on a disk of this size, not 1201");
        assertThat(temp.resolve("disk")).doesNotExist();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "/..", "//", "/proc/self/root"})
    void theHostsRootIsNoJob(String root) {
        for (Job job : List.of(Job.fromDirectory(Path.of(root)), Job.script(Path.of(root), "true"))) {
            assertThat(job.name()).isNotEqualTo("null");
            assertThatThrownBy(() -> job.createDisk(temp.resolve("disk"), SIZE))
                    .isInstanceOf(NotAJobException.class)
                    .hasMessageStartingWith(Path.of(root) + " is no job: it is the root file system of this host; ");
        }
        assertThat(Job.fromDirectory(Path.of("/")).name()).isEqualTo("/");
        assertThat(temp.resolve("disk")).doesNotExist();
    }

    @Test
    void aDirectoryWithoutAProgramIsNotRead() throws Exception {
        Path tree = temp.resolve("tree");
        Files.createDirectories(tree.resolve("bin"));
        Files.createSymbolicLink(tree.resolve("unfit"), Path.of("x/".repeat(600) + "y")); // would be found first
        assertNoJob(tree, "its bin/construir is not there; name a directory with an executable bin/construir, or put");
        for (String name : List.of("usr", "etc", "dev", "var")) {
            Files.createDirectory(tree.resolve(name));
        }
        assertNoJob(tree, "its bin/construir is not there; it looks like a root file system: name a directory");
        Files.createFile(tree.resolve("image.properties"));
        assertNoJob(tree, "its bin/construir is not there; it is a root image: name it by --root, and a job");
        assertNoJob(Files.createDirectory(temp.resolve("empty")), "its bin/construir is not there; ");
    }

    private void assertNoJob(Path directory, String why) {
        assertThatThrownBy(() -> Job.fromDirectory(directory).createDisk(temp.resolve("disk"), SIZE))
                .isInstanceOf(NotAJobException.class)
                .hasMessageStartingWith(directory + " is no job: " + why);
    }

    @Test
    void whatIsBehindLinksIsForTheGuestToSee() throws Exception {
        Path tree = Files.createDirectory(temp.resolve("links"));
        Files.createSymbolicLink(tree.resolve("bin"), Path.of("/only/in/the/guest"));
        Job.fromDirectory(tree).createDisk(temp.resolve("disk"), SIZE);
        assertThat(temp.resolve("disk")).exists();
    }

    @Test
    void anImageThatIsNoneIsNamedAsItWasGiven() throws Exception {
        Path image = temp.resolve("tiny.img.xz");
        try (var out = new XZOutputStream(Files.newOutputStream(image), new LZMA2Options())) {
            out.write('x');
        }
        assertThatThrownBy(() -> Job.fromImage(image).createDisk(temp.resolve("disk"), SIZE))
                .isInstanceOf(DiskFormatException.class)
                .hasMessageStartingWith(
                        image + " holds no ext2, ext3 or ext4 file system: it is too short for one, with 1 byte");
    }

    @Test
    void anImageIsCopiedForEveryRun() throws Exception {
        Job.script("greet", "echo hello").createDisk(temp.resolve("image"), SIZE);
        Job job = Job.fromImage(temp.resolve("image"));
        job.createDisk(temp.resolve("one"), DataSize.ofGibibytes(1));
        job.createDisk(temp.resolve("two"), DataSize.ofGibibytes(1));
        assertThat(temp.resolve("one")).hasSameBinaryContentAs(temp.resolve("image"));
        assertThat(temp.resolve("two")).hasSameBinaryContentAs(temp.resolve("image"));
    }

    @Test
    void withersKeepTheRest() throws Exception {
        Job custom = new Job() {
            @Override
            public String name() {
                return "custom";
            }

            @Override
            public void createDisk(Path file, DataSize size) throws IOException {
                Files.writeString(file, size.toString());
            }
        };
        Limits limits = Limits.DEFAULT.withTotal(Duration.ofMinutes(1));
        Resources resources = Resources.DEFAULT.withCpus(2).withDisk(SIZE);
        assertThat(custom.outputs()).isEqualTo(Outputs.CHANGED);
        Job changed = custom.withOutputs(Outputs.ALL)
                .withLimits(limits)
                .withResources(resources)
                .withNetwork(Network.OUTBOUND);
        assertThat(changed.name()).isEqualTo("custom");
        assertThat(changed.limits()).isEqualTo(limits);
        assertThat(changed.resources()).isEqualTo(resources);
        assertThat(changed.network()).isEqualTo(Network.OUTBOUND);
        assertThat(changed.outputs()).isEqualTo(Outputs.ALL);
        Outputs logs = Outputs.matching("**/*.log");
        assertThat(changed.withOutputs(logs).outputs()).isEqualTo(logs);
        assertThat(changed.withOutputs(logs).limits()).isEqualTo(limits);
        changed.createDisk(temp.resolve("disk"), changed.resources().disk());
        assertThat(temp.resolve("disk")).hasContent("16M");
    }

    @Test
    void limitsAndResourcesHaveTheirRanges() {
        assertThatIllegalArgumentException().isThrownBy(() -> Limits.DEFAULT.withTotal(Duration.ZERO));
        assertThatIllegalArgumentException().isThrownBy(() -> Limits.DEFAULT.withIdle(Duration.ofSeconds(-1)));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Limits.DEFAULT.withTotal(ChronoUnit.FOREVER.getDuration()))
                .withMessageContaining("the total limit is more than zero and at most 10000 days, not ");
        assertThatIllegalArgumentException().isThrownBy(() -> Resources.DEFAULT.withCpus(0));
        assertThatIllegalArgumentException().isThrownBy(() -> Resources.DEFAULT.withMemory(DataSize.ofBytes(1)));
    }

    @Test
    void whatHoldsNoFileSystemIsNoImage() throws Exception {
        Path text = Files.writeString(temp.resolve("text"), "hello");
        Path zeros = Files.write(temp.resolve("zeros"), new byte[1 << 20]);
        assertRefused(
                text,
                "holds no ext2, ext3 or ext4 file system: it is too short for one, with 5 bytes; make job images by");
        assertRefused(zeros, "holds no ext2, ext3 or ext4 file system; make job images by");
        Path script = Files.writeString(temp.resolve("script"), "#!/bin/sh\necho hello\n");
        assertRefused(
                script,
                "holds no ext2, ext3 or ext4 file system: it is a script; "
                        + "name the directory that has it as bin/construir, or run it by --script");
        assertRefused(
                Files.createFile(temp.resolve("empty")),
                "holds no ext2, ext3 or ext4 file system: it is empty; make job images by");
        Path partitioned = Files.write(
                temp.resolve("partitioned"), new Partitioned(2000).gpt(40, 99).bytes());
        assertRefused(
                partitioned,
                "holds no ext2, ext3 or ext4 file system: it is a disk with partitions, and a job's disk has none");
        assertRefused(temp, "is not a regular file");
        assertRefused(Path.of("/dev/zero"), "is not a regular file");
        assertThatThrownBy(() -> Job.fromImage(temp.resolve("none")).createDisk(temp.resolve("disk"), SIZE))
                .isInstanceOf(IOException.class);
        assertThat(temp.resolve("disk")).doesNotExist();
    }

    private void assertRefused(Path image, String why) {
        assertThatThrownBy(() -> Job.fromImage(image).createDisk(temp.resolve("disk"), SIZE))
                .isInstanceOf(DiskFormatException.class)
                .hasMessageStartingWith(image + " " + why);
    }

    @Test
    void absurdSizesAreRefusedWithTheRange() {
        Resources some = Resources.DEFAULT;
        for (DataSize memory : new DataSize[] {DataSize.ofBytes(1), DataSize.parse("10T")}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> some.withMemory(memory))
                    .withMessage("a job's machine has 64M to 1T of memory, not " + memory);
        }
        for (DataSize disk : new DataSize[] {DataSize.ofBytes(1), DataSize.parse("1048576T")}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> some.withDisk(disk))
                    .withMessage("a job disk has 64K to 2T in steps of 4K, not " + disk);
        }
        for (int cpus : new int[] {0, -1, 256}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> some.withCpus(cpus))
                    .withMessage("a machine has 1 to 255 processors, not " + cpus);
        }
    }
}
