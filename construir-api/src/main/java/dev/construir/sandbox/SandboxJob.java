package dev.construir.sandbox;

import dev.construir.DataSize;
import dev.construir.disk.SparseCopy;
import dev.construir.disk.write.DiskOptions;
import dev.construir.disk.write.JobDisk;
import dev.construir.guest.SandboxRequest;
import dev.construir.job.Job;
import dev.construir.job.Limits;
import dev.construir.job.Outputs;
import dev.construir.job.Resources;
import dev.construir.machine.Machine;
import dev.construir.machine.MachineConnection;
import dev.construir.machine.Network;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/**
 * The job that a sandbox is: an empty disk that asks the guest to serve its channel, or the disk of a checkpoint. It
 * runs once: a second machine would know nothing of what was done in the first.
 *
 * @param options what the sandbox is like
 * @param checkpoint what its machine goes on from, if it does not start anew
 * @param connected completes when the machine was started
 * @param made whether the disk was made
 */
record SandboxJob(
        SandboxOptions options,
        Optional<Path> checkpoint,
        CompletableFuture<MachineConnection> connected,
        AtomicBoolean made)
        implements Job {
    SandboxJob(SandboxOptions options, Optional<Path> checkpoint) {
        this(options, checkpoint, new CompletableFuture<>(), new AtomicBoolean());
    }

    @Override
    public String name() {
        return options.name();
    }

    @Override
    public void createDisk(Path file, DataSize size) throws IOException {
        if (!made.compareAndSet(false, true)) {
            throw new IOException("a sandbox has one machine, and is not started again; open another one");
        }
        if (checkpoint.isPresent()) {
            SparseCopy.copy(Machine.savedDisk(checkpoint.get(), 1), file);
        } else {
            JobDisk.create(file, DiskOptions.of(size), SandboxRequest.SANDBOX.file());
        }
    }

    @Override
    public Limits limits() {
        return options.limits();
    }

    @Override
    public Resources resources() {
        return options.resources();
    }

    @Override
    public Network network() {
        return options.network();
    }

    @Override
    public Outputs outputs() {
        return Outputs.ALL; // of which nothing need be known before
    }

    @Override
    public Optional<Consumer<MachineConnection>> connection() {
        return Optional.of(connected::complete);
    }
}
