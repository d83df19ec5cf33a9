package dev.construir.machine;

import dev.construir.DataSize;
import dev.construir.scratch.Scratch;
import dev.construir.text.Reason;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How many machines run at once, and how much memory and how many processors they have in all. All runners that use the
 * same budget share it, whatever their images and hypervisors are; one that is {@linkplain #sharedIn shared in a
 * directory} is shared by processes as well.
 *
 * <pre>{@code
 * MachineBudget budget = MachineBudget.of(4, DataSize.ofGibibytes(8), 4);
 * Runner debian = Runner.builder(hypervisor, debianImage).budget(budget).build();
 * Runner tiny = Runner.builder(hypervisor, tinyImage).budget(budget).build();
 * }</pre>
 *
 * <p>First come, first served: a machine that needs much is not overtaken by machines that need little. Processes that
 * share a budget take turns: the first that waits in each of them goes by when it began to wait. A machine that needs
 * more than the whole budget runs alone. The kernel gives back what a process had, however the process ends; one that
 * is stopped keeps what its machines use, and does not hold up the others otherwise. Safe for use by many threads.
 *
 * @since 0.1
 */
public final class MachineBudget {
    private static final Logger LOG = LoggerFactory.getLogger(MachineBudget.class);
    private static final int POLL_MILLIS = 50; // other processes do not say when they give something back
    private static final int PER_PROCESSOR = 2; // a build often waits for its disk

    private final BudgetUse limit;
    private @Nullable final Path directory;

    // guarded by this
    private final Deque<Place> waiting = new ArrayDeque<>();
    private BudgetUse used = BudgetUse.NOTHING;
    private @Nullable BudgetLedger ledger;
    private boolean alone; // the directory could not be used, until something changes
    private boolean warned;

    private MachineBudget(BudgetUse limit, @Nullable Path directory) {
        this.limit = limit;
        this.directory = directory;
    }

    /** The budget of this host, one for the whole process: made when it is first asked for. */
    private static final class OfHost {
        private static final MachineBudget BUDGET = new MachineBudget(
                new BudgetUse(
                        Integer.MAX_VALUE,
                        HostMemory.forMachines().bytes(),
                        PER_PROCESSOR * Runtime.getRuntime().availableProcessors()),
                Scratch.defaultRoot().resolve("budget"));
    }

    /**
     * Returns the budget of this host, which all processes of this user share: twice the processors that this process
     * may use, and three quarters of the memory that the host, or the control group of this process, has.
     *
     * @return the same budget at every call
     */
    public static MachineBudget ofHost() {
        return OfHost.BUDGET;
    }

    /**
     * Returns a budget that is shared by the runners that get it.
     *
     * @param machines how many machines run at once, at least 1
     * @param memory how much memory they have in all, more than zero
     * @param cpus how many processors they have in all, at least 1
     * @return a new budget
     * @throws IllegalArgumentException if one of them is too small
     */
    public static MachineBudget of(int machines, DataSize memory, int cpus) {
        return new MachineBudget(checked(new BudgetUse(machines, memory.bytes(), cpus)), null);
    }

    /**
     * Returns a budget without bounds.
     *
     * @return a new budget
     */
    public static MachineBudget unlimited() {
        return new MachineBudget(new BudgetUse(Integer.MAX_VALUE, Long.MAX_VALUE, Integer.MAX_VALUE), null);
    }

    /**
     * Returns a new budget with another number of machines, shared in the same directory as this one, if that is.
     *
     * @param machines how many machines run at once, at least 1
     * @return the budget
     * @throws IllegalArgumentException if the number is too small
     */
    public MachineBudget withMachines(int machines) {
        return of(new BudgetUse(machines, limit.memory(), limit.cpus()));
    }

    /**
     * Returns a new budget with another amount of memory, shared in the same directory as this one, if that is.
     *
     * @param memory how much memory all machines have, more than zero
     * @return the budget
     * @throws IllegalArgumentException if the amount is zero
     */
    public MachineBudget withMemory(DataSize memory) {
        return of(new BudgetUse(limit.machines(), memory.bytes(), limit.cpus()));
    }

    /**
     * Returns a new budget with another number of processors, shared in the same directory as this one, if that is.
     *
     * @param cpus how many processors all machines have, at least 1
     * @return the budget
     * @throws IllegalArgumentException if the number is too small
     */
    public MachineBudget withCpus(int cpus) {
        return of(new BudgetUse(limit.machines(), limit.memory(), cpus));
    }

    private MachineBudget of(BudgetUse other) {
        return new MachineBudget(checked(other), directory);
    }

    private static BudgetUse checked(BudgetUse limit) {
        if (limit.machines() < 1 || limit.memory() < 1 || limit.cpus() < 1) {
            throw new IllegalArgumentException(
                    "a budget has at least one machine, one processor and some memory, not " + limit.describe());
        }
        return limit;
    }

    /**
     * Returns a new budget of the same size that all processes share which name the same directory. Each of them minds
     * its own limits.
     *
     * @param place the directory, created if it is missing; it belongs to this user, and no other user may write to it.
     *     While it cannot be used, the budget is this process's only: a warning is logged, and each machine that comes
     *     or goes has it tried again
     * @return the budget
     */
    public MachineBudget sharedIn(Path place) {
        return new MachineBudget(limit, place.toAbsolutePath());
    }

