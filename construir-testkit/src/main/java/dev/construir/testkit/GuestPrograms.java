package dev.construir.testkit;

import java.util.Map;
import java.util.Optional;

/**
 * The programs of a guest.
 *
 * @param byName a path or a name, which is looked for in the usual directories
 */
record GuestPrograms(Map<String, FakeProgram> byName) {
    GuestPrograms {
        byName = Map.copyOf(byName);
    }

    Optional<FakeProgram> find(String name) {
        FakeProgram exact = byName.get(name);
        if (exact != null) {
            return Optional.of(exact);
        }
        int slash = name.lastIndexOf('/');
        boolean usual = name.matches("/(usr/)?(local/)?s?bin/[^/]+");
        return usual ? Optional.ofNullable(byName.get(name.substring(slash + 1))) : Optional.empty();
    }
}
