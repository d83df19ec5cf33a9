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
 * The result of a run.
 *
 * <pre>{@code
 * try (JobResult result = runner.run(job).orThrow()) {
 *     String sum = result.text("sum.txt");
 *     List<String> printed = result.outputLines();
 *     result.copyOutputsTo(Path.of("out"));
 * }
 * }</pre>
 *
 * <p>It owns the job's disk until the disk is moved away or the result is closed, at the latest with its runner.
 * Safe for use by many threads.
 *
 * @since 0.1
 */
public interface JobResult extends AutoCloseable {
    /**
     * Returns a result that has no disk and ran in no machine: for runners that are no machines, and for tests.
     *
     * @param job the job
     * @param outcome how it ended
     * @return the result
     */
    static JobResult of(Job job, Outcome outcome) {
        return new DisklessResult(job, outcome);
    }

    /**
     * Returns a result that is read from a disk image that a run has left: for runners that keep results, and for
     * tests. Its output is the log on the disk.
     *
     * <p>The image stays the caller's: {@link #close} leaves it where it is, and {@link #moveDiskTo} copies it. Where
     * the job's outputs are {@link dev.construir.job.Outputs#CHANGED}, {@link #copyOutputsTo} has the job make its disk
     * anew, to know what was changed. Times, usage and machine are not known.
     *
     * @param job the job
     * @param outcome how it ended
     * @param disk the image, raw, which {@link #moveDiskTo} has made for example; nothing changes it while the result
     *     is open
     * @return the result, to be closed by the caller
     * @throws dev.construir.DiskFormatException if the disk holds no file system that can be read
     * @throws IOException if the disk cannot be read
     * @since 0.1
     */
    static JobResult of(Job job, Outcome outcome, Path disk) throws IOException {
        return DiskResult.open(job, outcome, disk);
    }

    /**
     * Returns the job that was run.
     *
     * @return the job
     */
    Job job();

    /**
     * Returns the run's identity, which is also the serial of its job disk.
     *
     * @return {@code job-} and twelve hexadecimal digits
     */
    String runId();

    /**
     * Returns how the job ended.
     *
     * @return the outcome
     */
    Outcome outcome();

    /**
     * Returns how long each part of the run took.
     *
     * @return the timings
     */
    Timings timings();

    /**
     * Returns what the machine used.
     *
     * @return what it used until its end, as far as known; {@link Usage#NONE} if no machine was started
     */
    Usage usage();

    /**
     * Returns the machine that the job ran in, with its root disk.
     *
     * @return what the hypervisor was asked for; empty if no machine was
     */
    default Optional<MachineSpec> spec() {
        return Optional.empty();
    }

    /**
     * Returns what ran the machine.
     *
     * @return what ran it, or empty if no machine was started
     */
    Optional<MachineInfo> machine();

    /**
     * Returns the beginning and the end of what the job printed. All of it is in {@code /construir.log} on the disk.
     *
     * @return the output
     */
    OutputTail output();

    /**
     * Returns the beginning and the end of what the machine's console showed.
     *
     * @return the console
     */
    OutputTail console();

    /**
     * Returns what a failed run may have lacked, judged by the guest's output and its disk: memory, room, inodes. A
     * guest can forge it: use it only as advice for users.
     *
     * @return clauses without control characters; none if nothing was found, which is the default
     */
    default List<String> hints() {
        return List.of();
    }

    /**
     * Returns how much of the output the run's listener missed because it was too slow or stuck.
     *
     * @return the number of bytes; 0 if it received everything, or there was no listener
     */
    long droppedOutput();

    /**
     * Reads what the job left on its disk. Opened at the first call; closed with the result, or when the disk is moved,
     * and not by its own {@link DiskReader#close}.
     *
     * @return the disk's files
     * @throws dev.construir.DiskFormatException if the disk holds no file system that can be read
     * @throws IOException if the disk cannot be read, was moved away, or there is none
     */
    DiskReader files() throws IOException;

