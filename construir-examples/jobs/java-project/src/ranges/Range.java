package ranges;

/** The whole numbers from one to another, both included. */
public record Range(int first, int last) {
    public Range {
        if (first > last) {
            throw new IllegalArgumentException(first + " comes after " + last);
        }
    }

    /** Tells whether both have a number in common, or one begins where the other has just ended. */
    boolean touches(Range other) {
        return (long) first <= (long) other.last + 1 && (long) other.first <= (long) last + 1;
    }

    Range and(Range other) {
        return new Range(Math.min(first, other.first), Math.max(last, other.last));
    }

    @Override
    public String toString() {
        return first == last ? Integer.toString(first) : first + "-" + last;
    }
}
