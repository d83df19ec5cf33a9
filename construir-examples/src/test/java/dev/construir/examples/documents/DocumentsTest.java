package dev.construir.examples.documents;

import static org.assertj.core.api.Assertions.assertThat;

import dev.construir.run.Outcome;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class DocumentsTest {
    private static final Path HOME = Path.of("..");
    private static final Path FIRST_PROGRAM =
            Path.of("src/test/java/dev/construir/examples/documents/FirstProgram.java");
    private static final Path SAMPLES = Path.of("src/test/java/dev/construir/examples/documents/DocumentSamples.java");
    private static final Path CALLERS = Path.of("src/test/java/dev/construir/examples/documents/CallerSamples.java");
    private static final List<Path> EXAMPLES = List.of(
            Path.of("src/main/java/dev/construir/examples/runners/CachingRunner.java"),
            Path.of("src/main/java/dev/construir/examples/backend/ChildProcesses.java"));
    private static final Pattern THREADS_AND_LOCKS = Pattern.compile(
            "\\bnew Thread\\(|\\bsynchronized\\b|\\bnew Semaphore\\(|\\bnew \\w*Lock\\(|\\.tryLock\\(|\\.newThread\\(|\\bnew Atomic");

    private static List<Path> documents() throws IOException {
        List<Path> documents = new ArrayList<>(List.of(HOME.resolve("README.md"), HOME.resolve("CONTRIBUTING.md")));
        try (Stream<Path> docs = Files.walk(HOME.resolve("docs"))) {
            docs.filter(file -> file.toString().endsWith(".md")).forEach(documents::add);
        }
        return documents;
    }

    private static Stream<String> matches(String pattern, String text) {
        return Pattern.compile(pattern, Pattern.DOTALL)
                .matcher(text)
                .results()
                .map((MatchResult match) -> match.group(1));
    }

    private static String withoutSpace(String text) {
        return text.replaceAll("\\s+", "");
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<Path> sources() throws IOException {
        List<Path> sources = new ArrayList<>();
        for (String module : List.of(
                "construir-disk",
                "construir-api",
                "construir-qemu",
                "construir-libvirt",
                "construir-cli",
                "construir-bench",
                "construir-examples")) {
            try (Stream<Path> files = Files.walk(HOME.resolve(module).resolve("src/main/java"))) {
                files.filter(file -> file.toString().endsWith(".java")).forEach(sources::add);
            }
        }
        return sources;
    }

    private static String className(Path source) {
        return source.getFileName().toString().replace(".java", "");
    }

    private static String compiled() {
        return Stream.concat(Stream.of(SAMPLES, FIRST_PROGRAM, CALLERS), EXAMPLES.stream())
                .map(source -> withoutSpace(read(source)))
                .collect(Collectors.joining());
    }

    /** The examples in the javadoc of the types that callers begin with. */
    @Test
    void javadocExamples_ofEntryTypes_areCompiled() {
        String compiled = compiled();
        for (String type : List.of(
                "construir-disk/src/main/java/dev/construir/disk/DiskBuilder.java",
                "construir-api/src/main/java/dev/construir/backend/ProcessMachine.java",
                "construir-api/src/main/java/dev/construir/run/ForwardingJobResult.java",
                "construir-api/src/main/java/dev/construir/run/JobResult.java",
                "construir-api/src/main/java/dev/construir/run/RunEvent.java",
                "construir-api/src/main/java/dev/construir/run/RunListener.java",
                "construir-api/src/main/java/dev/construir/run/RunSummary.java",
                "construir-api/src/main/java/dev/construir/run/Runner.java")) {
            String text = read(HOME.resolve(type)).replaceAll("(?m)^ *\\* ?", "");
            assertThat(matches("<pre>\\{@code\n(.*?)\\}</pre>", text))
                    .as(type)
                    .isNotEmpty()
                    .allSatisfy(example -> assertThat(compiled).contains(withoutSpace(example)));
        }
    }

    @Test
    void samplesAreWhatIsCompiled() throws IOException {
        String compiled = compiled();
        List<String> blocks = documents().stream()
                .flatMap(document -> matches("```java\n(.*?)```", read(document)))
                .toList();
        assertThat(blocks)
                .hasSizeGreaterThan(3)
                .allSatisfy(block -> assertThat(compiled).contains(withoutSpace(block)));
    }

    @Test
    void linksLeadSomewhere() throws IOException {
        for (Path document : documents()) {
            assertThat(matches("\\]\\(((?!http)[^)#]+)[^)]*\\)", read(document)))
                    .as(document.toString())
                    .allSatisfy(
                            link -> assertThat(document.resolveSibling(link)).exists());
        }
    }

    @Test
    void everyOutcomeIsInTheTable() {
        List<String> rows = matches("\n\\| `([A-Z][^`]*)` \\|", read(HOME.resolve("README.md")))
                .toList();
        assertThat(rows)
                .containsExactlyInAnyOrderElementsOf(Stream.of(Outcome.class.getPermittedSubclasses())
                        .map(DocumentsTest::written)
                        .toList());
    }

    // With its first component, where it has any.
    private static String written(Class<?> outcome) {
        RecordComponent[] components = outcome.getRecordComponents();
        return outcome.getSimpleName() + (components.length == 0 ? "" : "(" + components[0].getName() + ")");
    }

    @Test
    void everyThreadAndLockIsAccountedFor() throws IOException {
        String document = read(HOME.resolve("docs/concurrency.md"));
        Set<String> named = matches("(?m)^\\|([^|\n]*)\\|", document)
                .flatMap(cell -> matches("`([A-Z]\\w+)`", cell))
                .collect(Collectors.toCollection(TreeSet::new));
        Set<String> rest = matches("`([A-Z]\\w+)`", document).collect(Collectors.toCollection(TreeSet::new));
        Set<String> classes =
                sources().stream().map(DocumentsTest::className).collect(Collectors.toCollection(TreeSet::new));
        Set<String> threaded = sources().stream()
                .filter(source -> THREADS_AND_LOCKS.matcher(read(source)).find())
                .map(DocumentsTest::className)
                .collect(Collectors.toCollection(TreeSet::new));
        assertThat(rest).as("what the document names").containsAll(threaded);
        assertThat(classes).as("classes there are").containsAll(named);
    }
}
