package dev.construir.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordingFile;

/** How long the hypervisor's processes lived, by the events that the QEMU backend gives the JDK's Flight Recorder. */
final class ProcessTimes implements AutoCloseable {
    private static final String EVENT = "dev.construir.qemu.MachineProcess";

    private final Recording recording = new Recording();

    private ProcessTimes() {}

    /** A process from its start to its end. */
    record Lifetime(Instant begin, Duration duration) {}

    /** Records from now on. */
    static ProcessTimes record() {
        ProcessTimes times = new ProcessTimes();
        times.recording.enable(EVENT).withoutStackTrace().withoutThreshold();
        times.recording.start();
        return times;
    }

    /** Returns what was recorded, in no order. */
    List<Lifetime> take() throws IOException {
        recording.stop();
        Path file = Files.createTempFile("construir-", ".jfr");
        try {
            recording.dump(file);
            return RecordingFile.readAllEvents(file).stream()
                    .filter(event -> event.getEventType().getName().equals(EVENT))
                    .map(event -> new Lifetime(event.getStartTime(), event.getDuration()))
                    .toList();
        } finally {
            Files.delete(file);
        }
    }

    @Override
    public void close() {
        recording.close();
    }
}
