package dev.construir.command;

import java.util.Collection;
import java.util.Optional;

/** Finds the names that are closest to a mistyped one. */
final class Spelling {
    /** One letter in so many may be wrong. */
    private static final int LETTERS_FOR_EACH = 3;

    private Spelling() {}

    /**
     * Returns the known word that is nearest to another one.
     *
     * @param word what was typed
     * @param known what could have been meant
     * @return the nearest; nothing if none is near
     */
    static Optional<String> nearest(String word, Collection<String> known) {
        int least = Math.max(1, word.length() / LETTERS_FOR_EACH) + 1;
        String found = null;
        for (String each : known) {
            int distance = distance(word, each);
            if (distance < least) {
                least = distance;
                found = each;
            }
        }
        return Optional.ofNullable(found);
    }

    /** Returns how many letters are to be added, left out, exchanged for others, or swapped with the next one. */
    static int distance(String one, String other) {
        int[][] costs = new int[one.length() + 1][other.length() + 1];
        for (int i = 0; i <= one.length(); i++) {
            for (int j = 0; j <= other.length(); j++) {
                costs[i][j] = i == 0 || j == 0 ? i + j : cost(costs, one, i, other, j);
            }
        }
        return costs[one.length()][other.length()];
    }

    private static int cost(int[][] costs, String one, int i, String other, int j) {
        boolean same = one.charAt(i - 1) == other.charAt(j - 1);
        int least = Math.min(costs[i - 1][j - 1] + (same ? 0 : 1), Math.min(costs[i - 1][j], costs[i][j - 1]) + 1);
        boolean swapped =
                i > 1 && j > 1 && one.charAt(i - 1) == other.charAt(j - 2) && one.charAt(i - 2) == other.charAt(j - 1);
        return swapped ? Math.min(least, costs[i - 2][j - 2] + 1) : least;
    }
}
