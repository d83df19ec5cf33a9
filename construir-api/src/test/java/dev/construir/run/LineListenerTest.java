package dev.construir.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.construir.job.Job;
import dev.construir.machine.MachineExit;
import dev.construir.text.LineSplitter;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LineListenerTest {
    private static final Job JOB = Job.script("test", "true");

    private final List<String> lines = new ArrayList<>();
    private final RunListener listener = RunListener.lines(lines::add);

    private void print(String run, byte[] bytes, long dropped) {
        listener.on(new RunEvent.Output(
                Instant.EPOCH, JOB, run, ByteBuffer.wrap(bytes).asReadOnlyBuffer(), dropped));
    }

    private void print(String run, String text) {
        print(run, text.getBytes(StandardCharsets.UTF_8), 0);
    }

    private void end(String run) {
        listener.on(new RunEvent.MachineGone(Instant.EPOCH, JOB, run, new MachineExit.PoweredOff()));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 5, 7, 1000})
    void text_inPiecesOfAnySize_comesAsWholeLines(int size) {
        String text = "first\n\ncr lf\r\n\u00e4\u20ac\ud83d\ude00 end\nwithout a line feed \ud83d\ude00";
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        for (int from = 0; from < bytes.length; from += size) {
            byte[] piece = Arrays.copyOfRange(bytes, from, Math.min(bytes.length, from + size));
            print("job-1", piece, 0);
        }
        assertThat(lines).containsExactly("first", "", "cr lf", "\u00e4\u20ac\ud83d\ude00 end");
        end("job-1");
        assertThat(lines).hasSize(5).last().isEqualTo("without a line feed \ud83d\ude00");
    }

    @Test
    void runs_atOnce_doNotMixTheirLines() {
        print("job-1", "one ");
        print("job-2", "two ");
        print("job-1", "more\n");
        print("job-2", "rest");
        end("job-2");
        end("job-1");
        assertThat(lines).containsExactly("one more", "two rest");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3})
    void longLine_isCutBetweenCharacters(int shift) {
        String text = "x".repeat(shift) + "\ud83d\ude00".repeat(10_000);
        print("job-1", text + "\n");
        assertThat(lines).hasSizeGreaterThan(2);
        assertThat(String.join("", lines)).isEqualTo(text);
        assertThat(lines)
                .allSatisfy(piece ->
                        assertThat(piece.getBytes(StandardCharsets.UTF_8)).hasSizeBetween(1, LineSplitter.LONGEST));
    }

    @Test
    void line_ofTheLongestSize_isOne() {
        print("job-1", "x".repeat(LineSplitter.LONGEST) + "\ny\n");
        assertThat(lines).containsExactly("x".repeat(LineSplitter.LONGEST), "y");
    }

    @Test
    void bytes_thatAreNoText_becomeReplacements() {
        print("job-1", new byte[] {'a', (byte) 0xff, 'b', '\n'}, 0);
        byte[] continuations = new byte[LineSplitter.LONGEST + 1];
        Arrays.fill(continuations, (byte) 0x80);
        print("job-1", continuations, 0);
        end("job-1");
        assertThat(lines.get(0)).isEqualTo("a\ufffdb");
        assertThat(lines.subList(1, 3)).containsExactly("\ufffd".repeat(LineSplitter.LONGEST), "\ufffd");
    }

    @Test
    void droppedOutput_isALineOfItsOwn() {
        print("job-1", "begun");
        print("job-1", "rest\n".getBytes(StandardCharsets.UTF_8), 42);
        assertThat(lines).containsExactly("begun", "[42 bytes of output are left out here: it came too fast]", "rest");
    }
}
