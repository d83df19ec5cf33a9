package dev.construir.terminal;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintStream;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class ScreenTest {
    private static final String ERASE = "\r\u001b[K";

    private final Terminal terminal = Terminal.one();
    private final Screen screen = new Screen(terminal.streams());

    @Test
    void theStatusLineGivesWayToOutputAndComesBack() throws Exception {
        screen.status("booting");
        screen.output("hello\n".getBytes(UTF_8));
        screen.status("");
        assertThat(terminal.out()).isEqualTo("booting" + ERASE + "hello\nbooting" + ERASE);
    }

    @Test
    void theStatusLineDoesNotComeInTheMiddleOfALine() throws Exception {
        screen.status("running");
        screen.output("Password: ".getBytes(UTF_8));
        screen.status("still running");
        screen.output("none\n".getBytes(UTF_8));
        assertThat(terminal.out()).isEqualTo("running" + ERASE + "Password: none\nstill running");
    }

    @Test
    void anotherStatusLineIsWrittenOverTheOldOne() {
        screen.status("running 0:01");
        screen.status("running");
        screen.log("a line");
        assertThat(terminal.out()).isEqualTo("running 0:01\rrunning\u001b[K" + ERASE + "a line\nrunning");
    }

    @Test
    void whatOthersWriteToStderrIsShownLineByLineBesideTheStatusLine() throws Exception {
        PrintStream before = System.err;
        LiveLine line = new LiveLine() {
            @Override
            public boolean refresh(Instant now) {
                return false;
            }

            @Override
            public void end() {
                screen.status("");
            }
        };
        Ticker.during(
                () -> {
                    screen.status("running");
                    System.err.print("[WARN] a disk");
                    System.err.println(" is full\u001b[2J\n\tat a place");
                    return 0;
                },
                screen,
                line);
        assertThat(System.err).isSameAs(before);
        assertThat(terminal.out())
                .isEqualTo("running" + ERASE + "[WARN] a disk is full\\x1b[2J\nrunning" + ERASE
                        + "    at a place\nrunning" + ERASE);
    }

    @Test
    void aMessageBeginsOnALineOfItsOwn() throws Exception {
        screen.output("no newline".getBytes(UTF_8));
        screen.say("done");
        assertThat(terminal.out()).isEqualTo("no newline\nconstruir: done\n");
    }

    @Test
    void theLastLineIsEndedAndColoursAreSwitchedOff() throws Exception {
        screen.output("\u001b[31mred".getBytes(UTF_8));
        screen.endOutput();
        assertThat(terminal.out()).isEqualTo("\u001b[31mred\u001b[0m\n");
    }

    @Test
    void aLongStatusIsCutToOneLine() {
        screen.status("x".repeat(500));
        assertThat(terminal.out()).hasSize(79).endsWith("...");
    }

    @Test
    void filesGetTheBytesAsTheyAreAndNoStatusLine() throws Exception {
        Terminal files = Terminal.files();
        Screen raw = new Screen(files.streams());
        byte[] bytes = {0x1b, '[', '2', 'J', 0, (byte) 0xff};
        raw.status("running");
        raw.output(bytes);
        raw.endOutput();
        raw.say("done");
        assertThat(files.out.toByteArray()).isEqualTo(bytes);
        assertThat(files.err()).isEqualTo("construir: done\n");
    }
}
