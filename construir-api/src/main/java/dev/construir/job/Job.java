package dev.construir.job;

import dev.construir.DataSize;
import dev.construir.disk.SparseCopy;
import dev.construir.disk.compress.CompressedImage;
import dev.construir.disk.read.DiskImage;
import dev.construir.disk.write.DiskContent;
import dev.construir.disk.write.DiskOptions;
import dev.construir.disk.write.JobDisk;
import dev.construir.disk.write.PackOptions;
import dev.construir.machine.Machine;
import dev.construir.machine.MachineConnection;
import dev.construir.machine.MachineSpec;
import dev.construir.machine.Network;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * A job to run: a disk with an executable {@code bin/construir}, which a machine runs as root.
 *
 * <pre>{@code
 * Job job = Job.fromDirectory(Path.of("hello"))
 *         .withLimits(Limits.DEFAULT.withTotal(Duration.ofMinutes(10)));
 * }</pre>
 *
 * <p>Implement {@link #name} and {@link #createDisk}, or use one of the ready-made jobs. A job may run any number of
 * times, also concurrently: each run creates its own disk. Ready-made jobs are immutable.
 *
 * @since 0.1
 */
public interface Job {
    /**
     * Returns the job's name, for messages and logs.
     *
     * @return the name
     */
    String name();

    /**
     * Creates the disk for one run. The disk holds a file system the guest can read, usually ext2 as {@link JobDisk}
     * writes it.
     *
     * @param file the file to create; it does not exist
     * @param size the size of the disk, as {@link Resources#disk} says; a job that copies a finished image keeps that
     *     image's size
     * @throws IOException if it cannot be created; a file begun is removed by the caller
     */
    void createDisk(Path file, DataSize size) throws IOException;

    /**
     * Returns the limits after which the machine is killed.
     *
     * @return {@link Limits#DEFAULT} unless overridden
     */
    default Limits limits() {
        return Limits.DEFAULT;
    }

    /**
     * Returns the processors, memory and disk size of the machine.
     *
     * @return {@link Resources#DEFAULT} unless overridden
     */
    default Resources resources() {
        return Resources.DEFAULT;
    }

    /**
     * Returns the network of the machine.
     *
     * @return {@link Network#NONE} unless overridden
     */
    default Network network() {
        return Network.NONE;
    }

    /**
     * Returns which files {@code JobResult.copyOutputsTo} extracts.
     *
     * @return {@link Outputs#CHANGED} unless overridden
     */
    default Outputs outputs() {
        return Outputs.CHANGED;
    }

    /**
     * Returns what talks with the job's machine while it runs, by the guest's port {@value MachineSpec#SANDBOX_PORT}.
     *
     * @return is called in each run, on the run's thread, as soon as the machine was started, and returns at once; it
     *     owns the channel, which the machine's end closes. Empty unless it is overridden. With one, a backend without
     *     channels refuses to run the job
     */
    default Optional<Consumer<MachineConnection>> connection() {
        return Optional.empty();
    }

    /**
     * Returns the checkpoint that the job's machine goes on from, in place of starting anew.
     *
     * @return the directory that {@link Machine#checkpoint} has written; empty unless it is overridden
     */
    default Optional<Path> checkpoint() {
        return Optional.empty();
    }

    /**
     * Returns a digest of what determines the result: what is on the disk, times of files among it, its size, the
     * resources, the network and the outputs. Name and limits do not count. Two jobs with the same digest have the same
     * result on the same root image, unless they depend on something else, such as the time or the network.
     *
     * <p>It makes the job's disk in the default scratch directory and reads it once: it takes as long as that.
     *
     * @return 64 lower-case hexadecimal digits, the same in every process of this version of the library
     * @throws NotAJobException if a ready-made job finds that it has nothing to run
     * @throws java.nio.channels.ClosedByInterruptException if the thread is interrupted; it stays so
     * @throws IOException if the disk cannot be made or read
     * @since 0.1
     */
    default String digest() throws IOException {
        return JobDigest.of(this);
    }

    /**
     * Returns the same job with other limits.
     *
     * @param limits when the machine is killed
     * @return a new job
     */
    default Job withLimits(Limits limits) {
        return new DiskJob(
                name(), this::createDisk, limits, resources(), network(), outputs(), connection(), checkpoint());
    }

    /**
     * Returns the same job with other resources.
     *
     * @param resources what the machine has
     * @return a new job
     */
    default Job withResources(Resources resources) {
        return new DiskJob(
                name(), this::createDisk, limits(), resources, network(), outputs(), connection(), checkpoint());
    }

    /**
     * Returns the same job with another network.
     *
     * @param network what network the machine has
     * @return a new job
     */
    default Job withNetwork(Network network) {
        return new DiskJob(
                name(), this::createDisk, limits(), resources(), network, outputs(), connection(), checkpoint());
    }

    /**
     * Returns the same job with other outputs.
     *
     * @param outputs which files come back
     * @return a new job
     */
    default Job withOutputs(Outputs outputs) {
        return new DiskJob(
                name(), this::createDisk, limits(), resources(), network(), outputs, connection(), checkpoint());
    }

    /**
     * Returns a job whose disk carries a directory's content, among it {@code bin/construir}. Its disk cannot be made,
     * by a {@link NotAJobException}, if the directory has none, or is the host's root.
     *
     * @param directory the directory, read anew for every run
     * @return the job, named as the directory is
     */
    static Job fromDirectory(Path directory) {
        return fromDirectory(directory, PackOptions.DEFAULT);
    }

    /**
     * Returns a job whose disk carries a directory's content, among it {@code bin/construir}.
     *
     * @param directory the directory, read anew for every run
     * @param options what becomes of devices and what the disk cannot keep, and how many inodes the disk has at least
     * @return the job, named as the directory is
     */
    static Job fromDirectory(Path directory, PackOptions options) {
        DiskContent content = DiskContent.ofTree(directory, entry -> true, options);
        return DiskJob.of(nameOf(directory), (file, size) -> {
            JobDirectory.check(directory);
            JobDisk.create(file, DiskOptions.of(size), content);
        });
    }

    /**
     * Returns a job whose disk carries what a tar archive holds, among it {@code bin/construir}.
     *
     * @param archive the archive, as it is or compressed by gzip or xz, read anew for every run; see {@link
     *     dev.construir.disk.write.DiskBuilder#tar}
     * @return the job, named as the archive is
     */
    static Job fromTar(Path archive) {
        return of(nameOf(archive), disk -> {
            try (InputStream in = Files.newInputStream(archive)) {
                disk.tar("/", in);
            }
        });
    }

    /**
     * Returns a job whose disk is a copy of an image. The image itself is never changed.
     *
     * @param image the image, raw; copied for every run, or unpacked if its name ends in {@code .xz}, which may make
     *     {@link CompressedImage#LARGEST} of it
     * @return the job, named as the image is; its disk cannot be made if there is no ext file system in the image
     */
    static Job fromImage(Path image) {
        boolean compressed = DiskImage.of(image).compression() == DiskImage.Compression.XZ;
        return DiskJob.of(nameOf(image), (file, size) -> {
            if (compressed) {
                CompressedImage.unpack(image, file);
                JobDisk.checkFileSystem(file, image);
            } else {
                JobDisk.checkFileSystem(image);
                SparseCopy.copy(image, file);
            }
        });
    }

    /**
     * Returns a job that runs a shell script.
     *
     * @param name the job's name
     * @param shell the script, for the guest's {@code /bin/sh}; at most 1 MiB in UTF-8
     * @return the job
     * @throws IllegalArgumentException if the script is longer, or no text: if it has a NUL or half a surrogate pair
     */
    static Job script(String name, String shell) {
        return of(name, Script.of(shell));
    }

    /**
     * Returns a job that runs a shell script among a directory's content. The script takes the place of {@code
     * bin/construir} in the directory, if there is one.
     *
     * @param directory the directory, read anew for every run
     * @param shell the script, for the guest's {@code /bin/sh}, which runs in the directory's copy; at most 1 MiB in
     *     UTF-8
     * @return the job, named as the directory is
     * @throws IllegalArgumentException if the script is longer, or no text: if it has a NUL or half a surrogate pair
     */
    static Job script(Path directory, String shell) {
        return script(directory, shell, PackOptions.DEFAULT);
    }

    /**
     * Returns a job that runs a shell script among a directory's content. The script takes the place of {@code
     * bin/construir} in the directory, if there is one.
     *
     * @param directory the directory, read anew for every run
     * @param shell the script, for the guest's {@code /bin/sh}, which runs in the directory's copy; at most 1 MiB in
     *     UTF-8
     * @param options what becomes of devices and what the disk cannot keep, and how many inodes the disk has at least
     * @return the job, named as the directory is
     * @throws IllegalArgumentException if the script is longer, or no text: if it has a NUL or half a surrogate pair
     */
    static Job script(Path directory, String shell, PackOptions options) {
        Script script = Script.of(shell);
        Path own = directory.resolve(Script.PATH);
        DiskContent content = DiskContent.ofTree(directory, entry -> !entry.equals(own), options)
                .and(script);
        return DiskJob.of(nameOf(directory), (file, size) -> {
            JobDirectory.refuseRoot(directory);
            JobDisk.create(file, DiskOptions.of(size), content);
        });
    }

    /**
     * Returns a job whose disk is built up in code.
     *
     * @param name the job's name
     * @param content puts the entries on the disk, among them {@code bin/construir}; called for every run
     * @return the job
     */
    static Job of(String name, DiskContent content) {
        return DiskJob.of(name, (file, size) -> JobDisk.create(file, DiskOptions.of(size), content));
    }

    private static String nameOf(Path path) {
        Path absolute = path.toAbsolutePath().normalize();
        return String.valueOf(Objects.requireNonNullElse(absolute.getFileName(), absolute)); // a root has no name
    }
}
