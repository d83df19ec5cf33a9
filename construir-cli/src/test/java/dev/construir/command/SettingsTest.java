package dev.construir.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.construir.DataSize;
import dev.construir.job.Job;
import dev.construir.machine.Network;
import dev.construir.run.JobResult;
import dev.construir.run.Outcome;
import dev.construir.run.Runner;
import dev.construir.terminal.Environment;
import dev.construir.terminal.ExitCode;
import dev.construir.terminal.Terminal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/** Options that variables and the configuration file set. */
@Timeout(60)
@SuppressWarnings("NullAway.Init")
class SettingsTest {
    /** What other parts of Construir mean by these. */
    private static final Set<String> TAKEN = Set.of(
            "CONSTRUIR_CACHE",
            "CONSTRUIR_CONFIG",
            "CONSTRUIR_HOME",
            "CONSTRUIR_JARS_ARE_BUILT",
            "CONSTRUIR_JAVA",
            "CONSTRUIR_MODULE",
            "CONSTRUIR_RUN",
            "CONSTRUIR_WATCH_DEFAULTS");

    @TempDir
    Path directory;

    private final Terminal terminal = Terminal.files();
    private final Map<String, String> environment = new HashMap<>();
    private final List<Job> seen = new ArrayList<>();
    private Path file;

    @BeforeEach
    void makeRootAndFile() throws Exception {
        file = Files.createDirectories(directory.resolve("etc/construir")).resolve("config.properties");
        environment.put("XDG_CONFIG_HOME", directory.resolve("etc").toString());
        environment.put("CONSTRUIR_CACHE", directory.resolve("cache").toString());
        environment.put(
                "CONSTRUIR_ROOT", BareDisk.write(directory.resolve("root.img")).toString());
        environment.put("CONSTRUIR_SCRATCH", directory.resolve("scratch").toString());
    }

    private int execute(String... arguments) {
        terminal.out.reset();
        terminal.err.reset();
        Runner runner = (job, listener) -> {
            seen.add(job);
            return JobResult.of(job, new Outcome.Exited(0));
        };
        return Main.execute(
                terminal.streams(),
                Environment.of(environment, Optional.empty()),
                new Backends(List.of()),
                choice -> runner,
                arguments);
    }

    private Job run(String... options) {
        List<String> all = new ArrayList<>(List.of("run", "--script", "true"));
        all.addAll(List.of(options));
        assertThat(execute(all.toArray(String[]::new))).as(terminal.err()).isZero();
        return seen.get(seen.size() - 1);
    }

    @Test
    void option_comesBeforeVariable_andThatBeforeTheFile() throws Exception {
        Files.writeString(file, "# of this host\n\n memory = 2G \ntimeout=1h\ncpus = 3\n");
        assertThat(run().resources().memory()).isEqualTo(DataSize.ofGibibytes(2));
        environment.put("CONSTRUIR_MEMORY", "3G");
        environment.put("CONSTRUIR_CPUS", ""); // as good as not set
        assertThat(run().resources().memory()).isEqualTo(DataSize.ofGibibytes(3));
        Job job = run("-m", "4G");
        assertThat(job.resources().memory()).isEqualTo(DataSize.ofGibibytes(4));
        assertThat(job.resources().cpus()).isEqualTo(3);
        assertThat(job.limits().total()).isEqualTo(Duration.ofHours(1));
    }

    @Test
    void flag_thatIsSet_canBeTakenBack() throws Exception {
        assertThat(run().network()).isEqualTo(Network.NONE);
        Files.writeString(file, "network = true\nquiet = true\n");
        assertThat(run().network()).isEqualTo(Network.OUTBOUND);
        assertThat(terminal.err()).isEmpty();
        assertThat(run("--network").network()).isEqualTo(Network.OUTBOUND);
        assertThat(run("--no-network").network()).isEqualTo(Network.NONE);
        run("--no-quiet");
        assertThat(terminal.err()).contains("script exited with status 0");
        Files.writeString(file, "network = false\n");
        assertThat(run("--network").network()).isEqualTo(Network.OUTBOUND);
        assertThat(run().network()).isEqualTo(Network.NONE);
    }

