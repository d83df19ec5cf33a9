package dev.construir.command.disk;

import dev.construir.ConstruirException;
import dev.construir.DataSize;
import dev.construir.DiskFormatException;
import dev.construir.ImageFormat;
import dev.construir.disk.DiskEntry;
import dev.construir.disk.read.DiskImage;
import dev.construir.disk.read.DiskReader;
import dev.construir.disk.write.DiskContent;
import dev.construir.disk.write.DiskOptions;
import dev.construir.disk.write.JobDisk;
import dev.construir.disk.write.PackOptions;
import dev.construir.disk.write.PackOptions.Devices;
import dev.construir.disk.write.PackOptions.Duplicates;
import dev.construir.disk.write.PackOptions.ForeignAttributes;
import dev.construir.job.Resources;
import dev.construir.terminal.CancelOnSignal;
import dev.construir.terminal.OwnOutput;
import dev.construir.terminal.Screen;
import dev.construir.terminal.Streams;
import dev.construir.terminal.TerminalFilter;
import dev.construir.text.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code construir pack}: makes a job image of a directory or a tar archive. */
@Command(
        name = "pack",
        description = {
            "Makes a job image of a directory or a tar archive.",
            "The image is a sparse ext2 file system, the same bytes for the same files. Needs no root.",
            ""
        })
@SuppressWarnings("NullAway.Init")
public final class PackCommand implements Callable<Integer> {
    private static final DataSize LARGE = DataSize.ofGibibytes(16);
    private static final int BYTES_PER_INODE = 4096;

    private final Streams streams;

    @Parameters(
            paramLabel = "DIR|TAR",
            description = {
                "The directory, or the archive, as it is or compressed by gzip or xz: a file, a pipe, or - for stdin.",
                "Its bin/construir is what will be run."
            })
    private String content;

    @Option(
            names = {"-o", "--out"},
            paramLabel = "FILE",
            required = true,
            description = "The image to make; must not exist.")
    private Path image;

    @Option(
            names = {"-s", "--size"},
            paramLabel = "SIZE",
            description = "The size of the disk; free space takes no room. Default: ${DEFAULT-VALUE}.")
    private DataSize size = Resources.DEFAULT.disk();

    @Option(
            names = "--inodes",
            paramLabel = "N",
            description = "How many files, directories and links there may be at least. "
                    + "Default: what is usual for the size, or twice as many as are packed.")
    private long inodes;

    @Option(
            names = "--duplicates",
            paramLabel = "replace|refuse",
            description = "What becomes of an entry that an archive has a second time: the later one wins, or none is "
                    + "taken. Default: replace.")
    private Duplicates duplicates = Duplicates.REPLACE;

    @Option(
            names = "--xattrs",
            paramLabel = "lenient|strict",
            description = "Extended attributes and access control lists that the disk cannot keep, as those of macOS "
                    + "and those that are too large, are left out with a line that counts them, or "
                    + "refused. Default: lenient.")
    private Xattrs xattrs = Xattrs.LENIENT;

    @Option(
            names = "--devices",
            description = "Makes devices and pipes on the disk: they are the guest's. Default: they are refused.")
    private boolean devices;

    private static final String ENTRY_POINT = "/bin/construir";
    /** What a shell takes as it is. */
    private static final Pattern PLAIN = Pattern.compile("[\\w.][\\w.-]*");

    private static final int LOOKED_AT = 100;

    /** What {@code --xattrs} takes. */
    public enum Xattrs {
        LENIENT,
        STRICT
    }

    public PackCommand(Streams streams) {
        this.streams = streams;
    }

    @Override
    public Integer call() throws ConstruirException, IOException {
        Target.checkNewFile("-o", image);
        checkName();
        Screen screen = new Screen(streams);
        DiskContent from = content(screen);
        DiskOptions options = options();
        return CancelOnSignal.ends(
                () -> {
                    AtomicOutput.make(image, file -> JobDisk.create(file, options, from));
                    sayIfNoJob(screen);
                    return 0;
                },
                screen);
    }

