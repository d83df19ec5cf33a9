package dev.construir.disk.write;

import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How a directory or an archive is put on a disk.
 *
 * <pre>{@code
 * PackOptions options = PackOptions.DEFAULT.withDevices(Devices.CREATE).withWarnings(System.err::println);
 * JobDisk.create(image, DiskOptions.of(size), disk -> disk.tar("/", archive, options));
 * }</pre>
 *
 * @param duplicates what becomes of an entry whose path is taken
 * @param devices what becomes of devices, named pipes and sockets
 * @param foreignAttributes what becomes of extended attributes and access control lists that the disk cannot keep
 * @param inodes how many inodes the disk has at least: files, directories and links that there may be; 0 for as many as
 *     its size and its content suggest
 * @param outputs files and directories that are written meanwhile, which are left out of a directory whatever their
 *     names are in it. Those that do not exist when the packing begins are not known there. The image that is made is
 *     always left out
 * @param warnings is called with a line for each kind of thing that did not arrive as it was, once everything of a
 *     directory or an archive is on the disk
 * @since 0.1
 */
public record PackOptions(
        Duplicates duplicates,
        Devices devices,
        ForeignAttributes foreignAttributes,
        long inodes,
        List<Path> outputs,
        Consumer<String> warnings) {
    private static final Logger LOG = LoggerFactory.getLogger(PackOptions.class);

    /**
     * The later of two entries wins, devices are refused, foreign attributes are left out, and warnings are logged, as
     * information.
     */
    public static final PackOptions DEFAULT =
            new PackOptions(Duplicates.REPLACE, Devices.REFUSE, ForeignAttributes.LEAVE_OUT, 0, List.of(), LOG::info);

    /**
     * What becomes of an entry whose path is taken. A directory that is given again keeps its content in any case.
     *
     * @since 0.1
     */
    public enum Duplicates {
        /** It takes the place of what was there, unless that is a directory that is not empty. */
        REPLACE,
        /** It is refused by a {@link java.nio.file.FileAlreadyExistsException}. */
        REFUSE
    }

    /**
     * What becomes of devices, named pipes and sockets.
     *
     * @since 0.1
     */
    public enum Devices {
        /** They are made on the disk: the disk is the guest's, and a device on it is one of the guest's. */
        CREATE,
        /** They are refused by an {@link java.io.IOException}. */
        REFUSE
    }

    /**
     * What becomes of extended attributes and access control lists that the disk cannot keep.
     *
     * @since 0.1
     */
    public enum ForeignAttributes {
        /**
         * They are left out, and counted in a warning. A file that loses its list has no more rights than the list
         * gave.
         */
        LEAVE_OUT,
        /** They are refused by an {@link java.io.IOException}. */
        REFUSE
    }

    /**
     * Creates options.
     *
     * @param duplicates see {@link #duplicates()}
     * @param devices see {@link #devices()}
     * @param foreignAttributes see {@link #foreignAttributes()}
     * @param inodes see {@link #inodes()}
     * @param outputs see {@link #outputs()}
     * @param warnings see {@link #warnings()}
     * @throws IllegalArgumentException if the number of inodes is negative
     */
    public PackOptions {
        Objects.requireNonNull(duplicates, "duplicates");
        Objects.requireNonNull(devices, "devices");
        Objects.requireNonNull(foreignAttributes, "foreignAttributes");
        Objects.requireNonNull(warnings, "warnings");
        outputs = List.copyOf(outputs);
        if (inodes < 0) {
            throw new IllegalArgumentException("a disk cannot have " + inodes + " inodes");
        }
    }

    /**
     * Returns these options with another treatment of duplicates.
     *
     * @param treatment see {@link #duplicates()}
     * @return the options
     */
    public PackOptions withDuplicates(Duplicates treatment) {
        return new PackOptions(treatment, devices, foreignAttributes, inodes, outputs, warnings);
    }

    /**
     * Returns these options with another treatment of devices.
     *
     * @param treatment see {@link #devices()}
     * @return the options
     */
    public PackOptions withDevices(Devices treatment) {
        return new PackOptions(duplicates, treatment, foreignAttributes, inodes, outputs, warnings);
    }

    /**
     * Returns these options with another treatment of foreign attributes.
     *
     * @param treatment see {@link #foreignAttributes()}
     * @return the options
     */
    public PackOptions withForeignAttributes(ForeignAttributes treatment) {
        return new PackOptions(duplicates, devices, treatment, inodes, outputs, warnings);
    }

    /**
     * Returns these options with another number of inodes.
     *
     * @param atLeast see {@link #inodes()}
     * @return the options
     * @throws IllegalArgumentException if it is negative
     */
    public PackOptions withInodes(long atLeast) {
        return new PackOptions(duplicates, devices, foreignAttributes, atLeast, outputs, warnings);
    }

    /**
     * Returns these options with other outputs.
     *
     * @param written see {@link #outputs()}
     * @return the options
     */
    public PackOptions withOutputs(List<Path> written) {
        return new PackOptions(duplicates, devices, foreignAttributes, inodes, written, warnings);
    }

    /**
     * Returns these options with another receiver of warnings.
     *
     * @param receiver see {@link #warnings()}
     * @return the options
     */
    public PackOptions withWarnings(Consumer<String> receiver) {
        return new PackOptions(duplicates, devices, foreignAttributes, inodes, outputs, receiver);
    }

    /** Returns what becomes of entries, and how many inodes and outputs there are. */
    @Override
    public String toString() {
        return "duplicates: " + duplicates + ", devices: " + devices + ", foreign attributes: " + foreignAttributes
                + ", inodes: " + inodes + ", outputs: " + outputs;
    }
}
