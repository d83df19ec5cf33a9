package dev.construir.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.construir.DataSize;
import dev.construir.job.Job;
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
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/** Short options, {@code --quiet}, and values out of their ranges. */
@Timeout(60)
@SuppressWarnings("NullAway.Init")
class RunOptionsTest {
    private static final Runner SUCCEEDS = (job, listener) -> JobResult.of(job, new Outcome.Exited(0));

    @TempDir
    Path directory;

    private final Terminal terminal = Terminal.files();
    private final List<Job> seen = new ArrayList<>();
    private String root;

    @BeforeEach
    void makeRoot() throws Exception {
        root = BareDisk.write(directory.resolve("root.img")).toString();
    }

    private int execute(Runner runner, String command, String... options) {
        Environment surroundings = Environment.of(
                Map.of("CONSTRUIR_CACHE", directory.resolve("cache").toString()), Optional.empty());
        List<String> all = new ArrayList<>(List.of(command, "--root", root, "--scratch"));
        all.add(directory.resolve("scratch").toString());
        all.addAll(List.of(options));
        terminal.err.reset();
        Runner recording = (job, listener) -> {
            seen.add(job);
            return runner.run(job, listener);
        };
        return Main.execute(
                terminal.streams(),
                surroundings,
                new Backends(List.of()),
                choice -> recording,
                all.toArray(String[]::new));
    }

    @Test
    void shortOptions_areTheLongOnes() {
        Path out = directory.resolve("out");
        assertThat(execute(SUCCEEDS, "run", "-m", "2G", "--timeout", "90s", "-o", out.toString(), "--script", "true"))
                .as(terminal.err())
                .isEqualTo(ExitCode.FAILED); // this runner has no disk to copy from
        assertThat(terminal.err()).contains("the files could not be brought to " + out);
        assertThat(seen).hasSize(1);
        assertThat(seen.get(0).resources().memory()).isEqualTo(DataSize.ofGibibytes(2));
        assertThat(seen.get(0).limits().total()).isEqualTo(Duration.ofSeconds(90));
    }

    @Test
    void sameShortOption_meansTheSameInEveryCommand() {
        CommandLine main = Main.command(
                terminal.streams(),
                Environment.of(Map.of(), Optional.empty()),
                new Backends(List.of()),
                choice -> SUCCEEDS);
        Map<String, String> meanings = new java.util.TreeMap<>();
        List<CommandLine> all = new ArrayList<>(List.of(main));
        for (int i = 0; i < all.size(); i++) {
            all.addAll(all.get(i).getSubcommands().values());
            all.get(i).getCommandSpec().options().forEach(option -> {
                if (option.shortestName().length() == 2) {
                    String before = meanings.put(option.shortestName(), option.longestName());
                    assertThat(before).isIn(null, option.longestName());
                }
            });
        }
        assertThat(meanings)
                .containsEntry("-o", "--out")
                .containsEntry("-m", "--memory")
                .containsEntry("-t", "--tty")
                .containsEntry("-q", "--quiet")
                .containsEntry("-v", "--verbose")
                .containsEntry("-j", "--jobs");
    }

    @Test
    void quiet_saysNothingOfASuccessAndHowAFailureEnded() {
        assertThat(execute(SUCCEEDS, "run", "-q", "--script", "true")).isZero();
        assertThat(terminal.err()).isEmpty();
        Runner fails = (job, listener) -> JobResult.of(job, new Outcome.Exited(3));
        assertThat(execute(fails, "run", "--quiet", "--script", "false")).isEqualTo(3);
        assertThat(terminal.err()).isEqualTo("construir: script exited with status 3\n");
    }

    @ParameterizedTest
    @CsvSource({
        "--memory, 1M",
        "--cpus, 0",
        "--disk, 1",
        "--timeout, 0s",
        "--boot-timeout, 0s",
        "--idle-timeout, 99999d",
        "--inodes, -1"
    })
    void valueOutOfItsRange_namesItsOption(String option, String value) throws Exception {
        Path job = Files.createDirectories(directory.resolve("job"));
        assertThat(execute(SUCCEEDS, "run", option + "=" + value, job.toString()))
                .isEqualTo(ExitCode.FAILED);
        assertThat(terminal.err()).startsWith("construir: " + option).hasLineCount(1);
        assertThat(seen).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"--jobs, 0", "--attempts, 0", "--take-over-after, 1s", "--memory, 1M"})
    void valueOfTheWatcherOutOfItsRange_namesItsOption(String option, String value) {
        Path queue = directory.resolve("queue");
        assertThat(execute(SUCCEEDS, "watch", option + "=" + value, queue.toString()))
                .isEqualTo(ExitCode.FAILED);
        assertThat(terminal.err().lines()).last().asString().startsWith("construir: " + option + ": ");
    }

    @Test
    void wordsOfAShell_areQuotedWhereNeeded() {
        assertThat(ShellWord.quote("/a/b-c.d")).isEqualTo("/a/b-c.d");
        assertThat(ShellWord.quote("a b")).isEqualTo("'a b'");
        assertThat(ShellWord.quote("it's")).isEqualTo("'it'\\''s'");
        assertThat(ShellWord.quote("")).isEqualTo("''");
    }
}
