package dev.construir.run;

import dev.construir.text.LineSplitter;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/** Passes on what jobs print, line by line. Serves any number of runs at once: each has its own splitter. */
final class LineListener implements RunListener {
    private final Consumer<String> lines;
    private final Map<String, LineSplitter> splitters = new ConcurrentHashMap<>();

    LineListener(Consumer<String> lines) {
        this.lines = lines;
    }

    @Override
    public void on(RunEvent event) {
        if (event instanceof RunEvent.Output output) {
            LineSplitter splitter = splitters.computeIfAbsent(event.runId(), run -> new LineSplitter(lines));
            if (output.droppedBefore() > 0) {
                splitter.end();
                lines.accept(OutputCopy.gap(output));
            }
            splitter.add(output.bytes());
        } else if (event instanceof RunEvent.MachineGone) {
            LineSplitter splitter = splitters.remove(event.runId());
            if (splitter != null) {
                splitter.end();
            }
        }
    }
}
