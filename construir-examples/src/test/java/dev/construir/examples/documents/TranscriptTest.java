package dev.construir.examples.documents;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.construir.examples.documents.Transcript.Step;
import org.junit.jupiter.api.Test;

class TranscriptTest {
    @Test
    void of_twoBlocks_findsCommandsAndTheirOutput() {
        String document =
                "text\n```console\n$ cat <<'E'\n> a\n> E\na\n$ true\n```\n```sh\n$ no\n```\n```console\n$ ls\nx\ny\n```\n";

        assertThat(Transcript.of(document))
                .containsExactly(new Step("cat <<'E'\na\nE", "a\n"), new Step("true", ""), new Step("ls", "x\ny\n"));
    }

    @Test
    void of_outputWithoutCommand_isRefused() {
        assertThatThrownBy(() -> Transcript.of("```console\nx\n```\n")).hasMessageContaining("begins with a command");
    }

    @Test
    void normalise_whatDiffersFromRunToRun_isTheSame() {
        String one = """
                construir: building the root image (once)
                construir: booting debian-12 on qemu 7.2.22 (tcg: …)
                Linux 6.1.0-57-cloud-amd64 x86_64
                construir: a exited with status 0 (prepared 5 ms, booted 1.2 s)
                construir: copied 4 files (15.9 KiB) to results
                """;
        String two = """
                construir: booting debian-12 on qemu 8.0 (kvm)
                Linux 6.1.0-60-cloud-amd64 x86_64
                construir: a exited with status 0 (prepared 1 s, booted 20.0 s; 3 s of processor)
                construir: copied 4 files (302 bytes) to results""";

        assertThat(Transcript.normalise(one)).isEqualTo(Transcript.normalise(two));
    }

    @Test
    void normalise_howTheJobEnded_stays() {
        assertThat(Transcript.normalise("construir: a exited with status 3 (prepared 5 ms)"))
                .isEqualTo("construir: a exited with status 3 (TIMES)");
    }
}
