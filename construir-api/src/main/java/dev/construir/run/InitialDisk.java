package dev.construir.run;

import dev.construir.disk.FileSystemInfo.State;
import dev.construir.disk.read.DiskReader;
import dev.construir.disk.read.DiskSnapshot;
import dev.construir.disk.read.Selection;
import dev.construir.guest.JobStatus;
import dev.construir.guest.SandboxRequest;
import dev.construir.job.Job;
import dev.construir.job.Outputs;
import dev.construir.machine.Architecture;
import dev.construir.machine.Boot;
import dev.construir.machine.MachineSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What a job disk holds before its machine starts.
 *
 * @param content all of it, as far as the job's outputs need it
 */
record InitialDisk(DiskSnapshot content) {
    static final InitialDisk UNKNOWN = new InitialDisk(DiskSnapshot.EMPTY);

    /**
     * Looks at a disk.
     *
     * @throws BadJobException if the job cannot begin. A disk that cannot be read here, or whose journal the guest has
     *     yet to replay, is the guest's business, and then everything counts as changed.
     */
    static InitialDisk inspect(Path disk, Job job, MachineSpec spec) throws BadJobException {
        try (DiskReader reader = DiskReader.open(disk)) {
            if (reader.info().state() == State.JOURNAL_NOT_REPLAYED) {
                return UNKNOWN;
            }
            // A system that boots by itself may have been given handlers for programs of others.
            Optional<Architecture> kernel =
                    spec.boot() instanceof Boot.Kernel ? Optional.of(spec.architecture()) : Optional.empty();
            if (!SandboxRequest.isOn(reader)) {
                EntryPoint.check(reader, job.name(), kernel);
            }
            return job.outputs() instanceof Outputs.Changed ? new InitialDisk(reader.snapshot()) : UNKNOWN;
        } catch (IOException e) {
            return UNKNOWN;
        }
    }

    /** Returns what of the disk, as the machine left it, a job gives back. */
    Selection select(Outputs outputs) {
        if (outputs instanceof Outputs.Matching matching) {
            return Selection.matching(matching.globs());
        }
        return outputs instanceof Outputs.All
                ? Selection.ALL
                : Selection.changedSince(content).except(JobStatus.PATH, "/lost+found");
    }
}
