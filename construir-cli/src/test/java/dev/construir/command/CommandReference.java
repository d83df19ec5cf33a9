package dev.construir.command;

import dev.construir.terminal.Environment;
import dev.construir.terminal.Terminal;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** The reference of the command in Markdown, from what picocli knows of it. */
final class CommandReference {
    private static final int WIDTH = 120;

    private CommandReference() {}

    /** Returns the command and all below it, with the defaults of no host in particular. */
    static List<CommandLine> commands() {
        Environment nowhere =
                new Environment(Optional.empty(), Path.of("~/.cache/construir"), Path.of("/var/tmp/construir-USER"));
        List<CommandLine> all = new ArrayList<>();
        add(
                Main.command(
                        Terminal.files().streams(),
                        nowhere,
                        new Backends(List.of()),
                        RunnerSource.on(new Backends(List.of()))),
                all);
        return all;
    }

    private static void add(CommandLine command, List<CommandLine> all) {
        all.add(command);
        command.getSubcommands().values().forEach(below -> add(below, all));
    }

    /** Returns the whole document. */
    static String write() {
        StringBuilder text = new StringBuilder("# The command\n\nThis page is generated from the command's own help. "
                + "Options that have a variable may stand in the\n[configuration file](configuration.md) as well. "
                + "[JSON](json.md) has a page of its own.\n");
        commands().forEach(command -> write(command.getCommandSpec(), text));
        return text.toString();
    }

    private static void write(CommandSpec spec, StringBuilder text) {
        text.append("\n## ").append(spec.qualifiedName()).append("\n\n");
        for (String line : spec.usageMessage().description()) {
            text.append(line.isBlank() ? "" : wrapped(escape(line)) + "\n\n");
        }
        text.append("```sh\n");
        Examples.of(spec.qualifiedName())
                .forEach(example -> text.append(example).append('\n'));
        text.append("```\n\n");
        if (!spec.positionalParameters().isEmpty()) {
            text.append("| argument | meaning |\n|---|---|\n");
            spec.positionalParameters().forEach(one -> row(one.paramLabel(), one, text));
            text.append('\n');
        }
        text.append("| option | meaning | variable |\n|---|---|---|\n");
        shown(spec).forEach(option -> option(option, text));
        footer(spec, text);
    }

    /** Returns the options that are for users. */
    static List<OptionSpec> shown(CommandSpec spec) {
        return spec.options().stream().filter(option -> !option.hidden()).toList();
    }

    private static void option(OptionSpec option, StringBuilder text) {
        String label = option.arity().max() == 0 ? "" : " " + option.paramLabel();
        String name = option.longestName().replaceFirst("^--", "");
        row(names(option) + label, option, text);
        text.setLength(text.length() - 1);
        text.append(Settings.NAMES.contains(name) ? " `" + Settings.variable(name) + "` |\n" : " |\n");
    }

    /** Returns the names of an option, a flag that can be taken back as {@code --[no-]network}. */
    static String names(OptionSpec option) {
        String names = String.join(", ", option.names());
        return option.negatable() ? names.replace("--", "--[no-]") : names;
    }

    private static void row(String label, ArgSpec argument, StringBuilder text) {
        text.append("| `")
                .append(label.replace("|", "\\|"))
                .append("` | ")
                .append(escape(value(argument, String.join(" ", argument.description()))))
                .append(" |\n");
    }

    private static void footer(CommandSpec spec, StringBuilder text) {
        String[] footer = spec.usageMessage().footer();
        if (footer.length > 0) {
            text.append('\n')
                    .append(spec.usageMessage().footerHeading().replace("%n", ""))
                    .append("\n\n```text\n")
                    .append(String.join("\n", footer))
                    .append("\n```\n");
        }
    }

    /** Returns a description with its default in place of picocli's variable. */
    static String value(ArgSpec argument, String description) {
        return description.replace("${DEFAULT-VALUE}", String.valueOf(argument.initialValue()));
    }

    private static String wrapped(String line) {
        StringBuilder text = new StringBuilder();
        int used = 0;
        for (String word : line.strip().split(" +")) {
            boolean fits = used + word.length() < WIDTH;
            text.append(used == 0 ? "" : fits ? " " : "\n").append(word);
            used = (used == 0 || !fits ? 0 : used + 1) + word.length();
        }
        return text.toString();
    }

    private static String escape(String text) {
        return text.replace("%%", "%").replace("|", "\\|").replace("<", "&lt;").replace("*", "\\*");
    }
}
