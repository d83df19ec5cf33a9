package dev.construir.qemu.program;

import dev.construir.machine.Architecture;
import dev.construir.machine.HypervisorException;
import dev.construir.text.Reason;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Finds programs on the search path.
 *
 * @param searchPath the directories, as {@code PATH} lists them
 */
public record ProgramFinder(String searchPath) {

    /**
     * Returns a finder that looks where this process's {@code PATH} says.
     *
     * @return the finder
     */
    public static ProgramFinder ofEnvironment() {
        return new ProgramFinder(Optional.ofNullable(System.getenv("PATH")).orElse("/usr/local/bin:/usr/bin:/bin"));
    }

    /**
     * Finds a program.
     *
     * @param name its name, or a path to it
     * @return its absolute path, or empty if there is none
     */
    public Optional<Path> find(String name) {
        if (name.contains(File.separator)) {
            return Optional.of(Path.of(name).toAbsolutePath()).filter(ProgramFinder::runs);
        }
        for (String directory : searchPath.split(File.pathSeparator)) {
            if (!directory.isEmpty() && runs(Path.of(directory, name))) {
                return Optional.of(Path.of(directory, name).toAbsolutePath());
            }
        }
        return Optional.empty();
    }

    /**
     * Finds the QEMU program for an architecture.
     *
     * @param wanted a name or path to use instead of the usual ones
     * @param architecture the guest's architecture
     * @return its absolute path
     * @throws HypervisorException if there is none, with the line that installs it
     */
    public Path qemu(Optional<String> wanted, Architecture architecture) throws HypervisorException {
        List<String> names = new ArrayList<>();
        wanted.ifPresentOrElse(names::add, () -> names.addAll(usualNames(architecture)));
        for (String name : names) {
            Optional<Path> found = find(name);
            if (found.isPresent()) {
                return found.get();
            }
        }
        if (names.get(0).contains(File.separator)) {
            Path path = Path.of(names.get(0)).toAbsolutePath();
            throw new HypervisorException("QEMU for " + architecture.name().toLowerCase(Locale.ROOT)
                    + " guests was not found: " + path
                    + (Files.exists(path) ? " is no program that this user may run" : ": " + Reason.unreadable(path))
                    + "; name another one, or install it: " + installLine(architecture));
        }
        throw new HypervisorException("QEMU for " + architecture.name().toLowerCase(Locale.ROOT)
                + " guests was not found: looked on the PATH for "
                + String.join(", ", names) + "; install it: "
                + installLine(architecture));
    }

    /**
     * Returns the line that installs QEMU.
     *
     * @param architecture the guests it shall run
     * @return a command line
     */
    public static String installLine(Architecture architecture) {
        if (System.getProperty("os.name", "").startsWith("Mac")) {
            return "brew install qemu";
        }
        return switch (architecture) {
            case X86_64 -> "apt-get install qemu-system-x86";
            case AARCH64 -> "apt-get install qemu-system-arm";
        };
    }

    private static List<String> usualNames(Architecture architecture) {
        String name = "qemu-system-" + architecture.name().toLowerCase(Locale.ROOT);
        // Red Hat's only one runs guests of the host's own architecture.
        return isHosts(architecture) ? List.of(name, "/usr/libexec/qemu-kvm") : List.of(name);
    }

    private static boolean isHosts(Architecture architecture) {
        try {
            return Architecture.host() == architecture;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private static boolean runs(Path file) {
        return Files.isRegularFile(file) && Files.isExecutable(file);
    }
}
