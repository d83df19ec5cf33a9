package dev.construir.machine;

import dev.construir.ownership.OwnedDirectory;
import dev.construir.scratch.Scratch;
import dev.construir.scratch.ScratchDirectory;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the processes use that share a budget: each has a directory in a common one, which carries a lock that the
 * kernel drops when the process ends, and in it a file that says what the process uses, and since when its first
 * machine waits. Used with the lock of its budget held.
 */
final class BudgetLedger implements AutoCloseable {
    private static final Object GUARD = new Object(); // the kernel's locks are a process's
    private static final String SHARE = "share";
    private static final String FILE = "use";
    static final long NEVER = Long.MAX_VALUE;
    // One that waits and does not say so any more is stopped: those behind it go first.
    private static final long STALE_MILLIS = 5000;
    private static final Pattern LINE =
            Pattern.compile("(\\d{1,9}) (\\d{1,18}) (\\d{1,9}) (\\d{1,18}|" + Long.MAX_VALUE + ") (\\d{1,18})\n");

    private final Path root;
    private final Scratch scratch;
    private final ScratchDirectory own;
    private String published = "";

    private record LedgerEntry(BudgetUse use, long since, long at) {}

    private BudgetLedger(Path root, Scratch scratch, ScratchDirectory own) {
        this.root = root;
        this.scratch = scratch;
        this.own = own;
    }

    static BudgetLedger open(Path root) throws IOException {
        Scratch scratch = Scratch.open(root, orphan -> {});
        boolean opened = false;
        try {
            BudgetLedger ledger = new BudgetLedger(root.toRealPath(), scratch, scratch.directory(SHARE));
            opened = true;
            return ledger;
        } finally {
            if (!opened) {
                scratch.close();
            }
        }
    }

    /**
     * Takes a share if it fits and no older one waits in another process; otherwise notes since when this one waits.
     *
     * @param used what this process uses without it
     */
    boolean admit(BudgetUse used, BudgetUse wanted, BudgetUse limit, long since) throws IOException {
        synchronized (GUARD) {
            try (FileChannel file = FileChannel.open(
                            root.resolve("guard"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                    FileLock lock = file.tryLock()) {
                boolean admitted = lock != null && fits(used, wanted, limit, since);
                publish(admitted ? used.plus(wanted) : used, admitted ? NEVER : since);
                return admitted;
            } catch (
                    @SuppressWarnings("unused")
                    OverlappingFileLockException e) { // another copy of this library in this process
                return false;
            }
        }
    }

    private boolean fits(BudgetUse used, BudgetUse wanted, BudgetUse limit, long since) throws IOException {
        OwnedDirectory.inherit(root, orphan -> {}); // what dead processes used is free
        BudgetUse all = used.plus(wanted);
        long now = System.currentTimeMillis();
        try (DirectoryStream<Path> owners = Files.newDirectoryStream(root, "[0-9]*")) {
            for (Path owner : owners) {
                Optional<LedgerEntry> entry = read(owner);
                if (entry.isPresent()) {
                    LedgerEntry other = entry.get();
                    if (other.since() < since && Math.abs(now - other.at()) < STALE_MILLIS) {
                        return false;
                    }
                    all = all.plus(other.use());
                }
            }
        }
        return all.fitsIn(limit);
    }

    private Optional<LedgerEntry> read(Path owner) throws IOException {
        try (DirectoryStream<Path> shares = Files.newDirectoryStream(owner, SHARE + "-*")) {
            for (Path share : shares) {
                if (!share.equals(own.path())) {
                    return parse(Files.readString(share.resolve(FILE), StandardCharsets.ISO_8859_1));
                }
            }
        } catch (NoSuchFileException | NotDirectoryException | DirectoryIteratorException e) {
            return Optional.empty(); // it has just gone, or has published nothing yet
        }
        return Optional.empty();
    }

    private static Optional<LedgerEntry> parse(String text) {
        Matcher line = LINE.matcher(text);
        if (!line.matches()) {
            return Optional.empty(); // whatever it is, this process does not write such
        }
        BudgetUse use = new BudgetUse(
                Integer.parseInt(line.group(1)), Long.parseLong(line.group(2)), Integer.parseInt(line.group(3)));
        return Optional.of(new LedgerEntry(use, Long.parseLong(line.group(4)), Long.parseLong(line.group(5))));
    }

    /** Says what this process uses, and since when its first machine waits, or that none does by {@link #NEVER}. */
    void publish(BudgetUse used, long since) throws IOException {
        long second = System.currentTimeMillis() / 1000 * 1000;
        String text = used.machines() + " " + used.memory() + " " + used.cpus() + " " + since + " " + second + "\n";
        if (!text.equals(published)) {
            Path next = own.path().resolve("next");
            Files.writeString(next, text);
            Files.move(next, own.path().resolve(FILE), StandardCopyOption.ATOMIC_MOVE);
            published = text;
        }
    }

    @Override
    public void close() {
        own.close();
        scratch.close();
    }
}
