package dev.construir.job;

import dev.construir.DataSize;
import dev.construir.machine.MachineConnection;
import dev.construir.machine.Network;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * A job that is another one but for what it overrides. Its {@link #digest} is of its own disk.
 *
 * @since 0.1
 */
public interface ForwardingJob extends Job {
    /**
     * Returns the job that receives the calls.
     *
     * @return the same job at every call
     */
    Job delegate();

    @Override
    default String name() {
        return delegate().name();
    }

    @Override
    default void createDisk(Path file, DataSize size) throws IOException {
        delegate().createDisk(file, size);
    }

    @Override
    default Limits limits() {
        return delegate().limits();
    }

    @Override
    default Resources resources() {
        return delegate().resources();
    }

    @Override
    default Network network() {
        return delegate().network();
    }

    @Override
    default Outputs outputs() {
        return delegate().outputs();
    }

    @Override
    default Optional<Consumer<MachineConnection>> connection() {
        return delegate().connection();
    }

    @Override
    default Optional<Path> checkpoint() {
        return delegate().checkpoint();
    }
}
