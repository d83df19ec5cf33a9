package dev.construir.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.construir.terminal.Environment;
import dev.construir.terminal.ExitCode;
import dev.construir.terminal.Terminal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/**
 * The reference, the manual pages and the completion are what the command is. With {@code -Dconstruir.write=true} this
 * test writes the files anew.
 */
@Timeout(60)
@SuppressWarnings("NullAway.Init")
class CommandReferenceTest {
    private static final Path REFERENCE = Path.of("../docs/reference");
    private static final Pattern WORD = Pattern.compile("'([^']*)'|(\\S+)");

    @TempDir
    Path directory;

    private static Map<Path, String> generated() {
        Map<Path, String> files = new TreeMap<>();
        files.put(REFERENCE.resolve("command.md"), CommandReference.write());
        for (CommandLine command : CommandReference.commands()) {
            files.put(REFERENCE.resolve("man").resolve(ManPage.name(command) + ".1"), ManPage.of(command));
        }
        return files;
    }

    @Test
    void filesInTheDocuments_areWhatTheCommandIs() throws Exception {
        Map<Path, String> files = generated();
        if (Boolean.getBoolean("construir.write")) {
            Files.createDirectories(REFERENCE.resolve("man"));
            for (Map.Entry<Path, String> file : files.entrySet()) {
                Files.writeString(file.getKey(), file.getValue());
            }
        }
        for (Map.Entry<Path, String> file : files.entrySet()) {
            assertThat(file.getKey())
                    .as("write it anew: mvn test -pl construir-cli -am -Dtest=CommandReferenceTest "
                            + "-Dsurefire.failIfNoSpecifiedTests=false -Dconstruir.write=true")
                    .hasContent(file.getValue());
        }
        try (Stream<Path> pages = Files.list(REFERENCE.resolve("man"))) {
            assertThat(pages).allSatisfy(page -> assertThat(files).containsKey(page));
        }
    }

    @Test
    void everyCommand_hasExamplesThatItUnderstands() {
        for (CommandLine command : CommandReference.commands()) {
            String name = command.getCommandSpec().qualifiedName();
            assertThat(Examples.of(name)).as(name).isNotEmpty();
            assertThat(command.getUsageMessage()).contains(Examples.of(name));
            for (String example : Examples.of(name)) {
                String own = example.replaceFirst("^.*\\| ", "").replaceFirst(" (>|&&) .*", "");
                List<String> words = new ArrayList<>();
                Matcher matcher = WORD.matcher(own);
                while (matcher.find()) {
                    words.add(matcher.group(1) == null ? matcher.group(2) : matcher.group(1));
                }
                assertThat(words.remove(0)).isEqualTo("construir");
                CommandLine.ParseResult parsed =
                        CommandReference.commands().get(0).parseArgs(words.toArray(String[]::new));
                assertThat(parsed.errors()).isEmpty();
                assertThat(own).startsWith(name);
            }
        }
    }

    @Test
    void manualPages_areWellFormed() throws Exception {
        for (CommandLine command : CommandReference.commands()) {
            String page = ManPage.of(command);
            assertThat(page.lines().filter(line -> line.startsWith(".")))
                    .allMatch(line -> line.matches("\\.(TH|SH|PP|TP|B|BR|nf|fi)( .*)?"));
            assertThat(page).contains(".SH NAME\n", ".SH SYNOPSIS\n", ".SH OPTIONS\n", ".SH EXAMPLES\n");
            assertThat(page).doesNotContain("${", "%n");
        }
    }

    private String completion(String shell) {
        Terminal terminal = Terminal.files();
        Backends none = new Backends(List.of());
        assertThat(Main.execute(
                        terminal.streams(),
                        Environment.of(Map.of(), Optional.empty()),
                        none,
                        RunnerSource.on(none),
                        "completion",
                        shell))
                .isZero();
        return terminal.out();
    }

    @ParameterizedTest
    @ValueSource(strings = {"bash", "BASH", "zsh"})
    void completion_knowsCommandsAndOptions(String shell) {
        assertThat(completion(shell)).contains("construir", "--keep-on-failure", "image", "shell", "--max-memory");
        assertThat(completion(shell).startsWith("autoload")).isEqualTo(shell.equals("zsh"));
    }

    @Test
    void completion_ofAnotherShell_isRefused() {
        Terminal terminal = Terminal.files();
        Backends none = new Backends(List.of());
        Environment nowhere = Environment.of(Map.of(), Optional.empty());
        assertThat(Main.execute(terminal.streams(), nowhere, none, RunnerSource.on(none), "completion", "fish"))
                .isEqualTo(ExitCode.FAILED);
        assertThat(terminal.err()).contains("bash or zsh, not \"fish\"");
        assertThat(terminal.out()).isEmpty();
    }

    /** In a real bash: the script can be read, and completes a command and an option. */
    @Test
    void completion_worksInBash() throws Exception {
        Path script = Files.writeString(directory.resolve("completion"), completion("bash"));
        String shell =
                "source " + script + "; complete_words() { COMP_WORDS=(\"$@\"); COMP_CWORD=$(($# - 1)); COMPREPLY=(); "
                        + "_complete_construir; printf '%s\\n' \"${COMPREPLY[@]}\"; }; complete_words construir ext; "
                        + "complete_words construir run --keep-on";
        Process process = new ProcessBuilder("bash", "--norc", "-c", shell)
                .redirectErrorStream(true)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
        assertThat(said.lines().map(String::strip)).contains("extract", "--keep-on-failure");
    }
}
