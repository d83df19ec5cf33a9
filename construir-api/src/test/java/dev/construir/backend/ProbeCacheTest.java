package dev.construir.backend;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProbeCacheTest {
    @TempDir
    Path directory;

    @Test
    void recall_withTheKeyOfAResult_returnsIt() {
        cache().remember("a-probe", "key", Map.of("works", "true"));
        assertThat(recall("key")).contains(true);
        assertThat(recall("another key")).isEmpty();
        cache().forget("a-probe");
        assertThat(recall("key")).isEmpty();
        cache().forget("a-probe");
    }

    @Test
    void recall_ofAResultOfAnEarlierVersion_isEmpty() throws Exception {
        write("key=key\nvalue.works=true\n");
        assertThat(recall("key")).isEmpty();
        write("key=schema 2 key\nvalue.works=true\n");
        assertThat(recall("key")).isEmpty();
    }

    @Test
    void recall_ofMalformedFiles_isEmpty() throws Exception {
        cache().remember("a-probe", "key", Map.of("works", "true"));
        String good = Files.readString(file());
        assertThat(good).contains("value.works=true");
        for (String odd : new String[] {"", "value.works", "value.works=", "value.works=null", "value.work=true"}) {
            write(good.replace("value.works=true", odd));
            assertThat(recall("key")).as(odd).isEmpty();
        }
        for (String odd : new String[] {"", "{", "key", "key=", "=", "key=\\u12", "\0\1\2", good.replace("key=", "")}) {
            write(odd);
            assertThat(recall("key")).as(odd).isEmpty();
        }
        write(good);
        assertThat(recall("key")).contains(true);
    }

    @Test
    void recall_whereTheFileCannotBeRead_isEmpty() throws Exception {
        Files.createDirectory(file());
        assertThat(recall("key")).isEmpty();
        assertThat(directory.resolve("missing")).doesNotExist();
        assertThat(new ProbeCache(directory.resolve("missing")).recall("a-probe", "key", ProbeCache.Values::toString))
                .isEmpty();
    }

    @Test
    void remember_ofAnyText_keepsIt() {
        String text = " = : # \\ \n\u00fc\u20ac\ud800 \0";
        ProbeCache cache = new ProbeCache(directory.resolve("new"));
        cache.remember("a-probe", text, Map.of("text", text));
        assertThat(cache.recall("a-probe", text, values -> values.text("text"))).contains(text);
        assertThat(directory.resolve("new")).isDirectoryContaining("glob:**a-probe.properties");
    }

    private Optional<Boolean> recall(String key) {
        return cache().recall("a-probe", key, values -> values.flag("works"));
    }

    private ProbeCache cache() {
        return new ProbeCache(directory);
    }

    private Path file() {
        return directory.resolve("a-probe.properties");
    }

    private void write(String text) throws IOException {
        Files.writeString(file(), text);
    }
}
