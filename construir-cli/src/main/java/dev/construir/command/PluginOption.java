package dev.construir.command;

import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Option;

/** The option of every command that names a hypervisor. */
public final class PluginOption {
    @Option(
            names = "--plugin",
            paramLabel = "JAR|DIR",
            description =
                    "Adds a backend of others to those that --hypervisor can name: a jar, or a directory of jars. "
                            + "May be given again. Those in "
                            + "/usr/lib/construir/plugins and ~/.local/share/construir/plugins need not be named.")
    private List<Path> plugins = List.of();

    public List<Path> plugins() {
        return plugins;
    }
}
