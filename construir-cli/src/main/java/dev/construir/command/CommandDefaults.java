package dev.construir.command;

import dev.construir.ConstruirException;
import dev.construir.run.BadJobException;
import dev.construir.terminal.Environment;
import dev.construir.terminal.ExitCode;
import dev.construir.terminal.Failures;
import dev.construir.terminal.ReaderGoneException;
import dev.construir.terminal.Streams;
import dev.construir.terminal.TerminalFilter;
import dev.construir.text.ControlCharacters;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import picocli.CommandLine;
import picocli.CommandLine.ExecutionException;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IExecutionStrategy;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.RunLast;
import picocli.CommandLine.UnmatchedArgumentException;

/** What all commands have in common: help, exit codes, and how failures are said. */
public final class CommandDefaults {
    private static final int WIDTH = 100;

    private CommandDefaults() {}

    /** Gives a command what all have in common, and no settings. */
    public static void apply(CommandLine command, Streams streams) {
        apply(command, streams, new SettingDefaults(Settings.none()), Optional.empty());
    }

    /**
     * Gives a command what all have in common, and options the values of the environment and the configuration file.
     */
    static void apply(CommandLine command, Streams streams, Environment surroundings) {
        Settings settings = Settings.none();
        Optional<ConstruirException> fault = Optional.empty();
        try {
            settings = Settings.of(surroundings.environment());
        } catch (ConstruirException e) {
            fault = Optional.of(e); // which does not hinder help
        }
        apply(command, streams, new SettingDefaults(settings), fault);
    }

    private static void apply(
            CommandLine command, Streams streams, SettingDefaults defaults, Optional<ConstruirException> fault) {
        PrintWriter out = new PrintWriter(streams.out(), true, StandardCharsets.UTF_8);
        PrintWriter err = new PrintWriter(streams.err(), true, StandardCharsets.UTF_8);
        prepare(command);
        command.setOut(out);
        command.setErr(err);
        command.setUsageHelpWidth(WIDTH);
        command.setCaseInsensitiveEnumValuesAllowed(true);
        command.setAbbreviatedOptionsAllowed(false);
        command.setExpandAtFiles(false); // @ is a character like others, behind -- as well
        Failing failing = new Failing(err, defaults);
        command.setParameterExceptionHandler(failing);
        command.setExecutionExceptionHandler(failing);
        command.setExecutionStrategy(new UnlessUnknown(new RunLast(), fault));
        command.setDefaultValueProvider(defaults);
        list(command, defaults);
        command.addMixin("version", new VersionOption());
    }

    private static void prepare(CommandLine command) {
        CommandSpec spec = command.getCommandSpec();
        if (spec.findOption("--help") == null) { // picocli's own help command has one
            spec.addOption(OptionSpec.builder("-h", "--help")
                    .usageHelp(true)
                    .description("Shows this help.")
                    .build());
        }
        spec.exitCodeOnInvalidInput(ExitCode.FAILED);
        spec.exitCodeOnExecutionException(ExitCode.FAILED);
        spec.usageMessage().sortOptions(false).abbreviateSynopsis(true);
        for (CommandLine subcommand : command.getSubcommands().values()) {
            prepare(subcommand);
        }
    }

    private static void list(CommandLine command, SettingDefaults defaults) {
        List<String> sections = new ArrayList<>(command.getHelpSectionKeys());
        int footer = sections.indexOf(CommandLine.Model.UsageMessageSpec.SECTION_KEY_FOOTER_HEADING);
        sections.addAll(footer, List.of(Examples.SECTION, SettingDefaults.SECTION));
        command.setHelpSectionKeys(sections); // of the subcommands as well
        put(command, defaults);
    }

    private static void put(CommandLine command, SettingDefaults defaults) {
        command.getHelpSectionMap().put(SettingDefaults.SECTION, defaults);
        command.getHelpSectionMap().put(Examples.SECTION, new Examples());
        command.getSubcommands().values().forEach(subcommand -> put(subcommand, defaults));
    }

    private static int refuse(ParameterException e, PrintWriter err, SettingDefaults defaults) {
        String command = e.getCommandLine().getCommandSpec().qualifiedName();
        String message = String.valueOf(e.getMessage());
        String origin = e.getArgSpec() == null ? "" : defaults.origin(e.getArgSpec(), message);
        say(err, e instanceof UnmatchedArgumentException unmatched ? describe(unmatched) : message + origin);
        err.println("construir: see " + command + " --help");
        return ExitCode.FAILED;
    }

