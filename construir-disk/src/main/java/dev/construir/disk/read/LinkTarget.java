package dev.construir.disk.read;

/** Judges where symbolic links point, by their text alone. */
final class LinkTarget {
    private LinkTarget() {}

    /**
     * Returns whether a link stays inside of what is extracted, wherever other links there lead. So {@code ..} may only
     * stand at its beginning: behind a name it goes up from where that name leads, which its text does not show.
     *
     * @param target the link's target
     * @param depth how many directories below the top the link stands
     */
    static boolean staysInside(byte[] target, int depth) {
        if (target.length == 0 || target[0] == '/') {
            return false;
        }
        int up = 0;
        boolean named = false;
        int from = 0;
        for (int to = 0; to <= target.length; to++) {
            if (to < target.length && target[to] != '/') {
                continue;
            }
            int length = to - from;
            if (length == 2 && target[from] == '.' && target[from + 1] == '.') {
                up++;
                if (named || up > depth) {
                    return false;
                }
            } else if (length > 1 || (length == 1 && target[from] != '.')) {
                named = true;
            }
            from = to + 1;
        }
        return true;
    }
}
