package dev.construir.disk.write;

import dev.construir.disk.Attributes;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** A tree of a seed: files of many sizes with holes, directories that get entries at any time, links of all kinds. */
final class RandomContent implements DiskContent {
    private final long seed;
    private final int entries;
    private final int maxSize;
    /** What was written, by path. */
    final Map<String, byte[]> files = new LinkedHashMap<>();

    final Map<String, String> links = new LinkedHashMap<>();

    RandomContent(long seed, int entries, int maxSize) {
        this.seed = seed;
        this.entries = entries;
        this.maxSize = maxSize;
    }

    @Override
    public void writeTo(DiskBuilder disk) throws IOException {
        Random random = new Random(seed);
        List<String> directories = new ArrayList<>(List.of(""));
        List<String> names = new ArrayList<>();
        for (int i = 0; i < entries; i++) {
            String parent = directories.get(random.nextInt(directories.size()));
            String path = parent + "/" + name(random, i);
            int choice = random.nextInt(20);
            if (choice < 4) {
                disk.directory(path, attributes(random));
                directories.add(path);
            } else if (choice < 6) {
                String target = "t".repeat(1 + random.nextInt(random.nextBoolean() ? 70 : 1000));
                disk.symbolicLink(path, attributes(random), target);
                links.put(path, target);
            } else if (choice < 8 && !names.isEmpty()) {
                String existing = names.get(random.nextInt(names.size()));
                disk.hardLink(path, existing);
                files.put(path, files.getOrDefault(existing, new byte[0]));
            } else {
                byte[] content = content(random);
                disk.file(path, attributes(random), content.length, new ByteArrayInputStream(content));
                files.put(path, content);
                names.add(path);
            }
        }
    }

    private static String name(Random random, int number) {
        String text = random.nextInt(4) == 0 ? "ü" : "n";
        return number + text.repeat(random.nextInt(random.nextInt(10) == 0 ? 120 : 10));
    }

    private static Attributes attributes(Random random) {
        return new Attributes(
                0700 | random.nextInt(0100),
                random.nextInt(100_000),
                random.nextInt(100_000),
                Instant.ofEpochSecond(random.nextInt(), random.nextInt(1_000_000_000)));
    }

    private byte[] content(Random random) {
        byte[] content = new byte[random.nextInt(random.nextInt(4) == 0 ? maxSize : 1 + maxSize / 100)];
        random.nextBytes(content);
        for (int holes = random.nextInt(3); holes > 0 && content.length > 0; holes--) {
            int from = random.nextInt(content.length);
            java.util.Arrays.fill(content, from, from + random.nextInt(content.length - from), (byte) 0);
        }
        return content;
    }
}
