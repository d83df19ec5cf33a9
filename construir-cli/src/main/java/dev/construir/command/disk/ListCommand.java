package dev.construir.command.disk;

import dev.construir.ConstruirException;
import dev.construir.DiskFormatException;
import dev.construir.disk.DiskEntry;
import dev.construir.disk.DiskEntry.Kind;
import dev.construir.disk.Partition;
import dev.construir.disk.read.DiskReader;
import dev.construir.terminal.CancelOnSignal;
import dev.construir.terminal.Environment;
import dev.construir.terminal.ExitCode;
import dev.construir.terminal.JsonOutput;
import dev.construir.terminal.Screen;
import dev.construir.terminal.Streams;
import dev.construir.terminal.TerminalFilter;
import dev.construir.text.Reason;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
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
                    "Lists the partitions instead: number, start in bytes, size, what it holds (ext2, ext3, ext4, "
                            + "whose files can be listed; "
                            + "swap, vfat, lvm, luks, xfs and others), and the type that the table says.")
    private boolean partitions;

    @Option(
            names = "--json",
            description = "Lists as one JSON object instead, with names as they are and times to the nanosecond.")
    private boolean json;

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
        if (json) {
            return partitions ? partitionsAsJson() : image.read(this::listAsJson);
        }
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
                list(disk, new Lines(disk, out));
                return damaged ? ExitCode.FAILED : 0;
            });
        } finally {
            out.flush();
        }
    }

    private int partitionsAsJson() throws ConstruirException, IOException, InterruptedException {
        List<Partition> all = image.partitions();
        try (JsonOutput out = new JsonOutput(streams.out())) {
            out.write(ListDocument.of(image.name(), all));
        }
        return 0;
    }

    private int listAsJson(DiskReader disk) throws IOException, InterruptedException {
        DiskEntry start = image.find(disk, path); // what is missing is said before a document begins
        OutputStream buffered = new BufferedOutputStream(streams.out());
        try (ListDocument document = new ListDocument(new JsonOutput(buffered), image.name(), start.path())) {
            list(disk, new Fields(disk, document));
        }
        return damaged ? ExitCode.FAILED : 0;
    }

    /** Takes what is found, in the order in which it is found. */
    private interface Listing {
        /** Begins a directory. */
        void directory(DiskEntry directory, boolean isStart);

        /** Takes an entry, under its path or its name alone. */
        void entry(DiskEntry entry, boolean wholePath) throws IOException;

        /** Takes what is damaged. */
        void damaged(DiskEntry entry, String what);

        /** Returns whether the reader is gone. */
        boolean isDone();
    }

    private final class Lines implements Listing {
        private final DiskReader disk;
        private final PrintStream out;

        Lines(DiskReader disk, PrintStream out) {
            this.disk = disk;
            this.out = out;
        }

        @Override
        public void directory(DiskEntry directory, boolean isStart) {
            out.println((isStart ? "" : "\n") + TerminalFilter.escape(directory.path()) + ":");
        }

        @Override
        public void entry(DiskEntry entry, boolean wholePath) throws IOException {
            String path = entry.path();
            String name = wholePath ? path : path.substring(path.lastIndexOf('/') + 1);
            String link = entry.kind() == Kind.SYMBOLIC_LINK
                    ? " -> " + target(disk, entry, this).orElse("?")
                    : "";
            out.println(ListLine.of(entry) + " " + TerminalFilter.escape(name + link));
        }

        @Override
        public void damaged(DiskEntry entry, String what) {}

        @Override
        public boolean isDone() {
            return out.checkError();
        }
    }

    private final class Fields implements Listing {
        private final DiskReader disk;
        private final ListDocument document;

        Fields(DiskReader disk, ListDocument document) {
            this.disk = disk;
            this.document = document;
        }

        @Override
        public void directory(DiskEntry directory, boolean isStart) {}

        @Override
        public void entry(DiskEntry entry, boolean wholePath) throws IOException {
            document.entry(entry, entry.kind() == Kind.SYMBOLIC_LINK ? target(disk, entry, this) : Optional.empty());
        }

        @Override
        public void damaged(DiskEntry entry, String what) {
            document.damaged(entry.path(), what);
        }

        @Override
        public boolean isDone() {
            return false; // writing fails then
        }
    }

    private void list(DiskReader disk, Listing listing) throws IOException, InterruptedException {
        DiskEntry start = image.find(disk, path);
        if (start.kind() != Kind.DIRECTORY) {
            listing.entry(start, true);
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
            List<DiskEntry> entries = entries(disk, directory, isStart, listing);
            if (recursive) {
                listing.directory(directory, isStart);
            }
            for (DiskEntry entry : entries) {
                listing.entry(entry, false);
            }
            if (recursive) {
                descend(entries, seen, directories, listing);
            }
            if (listing.isDone()) {
                return;
            }
        }
    }

    private void descend(List<DiskEntry> entries, Set<Long> seen, Deque<DiskEntry> directories, Listing listing) {
        for (int i = entries.size() - 1; i >= 0; i--) {
            DiskEntry entry = entries.get(i);
            if (entry.kind() == Kind.DIRECTORY && seen.add(entry.inode())) {
                directories.push(entry);
            } else if (entry.kind() == Kind.DIRECTORY) {
                damaged(entry, "is a directory that has another name, under which it is listed", listing);
            }
        }
    }

    /** What is damaged below the directory that was asked for costs itself alone. */
    private List<DiskEntry> entries(DiskReader disk, DiskEntry directory, boolean isStart, Listing listing)
            throws IOException {
        try {
            return disk.list(directory.path()).stream()
                    .sorted(Comparator.comparing(DiskEntry::path))
                    .toList();
        } catch (DiskFormatException e) {
            if (isStart) {
                throw e;
            }
            damaged(directory, "cannot be listed: " + Reason.of(e), listing);
            return List.of();
        }
    }

    private Optional<String> target(DiskReader disk, DiskEntry link, Listing listing) throws IOException {
        try {
            return Optional.of(disk.readLink(link));
        } catch (DiskFormatException e) {
            damaged(link, "cannot be read: " + Reason.of(e), listing);
            return Optional.empty();
        }
    }

    private void damaged(DiskEntry entry, String what, Listing listing) {
        damaged = true;
        listing.damaged(entry, what);
        new Screen(streams).say(TerminalFilter.escape(entry.path() + " " + what));
    }
}
