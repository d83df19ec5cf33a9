package dev.construir.bench;

import dev.construir.ConstruirException;
import dev.construir.DataSize;
import dev.construir.job.Resources;
import dev.construir.machine.Preference;
import dev.construir.run.Runner;
import dev.construir.sandbox.Checkpoint;
import dev.construir.sandbox.Execution;
import dev.construir.sandbox.Sandbox;
import dev.construir.sandbox.SandboxOptions;
import dev.construir.scratch.ScratchDirectory;
import dev.construir.terminal.Screen;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The contests of sandboxes with what a script does to a machine by hand: both sides in turns.
 *
 * @param runners opens runners
 * @param samples how much there is to do
 * @param place a directory for files
 * @param warmUp how often each side does the work before, unmeasured
 * @param runs how often each is measured
 */
record SandboxBenchmarkSuite(
        Runners runners, SandboxSamples samples, Path place, NativeTool tar, int warmUp, int runs, Screen screen) {
    private static final SandboxOptions SMALL =
            SandboxOptions.DEFAULT.withResources(Resources.DEFAULT.withMemory(DataSize.ofMebibytes(512)));
    private static final int FORKS =
            2; // with the machine that was saved no more than what a small host may run at once
    private static final int MORE = 10; // of what takes no time
    private static final String GREETING = "hello";

    /** Opens runners of the same machines. */
    @FunctionalInterface
    interface Runners {
        /**
         * Opens one, to be closed by the caller.
         *
         * @param ready how many machines are kept ready
         */
        Runner open(Preference warmStart, int ready) throws ConstruirException;
    }

    /**
     * What was measured of a work.
     *
     * @param name what was done, in words
     * @param sandbox the sandbox's times
     * @param byHand the times of the other side
     */
    record Row(String name, Samples sandbox, Samples byHand) {
        double ratio() {
            return sandbox.median() / byHand.median();
        }
    }

    /** Does the work of a side once, and returns how long that took in milliseconds. */
    @FunctionalInterface
    private interface Pass {
        double millis() throws ConstruirException, IOException, InterruptedException;
    }

    /** Something whose time is taken. */
    @FunctionalInterface
    private interface Act {
        void act() throws ConstruirException, IOException, InterruptedException;
    }

    private static double time(Act act) throws ConstruirException, IOException, InterruptedException {
        long begin = System.nanoTime();
        act.act();
        return (System.nanoTime() - begin) / 1e6;
    }

    private Row measure(String name, int times, Pass sandbox, Pass byHand)
            throws ConstruirException, IOException, InterruptedException {
        List<Double> ours = new ArrayList<>();
        List<Double> theirs = new ArrayList<>();
        for (int i = -warmUp * times; i < runs * times; i++) {
            if (Thread.interrupted()) {
                throw new InterruptedException("cancelled");
            }
            if (i % times == 0) {
                screen.status(name + ": " + (i / times + warmUp + 1) + " of " + (warmUp + runs));
            }
            double one = sandbox.millis();
            double other = byHand.millis();
            if (i >= 0) {
                ours.add(one);
                theirs.add(other);
            }
        }
        return new Row(name, Samples.of(ours), Samples.of(theirs));
    }

    /** Measures the opening of a sandbox whose machine was kept ready. */
    Row open() throws ConstruirException, IOException, InterruptedException {
        BareResume bare;
        try (Runner runner = runners.open(Preference.REQUIRE, 0)) {
            bare = BareResume.like(EmptyRun.by(runner).machine().orElseThrow().commandLine());
        }
        Set<Long> others = PrivateMemory.machines();
        try (Runner runner = runners.open(Preference.REQUIRE, 1)) {
            return measure(
                    SandboxWork.OPEN.work(),
                    1,
                    () -> {
                        long unused = PrivateMemory.awaitReady(others);
                        long begin = System.nanoTime();
                        try (Sandbox sandbox = Sandbox.open(runner)) {
                            greet(sandbox);
                            return (System.nanoTime() - begin) / 1e6;
                        }
                    },
                    () -> {
                        long unused = PrivateMemory.awaitReady(others);
                        return byHand(bare);
                    });
        }
    }

    private static void greet(Sandbox sandbox) throws ConstruirException, IOException {
        try (Execution echo = sandbox.exec("/bin/echo", GREETING).start();
                InputStream stdout = echo.stdout()) {
            byte[] said = stdout.readNBytes(GREETING.length() + 1);
            if (!new String(said, StandardCharsets.UTF_8).equals(GREETING + "\n")) {
                throw new IOException("echo printed " + new String(said, StandardCharsets.UTF_8).strip());
            }
        }
    }

    private double byHand(BareResume bare) throws IOException, InterruptedException {
        try (ScratchDirectory directory = ScratchDirectory.in(place, "bare-");
                ScratchDirectory disks = ScratchDirectory.in(place, "disk-")) {
            Path disk = disks.path().resolve("job.img");
            ShellLoop.JOB.createDisk(disk, Resources.DEFAULT.disk());
            BareResume.Times times = bare.untilAnswer(directory.path(), disk, "p " + GREETING, GREETING);
            return QuantileTable.millis(times.over());
        }
    }

    /** Measures a work in machines that run. */
    Row running(SandboxWork work, Sandbox sandbox, ShellLoop loop)
            throws ConstruirException, IOException, InterruptedException {
        return switch (work) {
            case EXEC -> measure(work.work(), MORE, () -> time(() -> yes(sandbox)), () -> loop.ask("t", "0"));
            case PING ->
                measure(
                        work.work(),
                        MORE,
                        () -> QuantileTable.millis(sandbox.ping()),
                        () -> loop.ask("e " + GREETING, GREETING));
            case OUT, OUT_STRAIGHT -> {
                long size = samples.stream().bytes();
                yield measure(
                        work.work(samples.stream()),
                        1,
                        () -> time(() -> out(sandbox, size)),
                        () -> loop.out(size, work == SandboxWork.OUT));
            }
            case IN, IN_STRAIGHT -> {
                long size = samples.stream().bytes();
                yield measure(
                        work.work(samples.stream()),
                        1,
                        () -> time(() -> in(sandbox, size)),
                        () -> loop.in(size, work == SandboxWork.IN));
            }
            case COPY_IN -> copyIn(sandbox, loop);
            case COPY_OUT -> copyOut(sandbox, loop);
            case OPEN, FORK -> throw new IllegalArgumentException(work + " is of machines of its own");
        };
    }

    private static void yes(Sandbox sandbox) throws ConstruirException, InterruptedException {
        var unused = sandbox.exec("/bin/true").run().orThrow();
    }

    private static void out(Sandbox sandbox, long size) throws ConstruirException, IOException, InterruptedException {
        try (Execution dd = sandbox.exec("dd", "if=/dev/zero", "bs=32768", "count=" + size / 32_768)
                        .start();
                InputStream stdout = dd.stdout()) {
            long came = stdout.transferTo(OutputStream.nullOutputStream());
            var unused = dd.await().orThrow();
            if (came != size) {
                throw new IOException(came + " of " + size + " bytes came out");
            }
        }
    }

    private static void in(Sandbox sandbox, long size) throws ConstruirException, IOException, InterruptedException {
        byte[] piece = new byte[1 << 16];
        try (Execution dd = sandbox.exec("dd", "of=/dev/null", "bs=65536").start()) {
            try (OutputStream stdin = dd.stdin()) {
                for (long left = size; left > 0; left -= piece.length) {
                    stdin.write(piece, 0, (int) Math.min(left, piece.length));
                }
            }
            var unused = dd.await().orThrow();
        }
    }

    private Row copyIn(Sandbox sandbox, ShellLoop loop) throws ConstruirException, IOException, InterruptedException {
        Path tree = samples.copiedIn(place.resolve("copied-in"));
        long packed = ShellLoop.packed(tar, tree);
        return measure(
                SandboxWork.COPY_IN.work(files(tree)),
                1,
                () -> {
                    double millis = time(() -> sandbox.copyIn(tree, "/job/tree"));
                    var unused = sandbox.exec("rm", "-rf", "/job/tree").run().orThrow();
                    return millis;
                },
                () -> {
                    double millis = loop.copyIn(tar, tree, packed, "/job/tree");
                    var unused = loop.ask("d /job/tree", "0");
                    return millis;
                });
    }

    private static long files(Path tree) throws IOException {
        try (Stream<Path> all = Files.walk(tree)) {
            return all.filter(Files::isRegularFile).count();
        }
    }

    private Row copyOut(Sandbox sandbox, ShellLoop loop) throws ConstruirException, IOException, InterruptedException {
        SampleTree tree = samples.copiedOut();
        Path files = place.resolve("copied-out");
        tree.make(files);
        sandbox.copyIn(files, "/job/files");
        var unused = loop.copyIn(tar, files, ShellLoop.packed(tar, files), "/job/files");
        return measure(
                SandboxWork.COPY_OUT.work(tree.files()),
                1,
                () -> into(tree, target -> time(() -> sandbox.copyOut("/job/files", target))),
                () -> into(tree, target -> loop.copyOut(tar, "/job/files", target)));
    }

    private double into(SampleTree tree, Rounds.Pass pass)
            throws ConstruirException, IOException, InterruptedException {
        try (ScratchDirectory target = ScratchDirectory.in(place, "target-")) {
            double millis = pass.millis(target.path());
            tree.checkIn(target.path());
            return millis;
        }
    }

    /**
     * Measures sandboxes that go on from a checkpoint, against those that are resumed from the memory snapshot of all.
     *
     * @param memory receives the private memory of several forks, in MiB
     */
    Row fork(List<Double> memory) throws ConstruirException, IOException, InterruptedException {
        try (Runner runner = runners.open(Preference.REQUIRE, 0);
                Sandbox origin = Sandbox.open(runner, SMALL);
                Checkpoint checkpoint = origin.checkpoint()) {
            Row row = measure(
                    SandboxWork.FORK.work(),
                    1,
                    () -> {
                        long begin = System.nanoTime();
                        try (Sandbox fork = checkpoint.open()) {
                            yes(fork);
                            return (System.nanoTime() - begin) / 1e6;
                        }
                    },
                    () -> {
                        long begin = System.nanoTime();
                        try (Sandbox fresh = Sandbox.open(runner, SMALL)) {
                            yes(fresh);
                            return (System.nanoTime() - begin) / 1e6;
                        }
                    });
            measureForks(checkpoint, memory);
            return row;
        }
    }

    private void measureForks(Checkpoint checkpoint, List<Double> memory)
            throws ConstruirException, IOException, InterruptedException {
        Set<Long> others = PrivateMemory.machines();
        Deque<Sandbox> forks = new ArrayDeque<>();
        try {
            for (int i = 0; i < FORKS; i++) {
                screen.status("the memory of forks: " + (i + 1) + " of " + FORKS);
                forks.push(checkpoint.open());
                yes(forks.element());
            }
            Set<Long> machines = new HashSet<>(PrivateMemory.machines());
            machines.removeAll(others);
            for (long machine : machines) {
                memory.add(PrivateMemory.of(machine));
            }
        } finally {
            forks.forEach(Sandbox::close);
        }
    }

    /** Runs many executions at once. */
    SandboxLoad load(Sandbox sandbox) throws ConstruirException, IOException, InterruptedException {
        screen.status("many executions at once");
        return SandboxLoad.run(sandbox, samples.executions());
    }
}
