package dev.construir.tar;

import java.util.LinkedHashSet;
import java.util.Set;
import java.util.stream.Collectors;

/** Names of extended attributes that were left out: some of them, and how many attributes there are. */
public final class OmittedAttributes {
    private static final int KEPT = 64;
    private static final int SHOWN = 3;
    private static final int SHOWN_LENGTH = 60;

    private final Set<String> names = new LinkedHashSet<>();
    private long count;

    /** Creates an empty set. */
    public OmittedAttributes() {}

    /**
     * Adds an attribute of an entry, which an archive may have in two forms.
     *
     * @param name the attribute's name
     */
    public void add(String name) {
        if (names.size() == KEPT) {
            count += names.contains(name) ? 0 : 1;
        } else if (names.add(name)) {
            count++;
        }
    }

    /**
     * Adds an attribute that is left out for a reason other than the usual one.
     *
     * @param name the attribute's name
     * @param why the reason, a few words
     */
    public void add(String name, String why) {
        add(ShortText.of(name, SHOWN_LENGTH) + " (" + why + ")");
    }

    /**
     * Adds those of another entry.
     *
     * @param other the attributes of one entry
     */
    public void addAll(OmittedAttributes other) {
        count += other.count;
        for (String name : other.names) {
            if (names.size() < KEPT) {
                names.add(name);
            }
        }
    }

    /**
     * Returns how many attributes there are.
     *
     * @return the number
     */
    public long count() {
        return count;
    }

    /**
     * Names some of them.
     *
     * @return the first names, without control characters
     */
    public String describe() {
        return names.stream()
                        .limit(SHOWN)
                        .map(name -> ShortText.of(name, 2 * SHOWN_LENGTH))
                        .collect(Collectors.joining(", "))
                + (names.size() > SHOWN ? " and more" : "");
    }
}
