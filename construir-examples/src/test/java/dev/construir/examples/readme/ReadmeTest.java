package dev.construir.examples.readme;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class ReadmeTest {
    private static final Path README = Path.of("../README.md");
    private static final Path SAMPLES = Path.of("src/test/java/dev/construir/examples/readme/ReadmeSamples.java");

    private static String withoutSpace(String text) {
        return text.replaceAll("\\s+", "");
    }

    @Test
    void samplesAreWhatIsCompiled() throws IOException {
        List<String> blocks = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL)
                .matcher(Files.readString(README))
                .results()
                .map((MatchResult block) -> block.group(1))
                .toList();
        assertThat(blocks).hasSize(2);
        String compiled = withoutSpace(Files.readString(SAMPLES));
        assertThat(blocks).allSatisfy(block -> assertThat(compiled).contains(withoutSpace(block)));
    }
}
