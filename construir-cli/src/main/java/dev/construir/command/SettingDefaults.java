package dev.construir.command;

import java.util.Optional;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Help;
import picocli.CommandLine.IDefaultValueProvider;
import picocli.CommandLine.IHelpSectionRenderer;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;

/** Gives options the values of {@link Settings}, and lists in a command's help which there are. */
final class SettingDefaults implements IDefaultValueProvider, IHelpSectionRenderer {
    /** The name of its section in help. */
    static final String SECTION = "construirSettings";

    private final Settings settings;

    SettingDefaults(Settings settings) {
        this.settings = settings;
    }

    @Override
    public @Nullable String defaultValue(ArgSpec argument) {
        return setting(argument).map(Settings.Setting::value).orElse(null);
    }

    private Optional<Settings.Setting> setting(ArgSpec argument) {
        return argument instanceof OptionSpec option ? settings.of(name(option)) : Optional.empty();
    }

    private static String name(OptionSpec option) {
        return option.longestName().replaceFirst("^-+", "");
    }

    /** Returns where a value comes from, for a message; nothing if it is not a setting's. */
    String origin(ArgSpec argument, String message) {
        return setting(argument)
                .filter(setting -> message.contains(setting.value()))
                .map(setting -> " (from " + setting.origin() + ")")
                .orElse("");
    }

    @Override
    public String render(Help help) {
        TreeSet<String> variables = new TreeSet<>();
        for (OptionSpec option : help.commandSpec().options()) {
            if (Settings.NAMES.contains(name(option))) {
                variables.add(Settings.variable(name(option)));
            }
        }
        return variables.isEmpty()
                ? ""
                : help.createHeading("%nVariables that set options, before the configuration file does:%n")
                        + help.createTextTable(java.util.Map.of("", String.join(" ", variables)));
    }
}
