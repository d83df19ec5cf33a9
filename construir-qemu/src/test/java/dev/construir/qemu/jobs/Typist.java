package dev.construir.qemu.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.construir.machine.Machine;
import dev.construir.testkit.RecordingListener;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** Types on a machine's console what its prompts ask for, one after the other. */
final class Typist {
    private final Machine machine;
    private final RecordingListener listener;
    private final Duration patience;
    private int answered;

    /**
     * Takes a seat.
     *
     * @param patience how long to wait for each prompt
     */
    Typist(Machine machine, RecordingListener listener, Duration patience) {
        this.machine = machine;
        this.listener = listener;
        this.patience = patience;
    }

    /** Logs in as root. */
    void logIn() throws Exception {
        answer("login: ", "root");
        answer("Password: ", "root");
    }

    /** Waits until the console has printed a text since the last one. */
    void expect(String text) {
        await().atMost(patience)
                .until(() -> listener.console().indexOf(text, answered) >= 0
                        || machine.exit().isDone());
        String console = listener.console();
        assertThat(console.substring(answered)).contains(text);
        answered = console.indexOf(text, answered) + text.length();
    }

    /** Types a line when the console has asked for it. */
    void answer(String prompt, String line) throws Exception {
        expect(prompt);
        machine.writeConsole(ByteBuffer.wrap((line + "\n").getBytes(StandardCharsets.US_ASCII)));
    }
}
