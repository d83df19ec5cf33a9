package dev.construir.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.construir.DataSize;
import dev.construir.channel.ChannelSession;
import dev.construir.channel.ChannelStream;
import dev.construir.channel.InboundChannel;
import dev.construir.channel.OpenRequest;
import dev.construir.disk.ReadLimits;
import dev.construir.disk.read.DiskReader;
import dev.construir.disk.write.DiskOptions;
import dev.construir.disk.write.JobDisk;
import dev.construir.tree.TreeReader;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Takes whatever bytes as what a guest sends on its sandbox channel. The rules are those of {@link DiskFuzzIT}.
 */
class SandboxFuzzIT {
    private static final ReadLimits LIMITS = new ReadLimits(DataSize.ofMebibytes(4), 400, 16, 1000);
    private static final DiskOptions SMALL = DiskOptions.of(DataSize.ofKibibytes(512));
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private static Path directory;

    @BeforeAll
    static void prepare() throws IOException {
        directory = Files.createTempDirectory("fuzz");
    }

    @AfterAll
    static void nothingIsLeft() throws IOException {
        Files.delete(directory); // fails if a run left something
    }

    /** What was not refused makes a disk that can be read whole. */
    @MethodSource("dev.construir.fuzz.SandboxSeeds#trees")
    @FuzzTest(maxDuration = "10m")
    void tree(byte[] bytes) throws IOException {
        Path file = directory.resolve("disk.img");
        TreeReader tree = new TreeReader(new ByteArrayInputStream(bytes), LIMITS, "name");
        try {
            JobDisk.create(file, SMALL, tree);
        } catch (EOFException e) {
            return; // in the middle of something
        } catch (IOException e) {
            assertThat(e.getMessage()).as("what the refusal says").isNotBlank();
            return;
        }
        assertThat(tree.skipped().size()).isLessThanOrEqualTo((int) tree.skippedTotal());
        try (DiskReader disk = DiskReader.open(file)) {
            disk.snapshot();
            Inquiry.of(disk);
        } finally {
            Files.delete(file);
        }
    }

    /** Ends lost, at the end of the bytes at the latest, and says why; all that waited goes on. */
    @MethodSource("dev.construir.fuzz.SandboxSeeds#frames")
    @FuzzTest(maxDuration = "10m")
    void frames(byte[] bytes) throws Exception {
        BytesChannel guest = new BytesChannel(bytes);
        try (ChannelSession session = ChannelSession.start(guest, "fuzz")) {
            session.greet("host", PATIENCE);
            List<ChannelStream> streams = List.of(
                    open(
                            session,
                            OpenRequest.exec(
                                    new OpenRequest.Exec(List.of("true"), List.of(), "", "", false, true, -1, 0))),
                    open(session, OpenRequest.pack("/")),
                    open(session, OpenRequest.listen(80)));
            guest.go();
            ChannelSession.Loss loss = session.lost().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            assertThat(loss.why()).isNotBlank().doesNotStartWith("the session failed");
            for (ChannelStream stream : streams) {
                assertThat(stream.ended()).isDone();
                assertThat(stream.started()).isDone();
                readToTheEnd(stream);
                for (Optional<ChannelStream> next = stream.accept(); next.isPresent(); next = stream.accept()) {
                    readToTheEnd(next.get());
                }
            }
        }
    }

    private static ChannelStream open(ChannelSession session, ByteBuffer request) throws IOException {
        return session.open(request, length -> assertThat(length).isPositive());
    }

    private static void readToTheEnd(ChannelStream stream) {
        for (InboundChannel channel : List.of(stream.output(), stream.errors())) {
            try {
                assertThat(channel.readAllBytes()).hasSizeLessThanOrEqualTo(256 << 10);
            } catch (IOException e) {
                assertThat(e.getMessage()).as("what the end says").isNotBlank();
            }
        }
    }
}
