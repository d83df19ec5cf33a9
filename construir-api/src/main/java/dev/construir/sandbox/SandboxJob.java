package dev.construir.sandbox;

import dev.construir.DataSize;
import dev.construir.disk.write.DiskOptions;
import dev.construir.disk.write.JobDisk;
import dev.construir.guest.SandboxRequest;
import dev.construir.job.Job;
import dev.construir.job.Limits;
import dev.construir.job.Outputs;
import dev.construir.job.Resources;
import dev.construir.machine.MachineChannel;
import dev.construir.machine.Network;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/**
 * The job that a sandbox is: an empty disk that asks the guest to serve its channel. It runs once: a second machine
 * would know nothing of what was done in the first.
 *
 * @param options what the sandbox is like
 * @param connection completes with the channel when the machine was started
 * @param made whether the disk was made
 */
record SandboxJob(SandboxOptions options, CompletableFuture<MachineChannel> connection, AtomicBoolean made)
        implements Job {
    SandboxJob(SandboxOptions options) {
        this(options, new CompletableFuture<>(), new AtomicBoolean());
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
        JobDisk.create(file, DiskOptions.of(size), SandboxRequest.SANDBOX.file());
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
    public Optional<Consumer<MachineChannel>> channel() {
        return Optional.of(connection::complete);
    }
}
