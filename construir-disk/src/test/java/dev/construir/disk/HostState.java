package dev.construir.disk;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/** All that can be seen of what stands in a directory of the host. */
public final class HostState {
    private HostState() {}

    /**
     * What an extraction could change: what there is, content, modes, times, names. Nothing can be done to a file that
     * leaves all of these.
     */
    public static Map<String, String> of(Path directory) throws IOException {
        return of(directory, "unix:mode,lastModifiedTime,nlink,ino,ctime");
    }

    /** What is the same in extractions at different times: of links, the times are not. */
    public static Map<String, String> extracted(Path directory) throws IOException {
        Map<String, String> state = of(directory, "unix:mode,lastModifiedTime,nlink");
        state.replaceAll((path, seen) ->
                Files.isSymbolicLink(directory.resolve(path)) ? seen.replaceFirst("lastModifiedTime=[^,]*", "") : seen);
        return state;
    }

    private static Map<String, String> of(Path directory, String attributes) throws IOException {
        Map<String, String> state = new TreeMap<>();
        try (var all = Files.walk(directory)) {
            for (Path each : all.toList()) {
                Map<String, Object> seen = Files.readAttributes(each, attributes, LinkOption.NOFOLLOW_LINKS);
                String content = Files.isSymbolicLink(each)
                        ? Files.readSymbolicLink(each).toString()
                        : Files.isRegularFile(each) ? Files.readString(each) : "";
                state.put(directory.relativize(each).toString(), new TreeMap<>(seen) + content);
            }
        }
        return state;
    }
}
