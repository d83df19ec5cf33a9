package dev.construir.qemu.program;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProbeCacheTest {
    @TempDir
    Path directory;

    @Test
    void recallsForTheSameKeyOnly() {
        facts().remember("a-fact", "key", works());
        assertThat(recall("key")).contains(true);
        assertThat(recall("another key")).isEmpty();
        facts().forget("a-fact");
        assertThat(recall("key")).isEmpty();
        facts().forget("a-fact");
    }

    @Test
    void doesNotBelieveWhatAnEarlierVersionStored() throws Exception {
        write("{'key':'key','fact':{'works':true}}");
        assertThat(recall("key")).isEmpty();
    }

    @Test
    void malformedFactsAreAbsent() throws Exception {
        facts().remember("a-fact", "key", works());
        String good = Files.readString(file());
        for (String odd :
                new String[] {"{}", "[]", "null", "7", "'x'", "{'works':null}", "{'works':[]}", "{'works':{}}"}) {
            write(good.replace("{\"works\":true}", odd));
            assertThat(recall("key")).as(odd).isEmpty();
        }
        for (String odd : new String[] {"", "{", "[]", "{'key':null}", "{'key':[]}", "{'key':{}}"}) {
            write(odd);
            assertThat(recall("key")).as(odd).isEmpty();
        }
    }

    private Optional<Boolean> recall(String key) {
        return facts().recall("a-fact", key, fact -> fact.get("works").getAsBoolean());
    }

    private ProbeCache facts() {
        return new ProbeCache(directory);
    }

    private Path file() {
        return directory.resolve("a-fact.json");
    }

    private void write(String json) throws IOException {
        Files.writeString(file(), json.replace('\'', '"'));
    }

    private static JsonObject works() {
        JsonObject fact = new JsonObject();
        fact.addProperty("works", true);
        return fact;
    }
}
