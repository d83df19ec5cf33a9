package dev.construir.command;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine;
import picocli.CommandLine.Help;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** The manual page of a command, in roff with the macros of man(7). */
final class ManPage {
    private final CommandSpec spec;
    private final StringBuilder text = new StringBuilder();

    private ManPage(CommandSpec spec) {
        this.spec = spec;
    }

    /** Returns the page's name, for example {@code construir-image-shell}. */
    static String name(CommandLine command) {
        return command.getCommandSpec().qualifiedName("-");
    }

    /** Returns the page. */
    static String of(CommandLine command) {
        return new ManPage(command.getCommandSpec()).write();
    }

    private String write() {
        String name = spec.qualifiedName("-");
        List<String> description = plain(spec.usageMessage().description());
        line(".TH " + name.toUpperCase(Locale.ROOT) + " 1 \"\" construir");
        section("NAME");
        line(escape(name) + " \\- " + escape(description.get(0).replaceFirst("\\.$", "")));
        section("SYNOPSIS");
        Help help = spec.commandLine().getHelp();
        line(".B " + escape(help.synopsis(0).strip().replaceAll("\\s+", " ")));
        section("DESCRIPTION");
        description.forEach(this::paragraph);
        arguments();
        options();
        commands();
        footer();
        examples();
        section("SEE ALSO");
        line(".BR "
                + escape(spec.parent() == null ? "construir-run" : spec.parent().qualifiedName("-")) + " (1)");
        return text.toString();
    }

    private void arguments() {
        if (!spec.positionalParameters().isEmpty()) {
            section("ARGUMENTS");
            for (PositionalParamSpec one : spec.positionalParameters()) {
                item(one.paramLabel(), one);
            }
        }
    }

    private void options() {
        section("OPTIONS");
        for (OptionSpec option : CommandReference.shown(spec)) {
            String label = option.arity().max() == 0 ? "" : " " + option.paramLabel();
            item(CommandReference.names(option) + label, option);
            String name = option.longestName().replaceFirst("^--", "");
            if (Settings.NAMES.contains(name)) {
                line("Variable: " + Settings.variable(name) + ".");
            }
        }
    }

    private void commands() {
        if (!spec.subcommands().isEmpty()) {
            section("COMMANDS");
            spec.subcommands().values().forEach(command -> {
                line(".TP");
                line(".BR " + escape(name(command)) + " (1)");
                line(escape(plain(command.getCommandSpec().usageMessage().description())
                        .get(0)));
            });
        }
    }

    private void footer() {
        String[] footer = spec.usageMessage().footer();
        if (footer.length > 0) {
            section(spec.usageMessage()
                    .footerHeading()
                    .replace("%n", "")
                    .replace(":", "")
                    .toUpperCase(Locale.ROOT));
            line(".nf");
            List.of(footer).forEach(one -> line(escape(one)));
            line(".fi");
        }
    }

    private void examples() {
        section("EXAMPLES");
        line(".nf");
        Examples.of(spec.qualifiedName()).forEach(example -> line(escape(example)));
        line(".fi");
    }

    private void item(String label, ArgSpec argument) {
        line(".TP");
        line(".B " + escape(label));
        plain(argument.description()).forEach(one -> line(escape(CommandReference.value(argument, one))));
    }

    private void paragraph(String one) {
        line(".PP");
        line(escape(one));
    }

    private void section(String title) {
        line(".SH " + title);
    }

    private void line(String one) {
        text.append(one).append('\n');
    }

    private static List<String> plain(String[] lines) {
        List<String> plain = new ArrayList<>();
        for (String line : lines) {
            if (!line.isBlank()) {
                plain.add(line.replace("%%", "%"));
            }
        }
        return plain;
    }

    /** A line that begins with a dot or an apostrophe would be a request. */
    private static String escape(String one) {
        String escaped = one.replace("\\", "\\e").replace("-", "\\-");
        return escaped.startsWith(".") || escaped.startsWith("'") ? "\\&" + escaped : escaped;
    }
}
