package dev.construir.qemu.process;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What ends a QEMU when this process ends, however it ends.
 *
 * <p>A process that dies between starting QEMU and QEMU's asking for protection is no gap: QEMU connects to sockets of
 * this process as it starts, and ends by itself when no process listens there any more.
 *
 * @param kind how it works
 * @param before the arguments before QEMU's command
 * @param after the arguments after QEMU's command
 */
public record OrphanProtection(Kind kind, List<String> before, List<String> after) {

    /** How the protection works. */
    public enum Kind {
        /** QEMU 10.2 and later see to it themselves. */
        EXIT_WITH_PARENT("QEMU ends with its parent (-run-with exit-with-parent)"),
        /** The kernel kills QEMU (prctl(2), PR_SET_PDEATHSIG). */
        DEATH_SIGNAL("the kernel kills QEMU when its parent ends (setpriv --pdeathsig)"),
        /** A shell waits for the end of a pipe and kills QEMU then. */
        SENTINEL("a shell kills QEMU when its parent ends");

        private final String description;

        Kind(String description) {
            this.description = description;
        }

        /**
         * Describes how it works.
         *
         * @return a clause without a full stop
         */
        public String description() {
            return description;
        }
    }

    private static final Path NOTHING = Path.of("/dev/null");

    // Process numbers are used again: the watcher kills only what is still its own parent.
    private static final String WATCH = """
            input=$1
            shift
            exec 3<&0 </dev/null
            sh -c '
            while read -r line <&3; do :; done
            if [ -r /proc/$$/status ]
            then parent=$(sed -n "s/^PPid:[^0-9]*//p" /proc/$$/status)
            else parent=$(ps -o ppid= -p $$ | tr -d " ")
            fi
            if [ "$parent" = "$PPID" ]; then kill -9 "$PPID"; fi
            ' >/dev/null 2>&1 &
            exec 3<&- <"$input"
            exec "$@"
            """;

    /**
     * Copies the arguments.
     *
     * @param kind see {@link #kind()}
     * @param before see {@link #before()}
     * @param after see {@link #after()}
     */
    public OrphanProtection {
        before = List.copyOf(before);
        after = List.copyOf(after);
    }

    /**
     * Returns QEMU's own protection.
     *
     * @param setsid the program that starts another in a new session, if there is one
     * @return the protection
     */
    public static OrphanProtection exitWithParent(Optional<Path> setsid) {
        return new OrphanProtection(
                Kind.EXIT_WITH_PARENT, session(setsid), List.of("-run-with", "exit-with-parent=on"));
    }

    /**
     * Returns the kernel's protection.
     *
     * @param setpriv the program that asks for it
     * @param setsid the program that starts another in a new session, if there is one
     * @return the protection
     */
    public static OrphanProtection deathSignal(Path setpriv, Optional<Path> setsid) {
        List<String> arguments = new ArrayList<>(List.of(setpriv.toString(), "--pdeathsig", "KILL"));
        arguments.addAll(session(setsid));
        return new OrphanProtection(Kind.DEATH_SIGNAL, arguments, List.of());
    }

    /**
     * Returns the protection that needs no more than a POSIX shell.
     *
     * @return the protection
     */
    public static OrphanProtection sentinel() {
        return new OrphanProtection(Kind.SENTINEL, List.of("/bin/sh", "-c", WATCH, "construir-sentinel"), List.of());
    }

    /**
     * Adds the protection to a command that reads nothing.
     *
     * @param command QEMU's command
     * @return the command to start instead, whose process becomes QEMU's
     */
    public List<String> protect(List<String> command) {
        return protect(command, Optional.empty());
    }

    /**
     * Adds the protection to a command.
     *
     * @param command QEMU's command
     * @param input the file it reads as its standard input, if any
     * @return the command to start instead, whose process becomes QEMU's
     */
    List<String> protect(List<String> command, Optional<Path> input) {
        List<String> arguments = new ArrayList<>(before);
        if (kind == Kind.SENTINEL) {
            arguments.add(input.orElse(NOTHING).toString());
        }
        arguments.addAll(command);
        arguments.addAll(after);
        return List.copyOf(arguments);
    }

    /**
     * Returns what the process has to be given as its standard input: the sentinel's is a pipe that this process never
     * writes to.
     */
    ProcessBuilder.Redirect input() {
        return input(Optional.empty());
    }

    /** The same for a process that reads a file. */
    ProcessBuilder.Redirect input(Optional<Path> file) {
        return kind == Kind.SENTINEL
                ? ProcessBuilder.Redirect.PIPE
                : ProcessBuilder.Redirect.from(file.orElse(NOTHING).toFile());
    }

    // Control-C at a terminal goes to its whole process group; what to do about it is the caller's to say, not QEMU's.
    private static List<String> session(Optional<Path> setsid) {
        return setsid.map(s -> List.of(s.toString())).orElse(List.of());
    }
}
