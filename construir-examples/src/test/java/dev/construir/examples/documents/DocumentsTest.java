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
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class DocumentsTest {
    private static final Path HOME = Path.of("..");
    private static final Path SAMPLES = Path.of("src/test/java/dev/construir/examples/documents");
    private static final Path TUTORIAL = Path.of("consumers/tutorial");
    private static final Pattern CODE = Pattern.compile("(?ms)^```.*?^```$");
    private static final List<Path> EXAMPLES = List.of(
            Path.of("src/main/java/dev/construir/examples/runners/CachingRunner.java"),
            Path.of("src/main/java/dev/construir/examples/backend/ChildProcesses.java"),
            Path.of("src/test/java/dev/construir/examples/sandboxes/PackageIT.java"));
    private static final Pattern THREADS_AND_LOCKS =
            Pattern.compile("\\bnew Thread\\(|\\bsynchronized\\b|\\bnew Semaphore\\(|\\bnew "
                    + "\\w*Lock\\(|\\.tryLock\\(|\\.newThread\\(|\\bnew Atomic");

    private static List<Path> documents() throws IOException {
        List<Path> documents = new ArrayList<>();
        for (String directory : List.of("docs", "src-test-images", "construir-examples/jobs", ".")) {
            int depth = directory.equals(".") ? 1 : Integer.MAX_VALUE;
            try (Stream<Path> files = Files.walk(HOME.resolve(directory).normalize(), depth)) {
                files.filter(file -> file.toString().endsWith(".md")).forEach(documents::add);
            }
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

    private static String compiled() throws IOException {
        List<Path> sources = new ArrayList<>(EXAMPLES);
        sources.add(TUTORIAL.resolve("src/main/java/org/example/FirstBuild.java"));
        try (Stream<Path> samples = Files.list(SAMPLES)) {
            samples.forEach(sources::add);
        }
        return sources.stream().map(source -> withoutSpace(read(source))).collect(Collectors.joining());
    }

    /** The examples in the javadoc of the types that callers begin with. */
    @Test
    void javadocExamples_ofEntryTypes_areCompiled() throws IOException {
        String compiled = compiled();
        for (String type : List.of(
                "construir-disk/src/main/java/dev/construir/DataSize.java",
                "construir-disk/src/main/java/dev/construir/disk/SparseCopy.java",
                "construir-disk/src/main/java/dev/construir/disk/compress/CompressedImage.java",
                "construir-disk/src/main/java/dev/construir/disk/edit/DiskEditor.java",
                "construir-disk/src/main/java/dev/construir/disk/read/DiskImage.java",
                "construir-disk/src/main/java/dev/construir/disk/read/DiskReader.java",
                "construir-disk/src/main/java/dev/construir/disk/read/Selection.java",
                "construir-disk/src/main/java/dev/construir/disk/write/DiskBuilder.java",
                "construir-disk/src/main/java/dev/construir/disk/write/JobDisk.java",
                "construir-api/src/main/java/dev/construir/backend/ProcessMachine.java",
                "construir-api/src/main/java/dev/construir/run/ForwardingJobResult.java",
                "construir-api/src/main/java/dev/construir/run/JobResult.java",
                "construir-api/src/main/java/dev/construir/run/RunEvent.java",
                "construir-api/src/main/java/dev/construir/run/RunListener.java",
                "construir-api/src/main/java/dev/construir/run/RunSummary.java",
                "construir-api/src/main/java/dev/construir/run/Runner.java",
                "construir-api/src/main/java/dev/construir/image/RootImage.java",
                "construir-api/src/main/java/dev/construir/job/Job.java",
                "construir-api/src/main/java/dev/construir/job/Limits.java",
                "construir-api/src/main/java/dev/construir/job/Resources.java",
                "construir-api/src/main/java/dev/construir/machine/Hypervisor.java",
                "construir-api/src/main/java/dev/construir/machine/HypervisorProvider.java",
                "construir-api/src/main/java/dev/construir/machine/Machine.java",
                "construir-api/src/main/java/dev/construir/machine/MachineBudget.java",
                "construir-api/src/main/java/dev/construir/machine/MachineSpec.java",
                "construir-api/src/main/java/dev/construir/machine/Network.java",
                "construir-api/src/main/java/dev/construir/queue/DirectoryQueue.java",
                "construir-api/src/main/java/dev/construir/queue/QueueWorkers.java",
                "construir-api/src/main/java/dev/construir/run/Outcome.java",
                "construir-api/src/main/java/dev/construir/run/Run.java",
                "construir-api/src/main/java/dev/construir/run/RunnerPool.java",
                "construir-api/src/main/java/dev/construir/sandbox/Checkpoint.java",
                "construir-api/src/main/java/dev/construir/sandbox/CheckpointStore.java",
                "construir-api/src/main/java/dev/construir/sandbox/Command.java",
                "construir-api/src/main/java/dev/construir/sandbox/Execution.java",
                "construir-api/src/main/java/dev/construir/sandbox/ExecutionEnd.java",
                "construir-api/src/main/java/dev/construir/sandbox/ExecutionResult.java",
                "construir-api/src/main/java/dev/construir/sandbox/Sandbox.java",
                "construir-api/src/main/java/dev/construir/sandbox/SandboxOptions.java",
                "construir-api/src/main/java/dev/construir/scratch/Scratch.java",
                "construir-testkit/src/main/java/dev/construir/testkit/FakeGuest.java",
                "construir-testkit/src/main/java/dev/construir/testkit/FakeHypervisor.java",
                "construir-testkit/src/main/java/dev/construir/testkit/HypervisorContract.java",
                "construir-testkit/src/main/java/dev/construir/testkit/OutcomesContract.java",
                "construir-qemu/src/main/java/dev/construir/qemu/QemuHypervisor.java",
                "construir-libvirt/src/main/java/dev/construir/libvirt/LibvirtHypervisor.java")) {
            String text = read(HOME.resolve(type)).replaceAll("(?m)^ *\\* ?", "");
            assertThat(matches("<pre>\\{@code\n(.*?)\\}</pre>", text))
                    .as(type)
                    .isNotEmpty()
                    .allSatisfy(example -> assertThat(compiled).contains(withoutSpace(example)));
        }
    }

    @Test
    void javaSamples_ofEveryDocument_areCompiled() throws IOException {
        String compiled = compiled();
        List<String> blocks = documents().stream()
                .flatMap(document -> matches("```java\n(.*?)```", read(document)))
                .toList();
        assertThat(blocks)
                .hasSizeGreaterThan(3)
                .allSatisfy(block -> assertThat(compiled).contains(withoutSpace(block)));
    }

    @Test
    void javaTutorial_showsTheProjectThatTheBuildTries() {
        String tutorial = read(HOME.resolve("docs/tutorial/java.md"));
        assertThat(matches("```xml\n(.*?)```", tutorial)).containsExactly(read(TUTORIAL.resolve("pom.xml")));
        assertThat(matches("```java\n(.*?)```", tutorial))
                .containsExactly(read(TUTORIAL.resolve("src/main/java/org/example/FirstBuild.java")));
    }

    @Test
    void links_ofEveryDocument_leadToFilesAndHeadings() throws IOException {
        for (Path document : documents()) {
            String text = CODE.matcher(read(document)).replaceAll("");
            assertThat(matches("\\]\\(((?!https?:)[^)]+)\\)", text))
                    .as(document.toString())
                    .allSatisfy(link -> assertLeadsSomewhere(document, link));
        }
    }

    private static void assertLeadsSomewhere(Path document, String link) {
        int hash = (link + "#").indexOf('#');
        Path target = hash == 0 ? document : document.resolveSibling(link.substring(0, hash));
        assertThat(target).exists();
        if (hash < link.length()) {
            assertThat(anchors(target)).contains(link.substring(hash + 1));
        }
    }

    @Test
    void site_hasEveryPageInItsNavigation() throws IOException {
        String site = read(HOME.resolve("docs/site/mkdocs.yml"));
        String index = read(HOME.resolve("docs/index.md"));
        Path docs = HOME.resolve("docs");
        List<String> pages = documents().stream()
                .filter(document -> document.startsWith(docs))
                .map(document -> docs.relativize(document).toString())
                .filter(page -> !page.equals("index.md"))
                .toList();
        assertThat(pages).hasSizeGreaterThan(20).allSatisfy(page -> {
            assertThat(site).contains(": " + page + "\n");
            assertThat(index).contains("](" + page + ")");
        });
    }

    // As GitHub and MkDocs make them of headings.
    private static List<String> anchors(Path document) {
        return matches("(?m)^#+ ([^\n]+)", CODE.matcher(read(document)).replaceAll(""))
                .map(heading -> heading.toLowerCase(Locale.ROOT)
                        .replaceAll("[^\\w\\s-]", "")
                        .strip()
                        .replaceAll("\\s+", "-"))
                .toList();
    }

    @Test
    void everyOutcomeIsInTheTable() {
        String table = read(HOME.resolve("docs/reference/outcomes.md")).split("(?m)^## ")[1];
        List<String> rows = matches("\n\\| `([A-Z][^`]*)` \\|", table).toList();
        assertThat(rows)
                .containsExactlyInAnyOrderElementsOf(Stream.of(Outcome.class.getPermittedSubclasses())
                        .map(DocumentsTest::written)
                        .toList());
    }

    @Test
    void lines_outsideOfTablesAndCode_areAtMost120Wide() throws IOException {
        for (Path document : documents()) {
            if (document.getFileName().toString().equals("CHANGELOG.md")) {
                continue; // older entries are wider
            }
            assertThat(CODE.matcher(read(document)).replaceAll("").lines())
                    .as(document.toString())
                    .filteredOn(line -> !line.startsWith("|"))
                    .allSatisfy(line -> assertThat(line.length()).as(line).isLessThanOrEqualTo(120));
        }
    }

    // With its first component, where it has any.
    private static String written(Class<?> outcome) {
        RecordComponent[] components = outcome.getRecordComponents();
        return outcome.getSimpleName() + (components.length == 0 ? "" : "(" + components[0].getName() + ")");
    }

    @Test
    void everyThreadAndLockIsAccountedFor() throws IOException {
        String document = read(HOME.resolve("docs/explanation/concurrency.md"));
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
