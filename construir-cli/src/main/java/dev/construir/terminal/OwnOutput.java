package dev.construir.terminal;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What a command writes, which is no part of what it packs, wherever it stands. */
public final class OwnOutput {
    private static final Path STDERR = Path.of("/proc/self/fd/2");

    private OwnOutput() {}

    /** Returns those of some files and directories that were named, and where the streams lead to. */
    public static List<Path> of(@Nullable Path... named) {
        List<Path> outputs = new ArrayList<>();
        for (Path each : named) {
            if (each != null) {
                outputs.add(each);
            }
        }
        Stream.of(InheritedDescriptors.stdoutLink(), STDERR)
                .filter(Files::isRegularFile)
                .forEach(outputs::add);
        return outputs;
    }
}
