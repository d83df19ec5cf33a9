package dev.construir.examples.command;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a command writes, which is no part of what it packs, wherever it stands. */
final class OwnOutput {
    /** Standard output and standard error, which may lead to files. */
    private static final List<Path> STREAMS = List.of(Path.of("/proc/self/fd/1"), Path.of("/proc/self/fd/2"));

    private OwnOutput() {}

    /** Returns those of some files and directories that were named, and where the streams lead to. */
    static List<Path> of(@Nullable Path... named) {
        List<Path> outputs = new ArrayList<>();
        for (Path each : named) {
            if (each != null) {
                outputs.add(each);
            }
        }
        STREAMS.stream().filter(Files::isRegularFile).forEach(outputs::add);
        return outputs;
    }
}
