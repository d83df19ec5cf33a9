package dev.construir.disk;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;

/**
 * The numbers of users and groups that access lists of an archive name: what the archive itself says of its owners, or else what this host says, as tar
 * does it. Unlike names of owners, they have no number beside them in archives of GNU tar.
 */
final class OwnerNames implements AccessListText.Names {
    private static final int MOST = 10_000;
    private static final long MOST_BYTES = 4 << 20;
    private static final int NUMBER = 2;

    private final Path directory;
    private final Map<String, Long> users = new HashMap<>();
    private final Map<String, Long> groups = new HashMap<>();
    private boolean asked;

    /** Asks the files {@code passwd} and {@code group} of a directory. */
    OwnerNames(Path directory) {
        this.directory = directory;
    }

    /** Takes over what an entry says. */
    void learn(String user, long uid, String group, long gid) {
        learn(users, user, uid);
        learn(groups, group, gid);
    }

    private static void learn(Map<String, Long> numbers, String name, long number) {
        if (!name.isEmpty() && numbers.size() < MOST) {
            numbers.putIfAbsent(name, number);
        }
    }

    @Override
    public OptionalLong user(String name) {
        return number(users, name);
    }

    @Override
    public OptionalLong group(String name) {
        return number(groups, name);
    }

    private OptionalLong number(Map<String, Long> numbers, String name) {
        if (!asked && !numbers.containsKey(name)) {
            asked = true;
            ask("passwd", users);
            ask("group", groups);
        }
        Long number = numbers.get(name);
        return number == null ? OptionalLong.empty() : OptionalLong.of(number);
    }

    private void ask(String file, Map<String, Long> numbers) {
        Path path = directory.resolve(file);
        try {
            if (!Files.isRegularFile(path) || Files.size(path) > MOST_BYTES) {
                return;
            }
            for (String line :
                    Files.readString(path, StandardCharsets.ISO_8859_1).split("\n")) {
                String[] fields = line.split(":");
                if (fields.length > NUMBER && fields[NUMBER].matches("[0-9]{1,9}")) {
                    learn(numbers, fields[0], Long.parseLong(fields[NUMBER]));
                }
            }
        } catch (IOException e) {
            return; // then this host knows none
        }
    }
}
