package dev.construir.examples.command;

import java.util.Arrays;
import java.util.Collection;

/**
 * Measured times in milliseconds.
 *
 * @param sorted the times, the smallest first
 */
record Samples(double[] sorted) {
    static Samples of(Collection<Double> millis) {
        double[] sorted = millis.stream().mapToDouble(Double::doubleValue).toArray();
        Arrays.sort(sorted);
        return new Samples(sorted);
    }

    /** Returns the smallest time that at least this share of all does not exceed (nearest rank). */
    double quantile(double share) {
        if (sorted.length == 0) {
            return Double.NaN;
        }
        int rank = (int) Math.ceil(share * sorted.length);
        return sorted[Math.max(rank, 1) - 1];
    }

    double median() {
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 || sorted.length == 0
                ? quantile(0.5)
                : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