    /**
     * Takes the next place in the queue for a machine. Returns at once.
     *
     * @param cpus how many processors the machine has
     * @param memory how much memory it has
     * @return the place, to be closed by the caller when the machine is gone
     */
    public synchronized Place enter(int cpus, DataSize memory) {
        Objects.requireNonNull(memory, "memory");
        Place place = new Place(new BudgetUse(1, memory.bytes(), cpus));
        waiting.add(place);
        boolean entered = false;
        try {
            alone = false;
            grant();
            entered = true;
            return place;
        } finally {
            if (!entered) {
                place.leave(); // the caller has nothing to close
            }
        }
    }

    /** A machine's place in the queue, and then its share of the budget. Safe for use by many threads. */
    public final class Place implements AutoCloseable {
        private final BudgetUse wanted; // what one that wants more than all gets: all
        private final String asked;
        private final long since = System.currentTimeMillis();
        private boolean granted;
        private boolean closed;

        private Place(BudgetUse asked) {
            this.asked = asked.describe();
            this.wanted = asked.atMost(limit);
        }

        /**
         * Says why the machine has to wait.
         *
         * @return a clause, or empty if it has its share
         */
        public Optional<String> waitsFor() {
            synchronized (MachineBudget.this) {
                return granted
                        ? Optional.empty()
                        : Optional.of("room in the budget of " + limit.describe() + ": this machine takes " + asked
                                + ", and others are in use or come first");
            }
        }

        /** Returns what the machine takes, and whether it has that. */
        @Override
        public String toString() {
            synchronized (MachineBudget.this) {
                return asked + (closed ? ", given back" : granted ? "" : ", waits");
            }
        }

        /**
         * Waits until the machine has its share.
         *
         * @throws InterruptedException if the thread was interrupted; the place is still to be closed
         */
        public void await() throws InterruptedException {
            synchronized (MachineBudget.this) {
                while (!granted && !closed) {
                    if (directory != null && waiting.peek() == this) {
                        MachineBudget.this.wait(POLL_MILLIS);
                        grant();
                    } else {
                        MachineBudget.this.wait();
                    }
                }
            }
        }

        /** Gives the place back, and the share. Idempotent. */
        @Override
        public void close() {
            synchronized (MachineBudget.this) {
                if (closed) {
                    return;
                }
                leave();
                try {
                    alone = false;
                    grant();
                } finally {
                    MachineBudget.this.notifyAll(); // another may be the first now
                }
            }
        }

        private void leave() {
            closed = true;
            if (granted) {
                used = used.minus(wanted);
            } else {
                waiting.remove(this);
            }
        }
    }

    // In the order in which they came.
    private void grant() {
        boolean any = false;
        for (Place next = waiting.peek(); next != null && used.plus(next.wanted).fitsIn(limit); next = waiting.peek()) {
            if (!othersAgree(next)) {
                break;
            }
            used = used.plus(next.wanted);
            next.granted = true;
            waiting.remove();
            any = true;
        }
        if (any) {
            notifyAll();
        }
        publish();
    }

    private boolean othersAgree(Place next) {
        return withOthers(open -> open.admit(used, next.wanted, limit, next.since), true);
    }

    // Also while the first that waits has no room here: others must not overtake it, and see what is given back.
    private void publish() {
        Place first = waiting.peek();
        if (used.machines() > 0 || first != null) {
            boolean ignored = withOthers(
                    open -> {
                        open.publish(used, first == null ? BudgetLedger.NEVER : first.since);
                        return true;
                    },
                    false);
        } else {
            closeLedger(); // what holds nothing leaves nothing behind
        }
    }

    /** Something done with the files that processes share. */
    @FunctionalInterface
    private interface Shared {
        boolean in(BudgetLedger ledger) throws IOException;
    }

    private boolean withOthers(Shared shared, boolean otherwise) {
        if (directory == null || alone) {
            return otherwise;
        }
        boolean wasOpen = ledger != null;
        try {
            boolean done = shielded(() -> shared.in(open(directory)));
            warned = false;
            return done;
        } catch (IOException e) {
            closeLedger();
            if (wasOpen) {
                return withOthers(shared, otherwise); // another process may have removed the directory
            }
            withoutOthers(directory, e);
            return otherwise;
        }
    }

    private void closeLedger() {
        if (ledger != null) {
            ledger.close();
            ledger = null;
        }
    }

    private BudgetLedger open(Path place) throws IOException {
        BudgetLedger open = ledger == null ? BudgetLedger.open(place) : ledger;
        ledger = open;
        return open;
    }

    /** Something done with files, which may be done again. */
    @FunctionalInterface
    private interface Step {
        boolean run() throws IOException;
    }

    // An interrupt closes the files that a thread works with: it says nothing about the files, and is kept for the
    // caller.
    private static boolean shielded(Step step) throws IOException {
        boolean interrupted = Thread.interrupted();
        try {
            while (true) {
                try {
                    return step.run();
                } catch (
                        @SuppressWarnings("unused")
                        ClosedByInterruptException e) {
                    interrupted |= Thread.interrupted();
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private void withoutOthers(Path place, IOException why) {
        if (!warned) {
            LOG.warn(
                    "other processes do not see the machines of this one, nor this one theirs, "
                            + "until the directory {} of the budget"
                            + " can be used: {}; see that it is this user's and that there is room",
                    place,
                    Reason.of(why));
        }
        warned = true;
        alone = true;
    }

    /** Returns what the budget allows, for example {@code 4 machines, 4 processors and 8G of memory}. */
    @Override
    public String toString() {
        return limit.describe();
    }
}