    private static String describe(UnmatchedArgumentException e) {
        CommandLine command = e.getCommandLine();
        Optional<String> option =
                e.getUnmatched().stream().filter(CommandDefaults::isOption).findFirst();
        if (option.isPresent()) {
            String name = option.get().split("=", 2)[0];
            Set<String> known = command.getCommandSpec().optionsMap().keySet();
            return "there is no option " + name + meant(name, known);
        } else if (e.getUnmatched().isEmpty()) {
            return String.valueOf(e.getMessage());
        }
        String word = e.getUnmatched().get(0);
        return command.getSubcommands().isEmpty()
                ? "one argument too many: \"" + word + "\""
                : noCommand(word, command);
    }

    private static boolean isOption(String word) {
        return word.length() > 1 && word.startsWith("-");
    }

    static String noCommand(String name, CommandLine of) {
        return "there is no command \"" + name + "\""
                + meant(name, of.getSubcommands().keySet());
    }

    private static String meant(String word, Set<String> known) {
        if (word.length() <= 2 && isOption(word)) {
            return ""; // any other letter is as near
        }
        return Spelling.nearest(word, known)
                .map(nearest -> "; did you mean " + nearest + "?")
                .orElse("");
    }

    private static int fail(Exception e, PrintWriter err) {
        if (e instanceof ReaderGoneException) {
            return 0; // as much was done as anybody wants
        }
        say(err, Failures.describe(e));
        if (!(e instanceof ConstruirException || e instanceof IOException)) {
            e.printStackTrace(err);
        }
        return e instanceof BadJobException bad ? bad.exitCode() : ExitCode.FAILED;
    }

    // Names of files may hold newlines, and a hypervisor's last words do: none of their lines shall look like one of
    // ours.
    private static void say(PrintWriter err, String message) {
        say(err::println, message);
    }

    /** Says it to what takes lines. */
    static void say(Consumer<String> lineByLine, String message) {
        String[] lines = TerminalFilter.plain(ControlCharacters.escape(message)).split("\n", -1);
        lineByLine.accept("construir: " + lines[0]);
        for (int i = 1; i < lines.length; i++) {
            lineByLine.accept("construir: | " + lines[i]);
        }
    }

    /** A class, as lambdas of picocli's interfaces are not among the classes that the launcher keeps. */
    private record Failing(PrintWriter err, SettingDefaults defaults)
            implements IParameterExceptionHandler, IExecutionExceptionHandler {
        @Override
        public int handleParseException(ParameterException e, String[] arguments) {
            return refuse(e, err, defaults);
        }

        @Override
        public int handleExecutionException(Exception e, CommandLine command, ParseResult parsed) {
            return fail(e, err);
        }
    }

    /**
     * Refuses commands that there are not also where help is asked for: picocli would show another command's. What is
     * wrong with the configuration file is said only where it matters.
     */
    private record UnlessUnknown(IExecutionStrategy known, Optional<ConstruirException> fault)
            implements IExecutionStrategy {
        @Override
        public int execute(ParseResult parsed) {
            for (CommandLine command : parsed.asCommandLineList()) {
                List<String> unknown = command.getParseResult().unmatched();
                if (!unknown.isEmpty() && !command.getSubcommands().isEmpty()) {
                    throw new UnmatchedArgumentException(command, unknown);
                }
            }
            List<CommandLine> all = parsed.asCommandLineList();
            CommandLine last = all.get(all.size() - 1);
            boolean help = all.stream().anyMatch(one -> one.isUsageHelpRequested() || one.isVersionHelpRequested())
                    || last.getCommand() instanceof HelpCommand;
            if (fault.isPresent() && !help) {
                throw new ExecutionException(last, String.valueOf(fault.get().getMessage()), fault.get());
            }
            return known.execute(parsed);
        }
    }

    /** {@code --version}, of the top command only. */
    @CommandLine.Command
    static final class VersionOption {
        @CommandLine.Option(
                names = {"-V", "--version"}, // as Main knows them
                versionHelp = true,
                description = "Shows the version.")
        private boolean asked;
    }
}
