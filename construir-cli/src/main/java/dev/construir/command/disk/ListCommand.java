package dev.construir.command.disk;

import dev.construir.ConstruirException;
import dev.construir.DiskFormatException;
import dev.construir.Reason;
import dev.construir.disk.DiskEntry;
import dev.construir.disk.DiskEntry.Kind;
import dev.construir.disk.Partition;
import dev.construir.disk.read.DiskReader;
import dev.construir.terminal.CancelOnSignal;
import dev.construir.terminal.Environment;
import dev.construir.terminal.ExitCode;
import dev.construir.terminal.Screen;
import dev.construir.terminal.Streams;
import dev.construir.terminal.TerminalFilter;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code construir ls}: lists what is on a disk image. */
@Command(
        name = "ls",
        description = {
            "Lists what is on a disk image.",
            "As ls -ln does, with times in UTC; control characters in names are shown as \\x1b.",
            "What is damaged on the way is named, the rest is listed, and the exit code is 125.",
            ""
        })
@SuppressWarnings("NullAway.Init")
public final class ListCommand implements Callable<Integer> {
    private final Streams streams;

    @Mixin
    private final ImageOperand image;

    @Parameters(
            index = "1",
            arity = "0..1",
            paramLabel = "PATH",
            description = "A directory or a file on the disk. Default: ${DEFAULT-VALUE}.")
    private String path = "/";

    @Option(
            names = {"-R", "--recursive"},
            description = "Lists the directories below it as well.")
    private boolean recursive;

    @Option(
            names = "--partitions",
            description =
                    "Lists the partitions instead: number, start in bytes, size, what it holds (ext2, ext3, ext4, whose files can be listed; "
                            + "swap, vfat, lvm, luks, xfs and others), and the type that the table says.")
    private boolean partitions;

    private boolean damaged;

    public ListCommand(Streams streams, Environment surroundings) {
        this.streams = streams;
        this.image = new ImageOperand(surroundings, new Screen(streams));
    }

    @Override
    public Integer call() throws ConstruirException, IOException {
        return CancelOnSignal.endsSoon(this::work, new Screen(streams));
    }

    private int work() throws ConstruirException, IOException, InterruptedException {
        PrintStream out = new PrintStream(streams.out(), false, StandardCharsets.UTF_8);
        try {
            if (partitions) {
                List<Partition> all = image.partitions();
                out.println(PartitionLine.HEADING);
                all.forEach(partition -> out.println(PartitionLine.of(partition)));
                if (all.isEmpty()) {
                    new Screen(streams).say("there are no partitions: one file system fills the disk");
                }
                return 0;
            }
            return image.read(disk -> {
                list(disk, out);
                return damaged ? ExitCode.FAILED : 0;
            });
        } finally {
            out.flush();
        }
    }

    private void list(DiskReader disk, PrintStream out) throws IOException, InterruptedException {
        DiskEntry start = image.find(disk, path);
        if (start.kind() != Kind.DIRECTORY) {
            out.println(line(disk, start, start.path()));
            return;
        }
        // A damaged disk may have a directory below itself.
        Set<Long> seen = new HashSet<>(List.of(start.inode()));
        Deque<DiskEntry> directories = new ArrayDeque<>(List.of(start));
        while (!directories.isEmpty()) {
            if (Thread.interrupted()) {
                throw new InterruptedException("interrupted while listing " + path);
            }
            DiskEntry directory = directories.pop();
            boolean isStart = directory.inode() == start.inode();
            List<DiskEntry> entries = entries(disk, directory, isStart);
            if (recursive) {
                out.println((isStart ? "" : "\n") + TerminalFilter.escape(directory.path()) + ":");
            }
            for (DiskEntry entry : entries) {
                out.println(
                        line(disk, entry, entry.path().substring(entry.path().lastIndexOf('/') + 1)));
            }
            if (recursive) {
                for (int i = entries.size() - 1; i >= 0; i--) {
                    DiskEntry entry = entries.get(i);
                    if (entry.kind() == Kind.DIRECTORY && seen.add(entry.inode())) {
                        directories.push(entry);
                    } else if (entry.kind() == Kind.DIRECTORY) {
                        damaged(entry, "is a directory that has another name, under which it is listed");
                    }
                }
            }
            if (out.checkError()) {
                return; // nobody reads any more
            }
        }
    }

    /** What is damaged below the directory that was asked for costs itself alone. */
    private List<DiskEntry> entries(DiskReader disk, DiskEntry directory, boolean isStart) throws IOException {
        try {
            return disk.list(directory.path()).stream()
                    .sorted(Comparator.comparing(DiskEntry::path))
                    .toList();
        } catch (DiskFormatException e) {
            if (isStart) {
                throw e;
            }
            damaged(directory, "cannot be listed: " + Reason.of(e));
            return List.of();
        }
    }

    private String line(DiskReader disk, DiskEntry entry, String name) throws IOException {
        String link = entry.kind() == Kind.SYMBOLIC_LINK ? " -> " + text(disk, entry) : "";
        return ListLine.of(entry) + " " + TerminalFilter.escape(name + link);
    }

    private String text(DiskReader disk, DiskEntry link) throws IOException {
        try {
            return disk.readLink(link);
        } catch (DiskFormatException e) {
            damaged(link, "cannot be read: " + Reason.of(e));
            return "?";
        }
    }

    private void damaged(DiskEntry entry, String what) {
        damaged = true;
        new Screen(streams).say(TerminalFilter.escape(entry.path() + " " + what));
    }
}
