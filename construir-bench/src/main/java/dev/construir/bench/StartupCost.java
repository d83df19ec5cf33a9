package dev.construir.bench;

import dev.construir.ConstruirException;
import dev.construir.command.Main;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * How long processes take that have nothing to do.
 *
 * @param java that of this command, as the launcher starts it
 * @param tool that of a native tool
 */
record StartupCost(Samples java, Samples tool) {
    /** Starts each of them a number of times. */
    static StartupCost measure(Path place, int times) throws ConstruirException, IOException, InterruptedException {
        NativeTool java = new NativeTool(Path.of(System.getProperty("java.home", ""), "bin", "java"));
        NativeTool debugfs = NativeTool.find("debugfs", "e2fsprogs");
        Path said = place.resolve("said");
        String classPath = System.getProperty("java.class.path", "");
        return new StartupCost(
                time(
                        java,
                        said,
                        times,
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        classPath,
                        Main.class.getName(),
                        "--version"),
                time(debugfs, said, times, "-V"));
    }

    private static Samples time(NativeTool tool, Path said, int times, String... words)
            throws ConstruirException, IOException, InterruptedException {
        List<Double> measured = new ArrayList<>();
        for (int i = 0; i < times; i++) {
            long from = System.nanoTime();
            tool.run(said, words);
            measured.add((System.nanoTime() - from) / 1e6);
        }
        return Samples.of(measured);
    }
}
