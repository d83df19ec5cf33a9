package dev.construir.examples.documents;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The messages in docs/reference/messages.md are those of the sources. */
class TroubleshootingTest {
    private static final Path ROOT = Path.of("..");
    private static final Pattern ROW = Pattern.compile("(?m)^\\| `([^`]+)`");
    private static final Pattern LITERAL = Pattern.compile("\"((?:[^\"\\\\\n]|\\\\.)*)\"");
    private static final int SHORTEST = 4; // a shorter piece between two names is found anywhere

    @Test
    void everyMessageIsInTheSources() throws Exception {
        List<String> literals = literals();
        List<String> messages = ROW.matcher(Files.readString(ROOT.resolve("docs/reference/messages.md")))
                .results()
                .map(row -> row.group(1))
                .toList();
        assertThat(messages).hasSizeGreaterThan(60).doesNotHaveDuplicates();
        for (String message : messages) {
            List<String> pieces = List.of(message.split("…")).stream()
                    .filter(piece -> piece.strip().length() >= SHORTEST)
                    .toList();
            assertThat(pieces).as(message).isNotEmpty();
            for (String piece : pieces) {
                assertThat(literals)
                        .as("\"%s\" of the message \"%s\"", piece, message)
                        .anyMatch(literal -> literal.contains(piece));
            }
        }
    }

    // Literals that are put together by + are one; the launcher is one as a whole.
    private static List<String> literals() throws IOException {
        List<String> literals = new ArrayList<>(List.of(Files.readString(ROOT.resolve("construir"))));
        for (String module : new String[] {
            "construir-disk",
            "construir-api",
            "construir-qemu",
            "construir-libvirt",
            "construir-cli",
            "construir-bench",
            "construir-examples"
        }) {
            try (var files = Files.walk(ROOT.resolve(module).resolve("src/main/java"))) {
                for (Path file :
                        files.filter(f -> f.toString().endsWith(".java")).toList()) {
                    String joined = Files.readString(file).replaceAll("\"\\s*\\+\\s*\"", "");
                    Matcher matcher = LITERAL.matcher(joined);
                    while (matcher.find()) {
                        literals.add(matcher.group(1).replace("\\\"", "\""));
                    }
                }
            }
        }
        return literals;
    }
}
