package dev.construir.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The places of a queue's jobs, while no process serves it.
 *
 * @param waiting what is in {@code queue/}
 * @param claimed what is below {@code running/}
 * @param results what has a record, in {@code done/} or {@code failed/}
 */
record Whereabouts(List<String> waiting, List<String> claimed, List<String> results) {
    static Whereabouts in(Path top) throws IOException {
        List<String> waiting = new ArrayList<>();
        for (Path file : list(top.resolve("queue"))) {
            if (JobFile.isJob(name(file))
                    && !Files.isSymbolicLink(file)) { // a link reserves a name for a job on its way back
                waiting.add(new JobFile(name(file)).base());
            }
        }
        List<String> claimed = new ArrayList<>();
        for (Path owner : list(top.resolve("running"))) {
            for (Path claim : Files.isDirectory(owner) ? list(owner) : List.<Path>of()) {
                if (Files.isDirectory(claim, LinkOption.NOFOLLOW_LINKS)) {
                    Optional<JobFile> file = new ClaimDirectory(claim, new DurableFileOps()).file();
                    file.ifPresent(job -> claimed.add(job.base()));
                }
            }
        }
        List<String> results = new ArrayList<>();
        for (String folder : List.of("done", "failed")) {
            for (Path file : list(top.resolve(folder))) {
                if (name(file).endsWith(".json")) {
                    results.add(whole(file));
                }
            }
        }
        return new Whereabouts(waiting, claimed, results);
    }

    /** Returns the name of a result, which has a log and an image, or what was queued. */
    private static String whole(Path record) throws IOException {
        String base = name(record).substring(0, name(record).length() - ".json".length());
        assertThat(Files.readString(record)).endsWith("}\n");
        assertThat(record.resolveSibling(base + ".log")).exists();
        assertThat(Stream.of(".img.xz", ".img", ".raw", ".xz", "").map(end -> record.resolveSibling(base + end)))
                .as("images of %s", record)
                .anyMatch(image -> Files.exists(image, LinkOption.NOFOLLOW_LINKS));
        return base;
    }

    /** Returns how many jobs there are in all. */
    int count() {
        return waiting.size() + claimed.size() + results.size();
    }

    /** Returns everything except waiting jobs and results with a record. */
    static List<String> litter(Path top) throws IOException {
        List<String> litter = new ArrayList<>();
        for (Path file : list(top.resolve("queue"))) {
            if (!JobFile.isJob(name(file)) || Files.isSymbolicLink(file)) {
                litter.add(top.relativize(file).toString());
            }
        }
        list(top.resolve("running"))
                .forEach(file -> litter.add(top.relativize(file).toString()));
        List<String> results = in(top).results();
        for (String folder : List.of("done", "failed")) {
            for (Path file : list(top.resolve(folder))) {
                if (results.stream()
                        .noneMatch(base -> name(file).equals(base) || name(file).startsWith(base + "."))) {
                    litter.add(top.relativize(file).toString());
                }
            }
        }
        return litter;
    }

    /** Returns the names in a folder, in their order. */
    static List<String> names(Path folder) throws IOException {
        return list(folder).stream().map(Whereabouts::name).toList();
    }

    private static List<Path> list(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.sorted().toList();
        }
    }

    private static String name(Path file) {
        return file.getFileName().toString();
    }
}
