package dev.construir.bench;

import dev.construir.ConstruirException;
import dev.construir.disk.Attributes;
import dev.construir.sandbox.Execution;
import dev.construir.sandbox.Sandbox;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * Many executions in a sandbox, several at once, each of which prints a file.
 *
 * @param executions how many
 * @param bytes how much they printed in all
 * @param lost how many bytes of that did not come, or were others
 * @param millis how long it took
 * @param before what this process had of its host before
 * @param after what it had afterwards
 */
record SandboxLoad(int executions, long bytes, long lost, double millis, HostUse before, HostUse after) {
    private static final int AT_ONCE = 4;
    private static final int SIZE = 200_000;
    private static final int WARM_UP = 8;
    private static final String FILE = "/job/printed";

    static SandboxLoad run(Sandbox sandbox, int executions)
            throws ConstruirException, IOException, InterruptedException {
        byte[] printed;
        try (InputStream random = SampleContent.random(1, SIZE)) {
            printed = random.readAllBytes();
        }
        sandbox.copyIn(
                disk -> disk.file(
                        "printed", Attributes.ofRoot(0644, Instant.EPOCH), SIZE, new ByteArrayInputStream(printed)),
                "/job");
        many(sandbox, WARM_UP, printed);
        HostUse before = HostUse.now();
        long begin = System.nanoTime();
        long lost = many(sandbox, executions, printed);
        double millis = (System.nanoTime() - begin) / 1e6;
        return new SandboxLoad(executions, (long) executions * SIZE, lost, millis, before, HostUse.now());
    }

    private static long many(Sandbox sandbox, int executions, byte[] printed)
            throws ConstruirException, InterruptedException {
        ExecutorService threads = Executors.newFixedThreadPool(AT_ONCE);
        try {
            List<Future<Long>> all = new ArrayList<>();
            for (int i = 0; i < executions; i++) {
                all.add(threads.submit(() -> one(sandbox, printed)));
            }
            long lost = 0;
            for (Future<Long> one : all) {
                lost += one.get();
            }
            return lost;
        } catch (ExecutionException e) {
            throw new ConstruirException("a command of many failed: " + e.getCause(), e);
        } finally {
            threads.shutdownNow();
            var unused = threads.awaitTermination(1, TimeUnit.MINUTES);
        }
    }

    /** Returns how many bytes of the output were not as they should be. */
    private static long one(Sandbox sandbox, byte[] printed)
            throws ConstruirException, IOException, InterruptedException {
        try (Execution command = sandbox.exec("cat", FILE).start();
                InputStream stdout = command.stdout()) {
            byte[] came = stdout.readAllBytes();
            command.await().orThrow();
            if (Arrays.equals(came, printed)) {
                return 0;
            }
            long wrong = Math.abs((long) came.length - printed.length);
            for (int i = 0; i < Math.min(came.length, printed.length); i++) {
                wrong += came[i] == printed[i] ? 0 : 1;
            }
            return wrong;
        }
    }

    /** Returns it in words, a line each. */
    List<String> lines() {
        return List.of(
                String.format(
                        Locale.ROOT,
                        "%,d executions, %d at once, printed %,.0f MB in %,.1f s; %,d bytes were lost",
                        executions,
                        AT_ONCE,
                        bytes / 1e6,
                        millis / 1000,
                        lost),
                "this process before: " + before.text() + "; after: " + after.text());
    }

    /** Returns it as it is in the JSON. */
    Map<String, Object> json() {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("executions", executions);
        facts.put("bytes", bytes);
        facts.put("lostBytes", lost);
        facts.put("milliseconds", millis);
        facts.put("before", before);
        facts.put("after", after);
        return facts;
    }
}
