package dev.construir.qemu.program;

import dev.construir.backend.InterruptDetection;
import dev.construir.backend.ProbeCache;
import dev.construir.machine.Architecture;
import dev.construir.machine.HypervisorException;
import dev.construir.qemu.process.Launcher;
import dev.construir.qemu.process.ShortProcess;
import dev.construir.scratch.Scratch;
import dev.construir.scratch.ScratchDirectory;
import dev.construir.text.Reason;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The QEMU programs of this host. Each is asked once what it can do; the answer is remembered. Safe for use by many
 * threads.
 */
public final class Programs {
    private static final String QUESTIONS = """
            {"execute":"qmp_capabilities"}
            {"execute":"query-target","id":"target"}
            {"execute":"query-command-line-options","id":"options"}
            {"execute":"quit"}
            """;

    private final ProgramFinder finder;
    private final Optional<String> wanted;
    private final ProbeCache cache;
    private final Duration patience;
    private final Map<String, QemuProgram> known = new HashMap<>();

    /**
     * Creates the set of programs.
     *
     * @param finder finds them
     * @param wanted a name or path to use instead of the usual ones
     * @param cache remembers what they can do
     * @param patience how long a program has to say what it can do
     */
    public Programs(ProgramFinder finder, Optional<String> wanted, ProbeCache cache, Duration patience) {
        this.patience = patience;
        this.finder = finder;
        this.wanted = wanted;
        this.cache = cache;
    }

    /**
     * Returns whether there may be a program for each architecture: not where the user named one.
     *
     * @return whether they are looked for
     */
    public boolean areFound() {
        return wanted.isEmpty();
    }

    /**
     * Finds the program for an architecture.
     *
     * @param architecture the guest's architecture
     * @param launcher starts it, to ask it
     * @param scratch where that leaves its files
     * @return the program
     * @throws HypervisorException if there is none, or it does not work
     * @throws InterruptedException if the thread was interrupted
     */
    public synchronized QemuProgram find(Architecture architecture, Launcher launcher, Scratch scratch)
            throws HypervisorException, InterruptedException {
        Path binary = finder.qemu(wanted, architecture);
        try {
            String fingerprint = Fingerprint.ofProgram(binary);
            QemuProgram program = known.get(fingerprint);
            if (program == null) {
                program = new QemuProgram(binary, fingerprint, capabilities(binary, fingerprint, launcher, scratch));
                known.put(fingerprint, program);
            }
            if (program.capabilities().architecture() != architecture) {
                throw new HypervisorException(binary + " runs "
                        + program.capabilities().architecture() + " guests, and one of " + architecture
                        + " was wanted; install it: " + ProgramFinder.installLine(architecture));
            }
            return program;
        } catch (IOException e) {
            InterruptDetection.check(e);
            throw new HypervisorException("could not ask " + binary + " what it can do: " + Reason.of(e), e);
        }
    }

    private Capabilities capabilities(Path binary, String fingerprint, Launcher launcher, Scratch scratch)
            throws HypervisorException, IOException, InterruptedException {
        String name = "program-" + binary.getFileName().toString().replaceAll("[^A-Za-z0-9]", "-") + "-"
                + Integer.toHexString(binary.hashCode());
        Optional<Capabilities> remembered = cache.recall(name, fingerprint, Programs::fromValues);
        if (remembered.isPresent()) {
            return remembered.get();
        }
        List<String> command = List.of(
                binary.toString(),
                "-machine",
                "none",
                "-nodefaults",
                "-no-user-config",
                "-display",
                "none",
                "-qmp",
                "stdio");
        ShortProcess.Result result;
        try (ScratchDirectory directory = scratch.directory("probe")) {
            result = ShortProcess.run(launcher, command, directory.path(), QUESTIONS, patience);
        }
        Capabilities capabilities = CapabilityAnswer.parse(binary, result);
        cache.remember(name, fingerprint, toValues(capabilities));
        return capabilities;
    }

    private static Map<String, String> toValues(Capabilities capabilities) {
        return Map.of(
                "architecture", capabilities.architecture().name(),
                "version", capabilities.version(),
                "sandbox", Boolean.toString(capabilities.sandbox()),
                "exitWithParent", Boolean.toString(capabilities.exitWithParent()));
    }

    private static Capabilities fromValues(ProbeCache.Values values) {
        return new Capabilities(
                Architecture.valueOf(values.text("architecture")),
                values.text("version"),
                values.flag("sandbox"),
                values.flag("exitWithParent"));
    }
}
