package dev.construir.qemu.warm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.construir.backend.ProbeCache;
import dev.construir.machine.Preparation;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ContentDigestsTest {
    @TempDir
    Path directory;

    private final List<Preparation> heard = new ArrayList<>();

    @Test
    void digest_reportsProgressUnlessItIsKnown() throws Exception {
        Path file = directory.resolve("root.img");
        try (RandomAccessFile image = new RandomAccessFile(file.toFile(), "rw")) {
            image.setLength(10 << 20);
        }
        String digest = new ContentDigests(cache()).of(file, heard::add);
        assertThat(heard)
                .extracting(Preparation::describe)
                .startsWith("reading " + file + ", 0 %", "reading " + file + ", 10 %")
                .endsWith("reading " + file + ", 90 %");
        heard.clear();
        assertThat(new ContentDigests(cache()).of(file, heard::add)).isEqualTo(digest);
        assertThat(heard).isEmpty();
    }

    private ProbeCache cache() {
        return new ProbeCache(directory.resolve("facts"));
    }
}
