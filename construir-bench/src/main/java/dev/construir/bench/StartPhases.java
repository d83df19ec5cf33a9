package dev.construir.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;

/** The parts of machines' starts, by the events that the QEMU backend gives the JDK's Flight Recorder. */
final class StartPhases implements AutoCloseable {
    private static final String EVENT = "dev.construir.qemu.StartPhase";

    private final Recording recording = new Recording();

    private StartPhases() {}

    /** Records from now on. */
    static StartPhases record() {
        StartPhases phases = new StartPhases();
        phases.recording.enable(EVENT).withoutStackTrace().withoutThreshold();
        phases.recording.start();
        return phases;
    }

    /** Returns how long each phase of these machines took, by the phase's name, in the order in which they come. */
    Map<String, Samples> take(Set<String> machines) throws IOException {
        recording.stop();
        Path file = Files.createTempFile("construir-", ".jfr");
        try {
            recording.dump(file);
            Map<String, List<Double>> phases = new LinkedHashMap<>();
            for (RecordedEvent event : RecordingFile.readAllEvents(file)) {
                if (event.getEventType().getName().equals(EVENT) && machines.contains(event.getString("machine"))) {
                    phases.computeIfAbsent(event.getString("phase"), phase -> new ArrayList<>())
                            .add(event.getDuration().toNanos() / 1e6);
                }
            }
            Map<String, Samples> samples = new LinkedHashMap<>();
            phases.forEach((phase, times) -> samples.put(phase, Samples.of(times)));
            return samples;
        } finally {
            Files.delete(file);
        }
    }

    @Override
    public void close() {
        recording.close();
    }
}
