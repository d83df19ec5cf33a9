package dev.construir.disk.write;

import dev.construir.tar.ShortText;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;

/**
 * The numbers of users and groups that access lists of an archive name: what the archive itself says of its owners, or
 * else what this host says, as tar does it. Unlike names of owners, they have no number beside them in archives of GNU
 * tar. An archive is read once: if it says too late that a name has another number than a list was given, it is
 * refused, as that list grants rights to the wrong one.
 */
final class OwnerNames implements AccessListText.Names {
    private static final int MOST = 10_000;
    /** Linux has no longer ones. */
    private static final int LONGEST = 255;

    private static final int SHOWN = 60;
    private static final long MOST_BYTES = 4 << 20;
    private static final int NUMBER = 2;
    private static final long SEVERAL = -1;

    private final Path directory;
    private final Numbers users = new Numbers("user", "passwd");
    private final Numbers groups = new Numbers("group", "group");

    /** Asks the files {@code passwd} and {@code group} of a directory. */
    OwnerNames(Path directory) {
        this.directory = directory;
    }

    /**
     * Takes over what an entry says.
     *
     * @throws IllegalArgumentException if a list that came before was given another number
     */
    void learn(String user, long uid, String group, long gid) {
        users.learn(user, uid);
        groups.learn(group, gid);
    }

    @Override
    public OptionalLong user(String name) {
        return users.number(name);
    }

    @Override
    public OptionalLong group(String name) {
        return groups.number(name);
    }

    /** Numbers of users, or of groups. */
    private final class Numbers {
        private final String kind;
        private final String file;
        private final Map<String, Long> ofArchive = new HashMap<>();
        private final Map<String, Long> given = new HashMap<>();
        private Map<String, Long> ofHost = Map.of();
        private boolean asked;
        private boolean isFull;

        Numbers(String kind, String file) {
            this.kind = kind;
            this.file = file;
        }

        void learn(String name, long number) {
            if (name.isEmpty() || name.length() > LONGEST) {
                return;
            }
            long before = given.getOrDefault(name, number);
            if (before != number) {
                throw new IllegalArgumentException(
                        "it belongs to the " + kind + " " + ShortText.of(name, SHOWN) + " of number " + number
                                + ", and to an access control list before it that name was " + before
                                + ", as this host or an earlier entry says; pack the archive without lists (tar"
                                + " --no-acls), or put what belongs to that " + kind + " first");
            }
            if (ofArchive.size() < MOST) {
                ofArchive.merge(name, number, (one, other) -> one.equals(other) ? one : SEVERAL);
            } else if (!ofArchive.containsKey(name)) {
                isFull = true;
            }
        }

        OptionalLong number(String name) {
            Long number = ofArchive.get(name);
            if (number == null && !isFull && given.size() < MOST) {
                number = ofHost().get(name);
            }
            if (number == null || number == SEVERAL) {
                return OptionalLong.empty();
            }
            given.put(name, number);
            return OptionalLong.of(number);
        }

        private Map<String, Long> ofHost() {
            if (!asked) {
                asked = true;
                ofHost = read(directory.resolve(file));
            }
            return ofHost;
        }
    }

    private static Map<String, Long> read(Path path) {
        Map<String, Long> numbers = new HashMap<>();
        try {
            if (!Files.isRegularFile(path) || Files.size(path) > MOST_BYTES) {
                return numbers;
            }
            for (String line :
                    Files.readString(path, StandardCharsets.ISO_8859_1).split("\n")) {
                String[] fields = line.split(":");
                if (fields.length > NUMBER && fields[NUMBER].matches("[0-9]{1,9}")) {
                    numbers.putIfAbsent(fields[0], Long.parseLong(fields[NUMBER]));
                }
            }
        } catch (IOException e) {
            return Map.of(); // then this host knows none
        }
        return numbers;
    }
}
