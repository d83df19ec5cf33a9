package dev.construir.testkit;

import dev.construir.ImageFormat;
import dev.construir.backend.RunningMachines;
import dev.construir.image.RootImage;
import dev.construir.machine.Architecture;
import dev.construir.machine.Boot;
import dev.construir.machine.Diagnosis;
import dev.construir.machine.Disk;
import dev.construir.machine.Hypervisor;
import dev.construir.machine.HypervisorException;
import dev.construir.machine.Machine;
import dev.construir.machine.MachineBudget;
import dev.construir.machine.MachineInfo;
import dev.construir.machine.MachineListener;
import dev.construir.machine.MachineSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A hypervisor in memory, whose machines are threads that play a {@link FakeGuest}: for tests of code that runs jobs.
 * Everything but the machine is real: the job disk, the limits, the outcome.
 *
 * <pre>{@code
 * Hypervisor fake = new FakeHypervisor(FakeGuest.leaving("sum.txt", "42"));
 * try (Runner runner = Runner.on(fake, FakeHypervisor.image(directory.resolve("root.img")));
 *         JobResult result = runner.run(Job.script("sum", "echo 42 > sum.txt"))) {
 *     assertThat(result.outcome().isSuccess()).isTrue();
 * }
 * }</pre>
 *
 * <p>Safe for use by many threads.
 *
 * @since 0.1
 */
public final class FakeHypervisor implements Hypervisor {
    private final FakeGuest guest;
    private final MachineBudget budget;
    private final RunningMachines machines = new RunningMachines();

    /**
     * Creates a hypervisor.
     *
     * @param guest plays the guest of every machine
     */
    public FakeHypervisor(FakeGuest guest) {
        this(guest, MachineBudget.unlimited());
    }

    /**
     * Creates a hypervisor whose machines take part of a budget.
     *
     * @param guest plays the guest of every machine
     * @param budget the budget
     */
    public FakeHypervisor(FakeGuest guest, MachineBudget budget) {
        this.guest = guest;
        this.budget = budget;
    }

    /**
     * Returns an image for its machines, which read nothing of it.
     *
     * @param disk the image's disk, created if it is not there
     * @return the image
     * @throws IOException if it can't be created
     */
    public static RootImage image(Path disk) throws IOException {
        if (Files.notExists(disk)) {
            Files.write(disk, new byte[1]);
        }
        return new RootImage("fake", disk, ImageFormat.RAW, Architecture.host(), new Boot.Firmware());
    }

    @Override
    public String name() {
        return "fake";
    }

    @Override
    public Diagnosis diagnose() {
        return new Diagnosis(
                "fake",
                List.of(new Diagnosis.Finding(
                        "memory", Diagnosis.Verdict.WORKS, "machines are threads", Optional.empty())));
    }

    /** Returns a budget without bounds unless it was given one: the machines take nothing of the host's. */
    @Override
    public MachineBudget budget() {
        return budget;
    }

    /** Holds nothing that could be let go of. */
    @Override
    public Use use() {
        return machines.use(() -> {});
    }

    @Override
    public Machine start(MachineSpec spec, MachineListener listener) throws HypervisorException, InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
        return machines.start(spec.name(), () -> begin(spec, listener));
    }

    private FakeMachine begin(MachineSpec spec, MachineListener listener) throws HypervisorException {
        for (Disk disk : spec.disks()) {
            if (!Files.isReadable(disk.file())) {
                throw new HypervisorException("no such disk: " + disk.file() + "; name a file that can be read");
            }
        }
        FakeMachine machine = new FakeMachine(spec, listener, guest);
        machine.start();
        return machine;
    }

    /** Returns a command that prints the paths of the machine's disks, a line each. */
    @Override
    public Optional<List<String>> debugCommand(MachineSpec spec, MachineInfo info) {
        List<String> words = new ArrayList<>(List.of("printf", "%s\\n"));
        spec.disks().forEach(disk -> words.add(disk.file().toString()));
        return Optional.of(words);
    }

    @Override
    public void close() {
        machines.close();
    }
}
