package dev.construir.command;

import dev.construir.ConstruirException;
import dev.construir.command.sandbox.KeeperClient;
import dev.construir.terminal.CancelOnSignal;
import dev.construir.terminal.Environment;
import dev.construir.terminal.Screen;
import dev.construir.terminal.Streams;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code construir sandbox cp}: files into and out of a sandbox with a name. */
@Command(
        name = "cp",
        description = {
            "Copies a file, or a directory's content, between this host and an open sandbox.",
            "",
            "One of both is NAME:PATH, with an absolute path in the sandbox. A directory's entries go to the directory "
                    + "TARGET, which is made if it is missing. A file goes to TARGET; if that is a directory, or ends in "
                    + "a slash, to it by its name. Files that are there are replaced, directories are not.",
            ""
        })
@SuppressWarnings("NullAway.Init")
final class SandboxCopyCommand implements Callable<Integer> {
    private final Streams streams;

    @Spec
    private CommandSpec spec;

    @Mixin
    private final SandboxPlaceOption place;

    @Parameters(index = "0", paramLabel = "SOURCE", description = "What is copied.")
    private String source;

    @Parameters(index = "1", paramLabel = "TARGET", description = "Where it goes.")
    private String target;

    SandboxCopyCommand(Streams streams, Environment surroundings) {
        this.streams = streams;
        this.place = new SandboxPlaceOption(surroundings);
    }

    @Override
    public Integer call() throws ConstruirException, IOException {
        if (isInSandbox(source) == isInSandbox(target)) {
            throw new ParameterException(
                    spec.commandLine(), "one of both is NAME:/PATH, e.g. construir sandbox cp src NAME:/work");
        }
        return CancelOnSignal.ends(this::copy, new Screen(streams));
    }

    private int copy() throws ConstruirException, IOException {
        boolean out = isInSandbox(source);
        String there = out ? source : target;
        String name = there.substring(0, there.indexOf(':'));
        String path = there.substring(there.indexOf(':') + 1);
        if (out) {
            String directory = target.endsWith("/") ? target + "." : target; // as no Path ends in a slash
            String said = KeeperClient.copyOut(place.of(name), path, Path.of(directory));
            if (!said.isEmpty()) {
                streams.err().println("construir: " + said);
            }
        } else {
            KeeperClient.copyIn(place.of(name), Path.of(source), path);
        }
        return 0;
    }

    private static boolean isInSandbox(String operand) {
        int colon = operand.indexOf(':');
        return colon > 0 && operand.indexOf('/') > colon;
    }
}