    /** By the ending of a name everything else decides how a disk is read. */
    private void checkName() throws ConstruirException {
        if (image.toString().equals(TarOperand.STDIN)) {
            throw new ConstruirException(
                    "-o - would be stdout, and a disk is written at one place and another, which a stream cannot be; "
                            + "name a file (for one of this name, ./-)");
        }
        DiskImage named = DiskImage.of(image);
        if (named.compression() != DiskImage.Compression.NONE || named.format() != ImageFormat.RAW) {
            throw new ConstruirException(
                    "-o " + image + " names a compressed disk or one of qcow2, and pack writes a plain one; "
                            + "give it a name that ends in .img, and compress it afterwards, for example by xz");
        }
    }

    private DiskContent content(Screen screen) throws ConstruirException, IOException {
        Path path = Path.of(content);
        if (content.equals(TarOperand.STDIN)) {
            return new TarOperand(content, streams.keyboard().in(), packing(screen));
        } else if (Files.isDirectory(path)) {
            return DiskContent.ofTree(path, entry -> true, packing(screen));
        } else if (!Files.exists(path)) {
            throw new NoSuchFileException(content, null, "no directory or archive: " + Reason.unreadable(path));
        }
        return new TarOperand(content, streams.keyboard().in(), packing(screen));
    }

    private PackOptions packing(Screen screen) throws ConstruirException {
        if (inodes < 0) {
            throw new ConstruirException("--inodes takes a number from 1 on, not " + inodes);
        }
        return PackOptions.DEFAULT
                .withDuplicates(duplicates)
                .withDevices(devices ? Devices.CREATE : Devices.REFUSE)
                .withForeignAttributes(xattrs == Xattrs.STRICT ? ForeignAttributes.REFUSE : ForeignAttributes.LEAVE_OUT)
                .withInodes(Math.max(inodes, archiveInodes()))
                .withOutputs(OwnOutput.of())
                .withWarnings(line -> screen.say(TerminalFilter.escape(line)));
    }

    /**
     * Nobody knows how many entries an archive has before it is read: disks of usual sizes get as many inodes as they
     * can have.
     */
    private long archiveInodes() {
        boolean usual = size.compareTo(LARGE) < 0;
        return usual && !Files.isDirectory(Path.of(content)) ? size.bytes() / BYTES_PER_INODE / 2 : 0;
    }

    private void sayIfNoJob(Screen screen) throws IOException {
        try (DiskReader disk = DiskReader.open(image)) {
            if (disk.find(ENTRY_POINT).isPresent()) {
                return;
            }
            String deeper = deeper(disk)
                    .map(name -> "; it holds " + name + ENTRY_POINT + ": pack that directory"
                            + (PLAIN.matcher(name).matches()
                                    ? ", or make the archive by tar -C " + name + " -c ."
                                    : ""))
                    .orElse("");
            screen.say(
                    TerminalFilter.escape(image + " holds no bin/construir: construir run would refuse it" + deeper));
        }
    }

    /** Finds the directory that was packed in place of what is in it. */
    private static Optional<String> deeper(DiskReader disk) throws IOException {
        List<DiskEntry> top;
        try {
            top = disk.list("/");
        } catch (
                @SuppressWarnings("unused")
                DiskFormatException e) { // more than are listed
            return Optional.empty();
        }
        for (DiskEntry entry : top.subList(0, Math.min(LOOKED_AT, top.size()))) {
            if (entry.kind() == DiskEntry.Kind.DIRECTORY
                    && disk.find(entry.path() + ENTRY_POINT).isPresent()) {
                return Optional.of(entry.path().substring(1));
            }
        }
        return Optional.empty();
    }

    private DiskOptions options() throws ConstruirException {
        try {
            return DiskOptions.of(size);
        } catch (IllegalArgumentException e) {
            throw new ConstruirException("--size: " + e.getMessage(), e); // a size out of its range
        }
    }
}