    @ParameterizedTest
    @CsvSource({
        "memroy = 1G,'there is no setting \"memroy\"; did you mean memory?'",
        "out = x,'there is no setting \"out\"'",
        "xyzzyxyzzy = 1,'there is no setting \"xyzzyxyzzy\"; these can be set: accelerator, allow-network'",
        "memory 1G,'no setting; write NAME = VALUE'",
        "cpus = 2,'cpus is set in line 1 already'"
    })
    void line_thatIsWrong_isNamed(String line, String why) throws Exception {
        Files.writeString(file, "cpus = 1\n# comment\n" + line + "\n");
        assertThat(execute("run", "--script", "true")).isEqualTo(ExitCode.FAILED);
        assertThat(terminal.err()).contains(file + ", line 3: " + why).hasLineCount(1);
        assertThat(seen).isEmpty();
        assertThat(execute("--help")).isZero();
        assertThat(execute("run", "--help")).isZero();
        assertThat(execute("help", "run")).isZero();
        assertThat(execute("--version")).isZero();
    }

    @Test
    void value_thatIsWrong_isNamedWithItsOrigin() throws Exception {
        Files.writeString(file, "cpus = many\n");
        assertThat(execute("run", "--script", "true")).isEqualTo(ExitCode.FAILED);
        assertThat(terminal.err()).contains("--cpus").contains("(from " + file + ", line 1)");
        environment.put("CONSTRUIR_CPUS", "few");
        assertThat(execute("run", "--script", "true")).isEqualTo(ExitCode.FAILED);
        assertThat(terminal.err()).contains("--cpus").contains("(from CONSTRUIR_CPUS)");
    }

    @Test
    void file_thatIsNamed_mustBeReadable() throws Exception {
        environment.put("CONSTRUIR_CONFIG", directory.resolve("none").toString());
        assertThat(execute("doctor")).isEqualTo(ExitCode.FAILED);
        assertThat(terminal.err()).contains("the configuration file cannot be read: " + directory.resolve("none"));
        Path other = Files.writeString(directory.resolve("other"), "memory = 5G\n");
        environment.put("CONSTRUIR_CONFIG", other.toString());
        assertThat(run().resources().memory()).isEqualTo(DataSize.ofGibibytes(5));
        Files.write(other, new byte[] {(byte) 0xff});
        assertThat(execute("doctor")).isEqualTo(ExitCode.FAILED);
        assertThat(terminal.err()).contains("is no text in UTF-8");
        Files.write(other, new byte[(64 << 10) + 1]);
        assertThat(execute("doctor")).isEqualTo(ExitCode.FAILED);
        assertThat(terminal.err()).contains("larger than 64K");
    }

    @Test
    void place_isTheOneOfXdg() {
        assertThat(Settings.file(Map.of("HOME", "/h"))).contains(Path.of("/h/.config/construir/config.properties"));
        assertThat(Settings.file(Map.of("HOME", "/h", "XDG_CONFIG_HOME", "/x")))
                .contains(Path.of("/x/construir/config.properties"));
        assertThat(Settings.file(Map.of("HOME", "/h", "CONSTRUIR_CONFIG", "/c")))
                .contains(Path.of("/c"));
        assertThat(Settings.file(Map.of())).isEmpty();
    }

    @Test
    void everySetting_isAnOption_isInHelp_andHasAVariableThatIsNotTaken() {
        Set<String> options = new TreeSet<>();
        CommandLine main = Main.command(
                terminal.streams(),
                Environment.of(Map.of(), Optional.empty()),
                new Backends(List.of()),
                choice -> (job, listener) -> JobResult.of(job, new Outcome.Exited(0)));
        List<CommandLine> all = new ArrayList<>(List.of(main));
        for (int i = 0; i < all.size(); i++) {
            all.addAll(all.get(i).getSubcommands().values());
            String help = all.get(i).getUsageMessage();
            for (OptionSpec option : all.get(i).getCommandSpec().options()) {
                String name = option.longestName().replaceFirst("^--", "");
                options.add(name);
                if (Settings.NAMES.contains(name)) {
                    assertThat(help).containsPattern("\\b" + Settings.variable(name) + "\\b");
                }
            }
        }
        assertThat(options).containsAll(Settings.NAMES);
        assertThat(Settings.NAMES).allSatisfy(name -> assertThat(TAKEN).doesNotContain(Settings.variable(name)));
    }

    @Test
    void document_listsEverySetting() throws Exception {
        String rows = Files.readString(Path.of("../docs/reference/configuration.md"));
        String[] names = Settings.NAMES.stream()
                .sorted()
                .map(name -> "| `" + name + "` | `" + Settings.variable(name) + "` | `")
                .toArray(String[]::new);
        assertThat(rows).contains(names);
        assertThat(rows.lines().filter(line -> line.startsWith("| `"))).hasSameSizeAs(names);
    }

    @Test
    void doctor_namesTheFile() throws Exception {
        execute("doctor");
        assertThat(terminal.out()).contains("configuration file: none in " + file);
        Files.writeString(file, "");
        execute("doctor");
        assertThat(terminal.out()).contains("configuration file: " + file);
    }
}
