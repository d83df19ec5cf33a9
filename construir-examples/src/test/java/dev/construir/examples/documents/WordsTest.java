package dev.construir.examples.documents;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.construir.sandbox.Sandbox;
import dev.construir.sandbox.SandboxException;
import dev.construir.testkit.FakeGuest;
import dev.construir.testkit.FakeHypervisor;
import dev.construir.testkit.FakeSandboxGuest;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The tests with a sandbox that docs/howto/test-your-code.md shows, and the code that they test. */
class WordsTest {
    @TempDir
    Path directory;

    /** Counts the words of a text in a sandbox. */
    static int words(Sandbox vm, Path text) throws Exception {
        vm.copyIn(text, "/job/text");
        String answer = vm.exec("wc", "-w", "/job/text").text();
        return Integer.parseInt(answer.strip().split(" ")[0]);
    }

    @Test
    void words_ofAText_areCounted() throws Exception {
        FakeGuest guest = FakeSandboxGuest.builder()
                .program("wc", process -> {
                    String path = process.arguments().get(2);
                    String text = process.files().readText(path);
                    process.print(text.split("\\s+").length + " " + path + "\n");
                    return 0;
                })
                .build();
        try (Sandbox vm = openedOn(guest)) {
            assertThat(words(vm, Files.writeString(directory.resolve("text"), "three short words")))
                    .isEqualTo(3);
        }
    }

    @Test
    void words_withoutTheProgram_fail() throws Exception {
        try (Sandbox vm = openedOn(FakeSandboxGuest.builder().build())) {
            assertThatThrownBy(() -> words(vm, Files.writeString(directory.resolve("text"), "three short words")))
                    .isInstanceOf(SandboxException.class)
                    .hasMessageContaining("exited with status 127");
        }
    }

    private Sandbox openedOn(FakeGuest guest) throws Exception {
        return Sandbox.open(new FakeHypervisor(guest), FakeHypervisor.image(directory.resolve("root.img")));
    }
}
