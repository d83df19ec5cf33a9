package dev.construir.run;

import dev.construir.disk.read.DiskReader;
import dev.construir.disk.read.ExtractReport;
import dev.construir.job.Job;
import dev.construir.machine.MachineInfo;
import dev.construir.machine.MachineSpec;
import dev.construir.machine.Usage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A result that passes every call on to another one. A record overrides what it changes:
 *
 * <pre>{@code
 * record Uploaded(JobResult delegate, Path copy) implements ForwardingJobResult {
 *     @Override
 *     public Optional<Path> diskFile() {
 *         return Optional.of(copy);
 *     }
 * }
 * }</pre>
 *
 * @since 0.1
 */
public interface ForwardingJobResult extends JobResult {
    /**
     * Returns the result that receives the calls. It is closed with this one.
     *
     * @return the same result at every call
     */
    JobResult delegate();

    @Override
    default Job job() {
        return delegate().job();
    }

    @Override
    default String runId() {
        return delegate().runId();
    }

    @Override
    default Outcome outcome() {
        return delegate().outcome();
    }

    @Override
    default Timings timings() {
        return delegate().timings();
    }

    @Override
    default Usage usage() {
        return delegate().usage();
    }

    @Override
    default Optional<MachineSpec> spec() {
        return delegate().spec();
    }

    @Override
    default Optional<MachineInfo> machine() {
        return delegate().machine();
    }

    @Override
    default OutputTail output() {
        return delegate().output();
    }

    @Override
    default OutputTail console() {
        return delegate().console();
    }

    @Override
    default List<String> hints() {
        return delegate().hints();
    }

    @Override
    default long droppedOutput() {
        return delegate().droppedOutput();
    }

    @Override
    default DiskReader files() throws IOException {
        return delegate().files();
    }

    @Override
    default ExtractReport copyOutputsTo(Path target) throws IOException, InterruptedException {
        return delegate().copyOutputsTo(target);
    }

    @Override
    default Optional<Path> diskFile() {
        return delegate().diskFile();
    }

    @Override
    default Path moveDiskTo(Path target) throws IOException {
        return delegate().moveDiskTo(target);
    }

    @Override
    default Path reproduce(Path directory) throws IOException, InterruptedException {
        return delegate().reproduce(directory);
    }

    @Override
    default void close() {
        delegate().close();
    }
}
