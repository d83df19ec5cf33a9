package dev.construir.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.construir.DataSize;
import dev.construir.machine.Diagnosis;
import dev.construir.machine.Hypervisor;
import dev.construir.machine.HypervisorException;
import dev.construir.machine.Machine;
import dev.construir.machine.MachineBudget;
import dev.construir.machine.MachineListener;
import dev.construir.machine.MachineSpec;
import dev.construir.machine.Preparation;
import dev.construir.terminal.Environment;
import dev.construir.terminal.Terminal;
import dev.construir.testkit.FakeGuest;
import dev.construir.testkit.FakeHypervisor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What the command says of a run before its machine boots. */
@Timeout(60)
@SuppressWarnings("NullAway.Init")
class ProgressTest {
    private static final DataSize MEMORY = DataSize.ofGibibytes(1);

    @TempDir
    Path directory;

    private int run(Terminal terminal, Supplier<Hypervisor> hypervisors, String... options) throws Exception {
        Backends backends = new Backends(List.of(new FakeBackend(hypervisors)));
        Environment surroundings = Environment.of(
                Map.of("CONSTRUIR_CACHE", directory.resolve("cache").toString()), Optional.empty());
        List<String> words = new ArrayList<>(List.of("run", "--hypervisor=fake", "--disk=1M", "--script=true"));
        words.addAll(
                List.of("--root", BareDisk.write(directory.resolve("root.img")).toString()));
        words.addAll(List.of("--scratch", directory.resolve("scratch").toString()));
        words.addAll(List.of(options));
        return Main.execute(
                terminal.streams(), surroundings, backends, RunnerSource.on(backends), words.toArray(String[]::new));
    }

    /** Another command of this user has the only machine of the budget, until the run has said that it waits. */
    private void runBehindAnother(Terminal terminal) throws Exception {
        MachineBudget shared = MachineBudget.unlimited().sharedIn(directory.resolve("budget"));
        FutureTask<Integer> code = new FutureTask<>(() ->
                run(terminal, () -> new FakeHypervisor(FakeGuest.exiting(7), shared), "--budget=machines=1,memory=4G"));
        Thread command = new Thread(code);
        try (MachineBudget.Place others = shared.withMachines(1).enter(1, MEMORY)) {
            assertThat(others.waitsFor()).isEmpty();
            command.start();
            await().until(() -> terminal.err().contains("waiting for"));
            assertThat(code).isNotDone();
        }
        assertThat(code.get(30, TimeUnit.SECONDS)).isEqualTo(7);
    }

    @Test
    void aRunThatWaitsForTheBudgetSaysSoInALine() throws Exception {
        Terminal terminal = Terminal.files();
        runBehindAnother(terminal);
        assertThat(terminal.err())
                .startsWith("construir: waiting for room in the budget of 1 machine and 4096M of memory:"
                        + " this machine takes 1 machine, 1 processor and 1024M of memory, and others are in use "
                        + "or come first\n"
                        + "construir: booting ");
    }

    @Test
    void onATerminalTheStatusLineSaysSoUntilTheMachineBoots() throws Exception {
        Terminal terminal = Terminal.one();
        runBehindAnother(terminal);
        assertThat(terminal.out()).containsSubsequence("preparing", "waiting for room in the budget of 1 ", "booting ");
    }

    /** A hypervisor that makes a memory snapshot before it starts a machine. */
    private record Preparing(Hypervisor then, List<Preparation> work) implements Hypervisor {
        @Override
        public String name() {
            return then.name();
        }

        @Override
        public Diagnosis diagnose() {
            return then.diagnose();
        }

        @Override
        public MachineBudget budget() {
            return then.budget();
        }

        @Override
        public Machine start(MachineSpec spec, MachineListener listener)
                throws HypervisorException, InterruptedException {
            work.forEach(listener::preparing);
            return then.start(spec, listener);
        }
    }

    private static Hypervisor preparing(List<Preparation> work) {
        return new Preparing(new FakeHypervisor(FakeGuest.exiting(0)), work);
    }

    @Test
    void theFirstWarmStartSaysEachStageOfWhatItWaitsForOnce() throws Exception {
        Terminal terminal = Terminal.files();
        Preparation reading = Preparation.of(Preparation.Stage.READING, "root.img");
        List<Preparation> work = List.of(
                Preparation.of(Preparation.Stage.WAITING, "another run\u001b[2J"),
                reading.withFraction(0),
                reading.withFraction(0.5),
                reading.withFraction(1),
                Preparation.of(Preparation.Stage.BOOTING, "a machine"),
                Preparation.of(Preparation.Stage.SAVING, "its memory"));
        assertThat(run(terminal, () -> preparing(work), "--warm")).isZero();
        List<String> said = terminal.err().lines().toList();
        String before = "construir: preparing warm starts, once: ";
        assertThat(said.subList(0, 4))
                .containsExactly(
                        before + "waiting for another run\\x1b[2J",
                        said.get(1),
                        before + "booting a machine",
                        before + "saving its memory");
        // a listener that does not keep up receives the latest of each stage only
        assertThat(said.get(1)).matches("\\Q" + before + "\\Ereading root.img, (0|50|100) %");
        assertThat(said.get(4)).startsWith("construir: booting ");
    }

    @Test
    void onATerminalTheStatusLineSaysHowFarItIs() throws Exception {
        Terminal terminal = Terminal.one();
        Preparation saving = Preparation.of(Preparation.Stage.SAVING, "its memory");
        assertThat(run(terminal, () -> preparing(List.of(saving.withFraction(0.4))), "--warm"))
                .isZero();
        assertThat(terminal.out())
                .containsSubsequence("preparing warm starts, once: saving its memory, 40 %", "booting ");
    }
}
