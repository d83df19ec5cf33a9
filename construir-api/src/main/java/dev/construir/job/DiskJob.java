package dev.construir.job;

import dev.construir.DataSize;
import dev.construir.machine.MachineConnection;
import dev.construir.machine.Network;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;

/** A job put together from values. */
record DiskJob(
        String name,
        DiskSource source,
        Limits limits,
        Resources resources,
        Network network,
        Outputs outputs,
        Optional<Consumer<MachineConnection>> connection,
        Optional<Path> checkpoint)
        implements Job {
    /** Creates the disk for one run. */
    @FunctionalInterface
    interface DiskSource {
        void create(Path file, DataSize size) throws IOException;
    }

    DiskJob {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(limits, "limits");
        Objects.requireNonNull(resources, "resources");
        Objects.requireNonNull(network, "network");
        Objects.requireNonNull(outputs, "outputs");
    }

    static DiskJob of(String name, DiskSource source) {
        return new DiskJob(
                name,
                source,
                Limits.DEFAULT,
                Resources.DEFAULT,
                Network.NONE,
                Outputs.CHANGED,
                Optional.empty(),
                Optional.empty());
    }

    @Override
    public void createDisk(Path file, DataSize size) throws IOException {
        source.create(file, size);
    }

    @Override
    public String toString() {
        return "job " + name;
    }
}
