package dev.construir.command;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code construir sandbox}: machines with names, which stay between commands. */
@Command(
        name = "sandbox",
        description = {
            "Opens machines that stay, by names, and runs commands in them.",
            "",
            "Each is kept by a process of its own, and seen by no other user. It ends by close, or when for an hour no "
                    + "command of construir sandbox exec has run in it and it did nothing by itself either "
                    + "(--idle-timeout).",
            ""
        },
        synopsisSubcommandLabel = "COMMAND")
@SuppressWarnings("NullAway.Init")
final class SandboxCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "missing command, e.g. construir sandbox open NAME");
    }
}