    /**
     * Reads a text file that the job left.
     *
     * @param path the file's path on the disk, for example {@code sum.txt}; symbolic links are followed within the disk
     * @return its content; bytes that are no UTF-8 become U+FFFD. The guest chose it, so beware of terminal escapes
     * @throws java.nio.file.NoSuchFileException if there is no such file, or it is no regular file
     * @throws IOException if it has more than 16 MiB, or the disk cannot be read, was moved away, or there is none
     * @since 0.1
     */
    default String text(String path) throws IOException {
        return ResultText.read(this, path);
    }

    /**
     * Returns the lines that the job printed, as far as {@link #output} has them: the first and the last 64 KiB. Where
     * something between them is missing, a line in square brackets says how much.
     *
     * @return the lines without their ends; bytes that are no UTF-8 become U+FFFD. The guest chose them, so beware of
     *     terminal escapes
     * @since 0.1
     */
    default List<String> outputLines() {
        return output().text().lines().toList();
    }

    /**
     * Extracts the job's outputs, as {@link Job#outputs} names them; {@link #files} reads everything. Nothing is
     * written outside the target, see {@link DiskReader#copyTo(String, Path, dev.construir.disk.read.ExtractOptions)}.
     *
     * @param target the directory to extract to; created if it is missing
     * @return what was extracted, and which globs matched nothing
     * @throws dev.construir.DiskFormatException if the disk holds no file system that can be read
     * @throws IOException if the disk cannot be read, was moved away, or there is none, or if something cannot be
     *     written
     * @throws InterruptedException if the thread was interrupted; what was extracted by then stays
     */
    ExtractReport copyOutputsTo(Path target) throws IOException, InterruptedException;

    /**
     * Returns where the disk's image is: raw, with what the guest left in it. The result still owns it.
     *
     * @return the file; empty if there is no disk, or it was moved away or removed
     */
    Optional<Path> diskFile();

    /**
     * Moves the disk's image out of the scratch directory. Works once.
     *
     * @param target the file to create
     * @return the target
     * @throws java.nio.file.FileAlreadyExistsException if the target exists
     * @throws IOException if it cannot be moved, was moved before, or there is none
     */
    Path moveDiskTo(Path target) throws IOException;

    /**
     * Writes a directory to examine the run with, and to start its machine again by hand. The disk stays with the
     * result. This reads the whole disk.
     *
     * <p>The directory gets {@code disk-after.img}, the job's disk as the run left it; {@code disk-before.img}, as it
     * was before, which the job makes anew; {@code output.log} and {@code console.log}, the beginning and the end of
     * both streams as the guest wrote them; {@code result.txt}, a readable summary of the run; and, where the backend
     * knows how, {@code run}, a script for a POSIX shell that starts the same machine on a terminal, with the first of
     * the disks or, {@code run after}, with the other. Neither of them changes, nor does the root image, which has to
     * stay where it is.
     *
     * @param directory the directory to make, which appears whole or not at all, and readable by its owner only; it
     *     does not exist, or is empty
     * @return the directory
     * @throws java.nio.file.FileAlreadyExistsException if there is something else of that name
     * @throws java.nio.file.DirectoryNotEmptyException if there is something in it
     * @throws IOException if there is no disk or it was moved away, the job cannot make its disk anew, the hypervisor
     *     is missing, or the directory cannot be written
     * @throws InterruptedException if the thread was interrupted
     */
    Path reproduce(Path directory) throws IOException, InterruptedException;

    /**
     * Returns this result if the job succeeded.
     *
     * @return this result
     * @throws JobFailedException if it did not; the message has the outcome and the last lines of output and console,
     *     without their control characters. The result is still to be closed
     */
    default JobResult orThrow() throws JobFailedException {
        if (outcome().isSuccess()) {
            return this;
        }
        throw new JobFailedException(FailureMessage.of(this), outcome());
    }

    /** Removes the disk unless it was moved away. Idempotent. */
    @Override
    void close();
}
