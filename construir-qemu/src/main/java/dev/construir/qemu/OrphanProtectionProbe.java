package dev.construir.qemu;

import dev.construir.backend.InterruptDetection;
import dev.construir.backend.ProbeCache;
import dev.construir.qemu.process.Launcher;
import dev.construir.qemu.process.OrphanProtection;
import dev.construir.qemu.process.ShortProcess;
import dev.construir.qemu.program.Capabilities;
import dev.construir.qemu.program.Fingerprint;
import dev.construir.qemu.program.ProgramFinder;
import dev.construir.scratch.Scratch;
import dev.construir.scratch.ScratchDirectory;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Finds the best protection from orphans that this host has. Safe for use by many threads. */
final class OrphanProtectionProbe {
    private static final Logger LOG = LoggerFactory.getLogger(OrphanProtectionProbe.class);
    private static final Duration LIMIT = Duration.ofSeconds(5);

    private final Optional<OrphanProtection> wanted;
    private final ProgramFinder finder;
    private final Launcher launcher;
    private final ProbeCache cache;
    private Optional<OrphanProtection> withoutQemus = Optional.empty();

    OrphanProtectionProbe(
            Optional<OrphanProtection> wanted, ProgramFinder finder, Launcher launcher, ProbeCache cache) {
        this.wanted = wanted;
        this.finder = finder;
        this.launcher = launcher;
        this.cache = cache;
    }

    synchronized OrphanProtection of(Capabilities capabilities, Scratch scratch) throws InterruptedException {
        if (wanted.isPresent()) {
            return wanted.get();
        }
        if (capabilities.exitWithParent()) {
            return OrphanProtection.exitWithParent(finder.find("setsid"));
        }
        if (withoutQemus.isEmpty()) {
            Optional<Path> setpriv = finder.find("setpriv");
            withoutQemus = Optional.of(
                    setpriv.isPresent() && works(setpriv.get(), scratch)
                            ? OrphanProtection.deathSignal(setpriv.get(), finder.find("setsid"))
                            : OrphanProtection.sentinel());
        }
        return withoutQemus.get();
    }

    // BusyBox has a setpriv that knows nothing of death signals.
    private boolean works(Path setpriv, Scratch scratch) throws InterruptedException {
        try (ScratchDirectory directory = scratch.directory("setpriv")) {
            String fingerprint = Fingerprint.ofProgram(setpriv);
            Optional<Boolean> remembered = cache.recall("setpriv", fingerprint, values -> values.flag("works"));
            if (remembered.isPresent()) {
                return remembered.get();
            }
            List<String> command = List.of(setpriv.toString(), "--pdeathsig", "KILL", "true");
            boolean works = ShortProcess.run(launcher, command, directory.path(), "", LIMIT)
                    .status()
                    .equals(Optional.of(0));
            cache.remember("setpriv", fingerprint, Map.of("works", Boolean.toString(works)));
            return works;
        } catch (IOException e) {
            InterruptDetection.check(e);
            LOG.debug("{} cannot be used: {}", setpriv, e.toString());
            return false;
        }
    }
}
