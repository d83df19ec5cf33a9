package ranges;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;

/** A set of numbers, written down as the fewest ranges that hold them. Immutable. */
public final class RangeSet {
    private final List<Range> ranges;

    private RangeSet(List<Range> ranges) {
        this.ranges = ranges;
    }

    public static RangeSet of(List<Range> given) {
        List<Range> joined = new ArrayList<>();
        for (Range next : given.stream().sorted(Comparator.comparingInt(Range::first)).toList()) {
            int end = joined.size() - 1;
            if (end >= 0 && joined.get(end).touches(next)) {
                joined.set(end, joined.get(end).and(next));
            } else {
                joined.add(next);
            }
        }
        return new RangeSet(List.copyOf(joined));
    }

    public boolean contains(int number) {
        return ranges.stream().anyMatch(range -> range.first() <= number && number <= range.last());
    }

    public long size() {
        return ranges.stream().mapToLong(range -> (long) range.last() - range.first() + 1).sum();
    }

    @Override
    public String toString() {
        return ranges.stream().map(Range::toString).collect(Collectors.joining(","));
    }
}
