package dev.construir.command;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code construir image}: only a heading for what can be done with root images. */
@Command(
        name = "image",
        description = {"Builds and changes root images.", ""})
@SuppressWarnings("NullAway.Init")
final class ImageCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "what about images? For example: construir image build");
    }
}
