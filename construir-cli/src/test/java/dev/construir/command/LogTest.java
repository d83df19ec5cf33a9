package dev.construir.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.construir.ConstruirException;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;
import org.slf4j.Logger;

/** What the libraries warn of is said as the command says everything. */
@ResourceLock(Resources.SYSTEM_ERR)
class LogTest {
    private static String said(Consumer<Logger> what) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        PrintStream before = System.err;
        System.setErr(new PrintStream(bytes, true, StandardCharsets.UTF_8));
        try {
            what.accept(new LogProvider().getLoggerFactory().getLogger("dev.construir.queue.SkippedEntryLog"));
        } finally {
            System.setErr(before);
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }

    @Test
    void warningsArePlainLines() {
        assertThat(said(log -> log.warn("{} stays in the queue: {}", "a", "it is a link")))
                .isEqualTo("construir: a stays in the queue: it is a link\n");
        assertThat(said(log -> log.error("line\u001b[2J\nsecond")))
                .isEqualTo("construir: line\\x1b[2J\nconstruir: | second\n");
    }

    @Test
    void causesAreSaidWithoutTheirTypes() {
        assertThat(said(log -> log.warn("no machine", new ConstruirException("no room; make some"))))
                .isEqualTo("construir: no machine: no room; make some\n");
        assertThat(said(log -> log.warn("not renewed", new NoSuchFileException("/claim"))))
                .isEqualTo("construir: not renewed: /claim: there is no such file or directory\n");
    }

    @Test
    void whatDevelopersFollowIsNot() {
        assertThat(said(log -> {
                    log.info("started");
                    log.debug("one {}", 1);
                }))
                .isEmpty();
    }
}
