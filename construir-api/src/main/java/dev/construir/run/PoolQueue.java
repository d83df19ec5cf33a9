package dev.construir.run;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Who of a pool is next, and who waits for that. Safe for use by many threads. */
final class PoolQueue {
    private final RunClock clock;
    private final long setAside;
    private final Map<PoolMember, Slot> places = new HashMap<>();
    private final List<PoolMember> members;
    private final List<Waiter> waiters = new ArrayList<>();

    PoolQueue(List<PoolMember> members, RunClock clock, Duration setAside) {
        this.members = List.copyOf(members);
        this.clock = clock;
        this.setAside = setAside.toNanos();
        members.forEach(member -> places.put(member, new Slot()));
    }

    /** What is known of a member. */
    private static final class Slot {
        private int busy;
        private boolean aside;
        private long until;
    }

    /** Somebody who waits for a member to have room. */
    static final class Waiter {
        private final List<PoolMember> tried;
        private @Nullable PoolMember member;

        Waiter(List<PoolMember> tried) {
            this.tried = tried;
        }
    }

    /**
     * Takes the next place. Returns at once.
     *
     * @param tried those that are not wanted again; not all there are
     */
    synchronized Waiter enter(List<PoolMember> tried) {
        Waiter waiter = new Waiter(List.copyOf(tried));
        waiters.add(waiter);
        assign();
        return waiter;
    }

    /** Waits for a member with room; the place is lost if the thread is interrupted. */
    synchronized PoolMember await(Waiter waiter) throws InterruptedException {
        try {
            while (waiter.member == null) {
                // No signal says when the time of one that is set aside is over.
                long time = untilNextIsBack();
                if (time == Long.MAX_VALUE) {
                    wait();
                } else {
                    TimeUnit.NANOSECONDS.timedWait(this, Math.max(time, 1_000_000));
                }
                assign();
            }
            return waiter.member;
        } catch (InterruptedException e) {
            leave(waiter);
            throw e;
        }
    }

    /** Gives back a place that no job waits at. */
    synchronized void leave(Waiter waiter) {
        waiters.remove(waiter);
        if (waiter.member != null) {
            giveBack(waiter.member, false);
        }
    }

    synchronized void giveBack(PoolMember member, boolean failed) {
        Slot place = place(member);
        place.busy--;
        if (failed) {
            place.aside = true;
            place.until = clock.nanoTime() + setAside;
        }
        assign();
    }

    // In order of arrival, so that no job is overtaken by one that could use the same runner.
    private void assign() {
        for (Iterator<Waiter> all = waiters.iterator(); all.hasNext(); ) {
            Waiter waiter = all.next();
            PoolMember member = best(waiter.tried);
            if (member != null) {
                place(member).busy++;
                waiter.member = member;
                all.remove();
                notifyAll();
            }
        }
    }

    private @Nullable PoolMember best(List<PoolMember> tried) {
        List<PoolMember> left =
                members.stream().filter(member -> !tried.contains(member)).toList();
        List<PoolMember> trusted =
                left.stream().filter(member -> !isAside(member)).toList();
        return (trusted.isEmpty() ? left : trusted)
                .stream()
                        .filter(member -> place(member).busy < member.capacity())
                        .min((one, other) -> Long.compare(
                                (long) place(one).busy * other.capacity(), (long) place(other).busy * one.capacity()))
                        .orElse(null);
    }

    private boolean isAside(PoolMember member) {
        Slot place = place(member);
        if (place.aside && clock.nanoTime() - place.until >= 0) {
            place.aside = false;
        }
        return place.aside;
    }

    private long untilNextIsBack() {
        return members.stream()
                .filter(this::isAside)
                .mapToLong(member -> place(member).until - clock.nanoTime())
                .min()
                .orElse(Long.MAX_VALUE);
    }

    private Slot place(PoolMember member) {
        Slot place = places.get(member);
        if (place == null) {
            throw new IllegalArgumentException(member.name() + " is of another pool");
        }
        return place;
    }
}
