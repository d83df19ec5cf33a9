package dev.construir.bench;

import java.util.Collection;
import java.util.List;

/**
 * Measured times in milliseconds.
 *
 * @param sorted the times, the smallest first
 */
record Samples(List<Double> sorted) {
    static Samples of(Collection<Double> millis) {
        return new Samples(millis.stream().sorted().toList());
    }

    /**
     * Returns the smallest time that at least this share of all does not exceed (nearest rank); NaN if there are none.
     */
    double quantile(double share) {
        if (sorted.isEmpty()) {
            return Double.NaN;
        }
        int rank = (int) Math.ceil(share * sorted.size());
        return sorted.get(Math.max(rank, 1) - 1);
    }

    double median() {
        int middle = sorted.size() / 2;
        return sorted.size() % 2 == 1 || sorted.isEmpty()
                ? quantile(0.5)
                : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
    }
}
