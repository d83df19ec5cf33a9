package dev.construir.examples.backend;

import dev.construir.backend.BootFiles;
import dev.construir.backend.InterruptDetection;
import dev.construir.backend.ListeningSocket;
import dev.construir.backend.MachineScratch;
import dev.construir.backend.Overlay;
import dev.construir.backend.RunningMachines;
import dev.construir.machine.Architecture;
import dev.construir.machine.Boot;
import dev.construir.machine.Diagnosis;
import dev.construir.machine.Diagnosis.Finding;
import dev.construir.machine.Diagnosis.Verdict;
import dev.construir.machine.Disk;
import dev.construir.machine.Hypervisor;
import dev.construir.machine.HypervisorException;
import dev.construir.machine.Machine;
import dev.construir.machine.MachineListener;
import dev.construir.machine.MachineSpec;
import dev.construir.machine.Preference;
import dev.construir.scratch.ScratchDirectory;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Runs x86 machines by emulation, a QEMU process each, without a network. Safe for use by many threads. */
public final class PlainQemu implements Hypervisor {
    private static final String NAME = "plain-qemu";
    private static final String PROGRAM = "qemu-system-x86_64";

    // What a killed process left needs no ending: QEMU dies with it.
    private final MachineScratch scratch;
    // Linux ends a process with the thread that started it, so that one thread starts all, and lives as long as they.
    private final ExecutorService starter = Executors.newSingleThreadExecutor(PlainQemu::daemon);
    private final RunningMachines machines = new RunningMachines();

    /**
     * Creates the hypervisor.
     *
     * @param scratch a directory for what lives no longer than a machine; created if it is missing
     */
    public PlainQemu(Path scratch) {
        this.scratch = new MachineScratch(scratch, leftover -> {});
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Diagnosis diagnose() {
        boolean found =
                List.of(Optional.ofNullable(System.getenv("PATH")).orElse("").split(File.pathSeparator)).stream()
                        .anyMatch(directory ->
                                Path.of(directory, PROGRAM).toFile().canExecute());
        return new Diagnosis(
                NAME,
                List.of(
                        found
                                ? new Finding("program", Verdict.WORKS, PROGRAM, Optional.empty())
                                : new Finding(
                                        "program",
                                        Verdict.MISSING,
                                        PROGRAM + " is not on the PATH",
                                        Optional.of("apt-get install qemu-system-x86"))));
    }

    @Override
    public Machine start(MachineSpec spec, MachineListener listener) throws HypervisorException, InterruptedException {
        refuseWhatIsNotClaimed(spec);
        if (Thread.interrupted()) {
            throw new InterruptedException("interrupted before a machine was started");
        }
        return machines.start(spec.name(), () -> begin(spec, listener));
    }

    private PlainMachine begin(MachineSpec spec, MachineListener listener)
            throws HypervisorException, InterruptedException {
        try {
            BootFiles.check(spec);
            PlainMachine machine = launch(spec, listener);
            if (Thread.interrupted()) {
                machine.close();
                throw new InterruptedException("interrupted while a machine was being started");
            }
            return machine;
        } catch (IOException e) {
            InterruptDetection.check(e);
            throw new HypervisorException("the machine " + spec.name() + " did not start: " + e.getMessage(), e);
        }
    }

    private static void refuseWhatIsNotClaimed(MachineSpec spec) throws HypervisorException {
        if (spec.architecture() != Architecture.X86_64
                || spec.network().outbound()
                || spec.hardware() == Preference.REQUIRE
                || spec.warmStart() == Preference.REQUIRE) {
            throw new HypervisorException("the machine " + spec.name() + " cannot run on " + NAME
                    + ", which has x86 machines only, without a network, by emulation, and boots them; "
                    + "use the backend qemu");
        }
    }

    private PlainMachine launch(MachineSpec spec, MachineListener listener) throws HypervisorException, IOException {
        ScratchDirectory directory = scratch.open().directory(spec.name());
        boolean launched = false;
        try {
            for (int i = 0; i < spec.disks().size(); i++) {
                Disk disk = spec.disks().get(i);
                if (disk.access() == Disk.Access.COPY_ON_WRITE) {
                    Overlay.create(directory.path().resolve(overlay(i)), disk);
                } else {
                    Overlay.virtualSize(disk); // it is what it is declared to be
                }
            }
            PlainMachine machine = run(spec, directory, listener);
            launched = true;
            return machine;
        } finally {
            if (!launched) {
                directory.close();
            }
        }
    }

    private PlainMachine run(MachineSpec spec, ScratchDirectory directory, MachineListener listener)
            throws HypervisorException, IOException {
        List<Runnable> undo = new ArrayList<>();
        try {
            ListeningSocket console = ListeningSocket.bind(directory.path(), PlainMachine.CONSOLE);
            undo.add(console::close);
            ListeningSocket output = ListeningSocket.bind(directory.path(), PlainMachine.OUTPUT);
            undo.add(output::close);
            Process process = onStarter(new ProcessBuilder(command(spec))
                    .directory(directory.path().toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(directory.path().resolve(PlainMachine.WORDS).toFile()));
            undo.add(process::destroyForcibly);
            PlainMachine machine = new PlainMachine(spec, directory, process, console, output, listener);
            undo.clear(); // all of it is the machine's now
            return machine;
        } finally {
            undo.forEach(Runnable::run);
        }
    }

    // Without regard for interrupts, as it takes no time: what was started must be known.
    private Process onStarter(ProcessBuilder qemu) throws IOException {
        CompletableFuture<Process> started = new CompletableFuture<>();
        starter.execute(() -> {
            try {
                started.complete(qemu.start());
            } catch (IOException | RuntimeException e) {
                started.completeExceptionally(e);
            }
        });
        try {
            return started.join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof IOException io ? io : new IOException(e.getCause());
        }
    }

    // Every value that others choose is a separate argument, or a path with its commas doubled: a comma alone ends a
    // value.
    private static List<String> command(MachineSpec spec) {
        List<String> words = new ArrayList<>(List.of("setpriv", "--pdeathsig", "KILL", "--", PROGRAM));
        words.addAll(List.of("-nodefaults", "-no-user-config", "-display", "none", "-no-reboot", "-nic", "none"));
        words.addAll(List.of(
                "-machine", "q35", "-smp", "" + spec.cpus(), "-m", spec.memory().bytes() + "B"));
        if (spec.boot() instanceof Boot.Kernel boot) {
            words.addAll(List.of("-kernel", boot.kernel().toAbsolutePath().toString()));
            words.addAll(List.of("-initrd", boot.initrd().toAbsolutePath().toString()));
            words.addAll(List.of("-append", boot.commandLine()));
        }
        for (int i = 0; i < spec.disks().size(); i++) {
            Disk disk = spec.disks().get(i);
            words.addAll(List.of("-drive", "if=none,id=disk" + i + ",cache=unsafe" + files(disk, i)));
            words.addAll(List.of(
                    "-device",
                    "virtio-blk-pci,drive=disk" + i
                            + disk.serial()
                                    .map(serial -> ",serial=" + commas(serial))
                                    .orElse("")));
        }
        words.addAll(List.of(
                "-chardev", "socket,id=console,path=" + PlainMachine.CONSOLE, "-device", "isa-serial,chardev=console"));
        words.addAll(
                List.of("-chardev", "socket,id=output,path=" + PlainMachine.OUTPUT, "-device", "virtio-serial-pci"));
        words.addAll(List.of("-device", "virtserialport,chardev=output,name=" + MachineSpec.OUTPUT_PORT));
        words.addAll(List.of("-device", "virtio-rng-pci"));
        return words;
    }

    private static String files(Disk disk, int index) {
        String file = commas(disk.file().toAbsolutePath().toString());
        String format = disk.format().name().toLowerCase(Locale.ROOT);
        if (disk.access() == Disk.Access.COPY_ON_WRITE) {
            return ",driver=qcow2,file.filename=" + overlay(index) + ",backing.driver=" + format
                    + ",backing.read-only=on,backing.file.filename=" + file;
        }
        return ",driver=" + format + ",file.driver=file,file.filename=" + file
                + (disk.discard() ? ",discard=unmap" : "");
    }

    private static String overlay(int disk) {
        return "overlay-" + disk;
    }

    private static String commas(String value) {
        return value.replace(",", ",,");
    }

    @Override
    public void close() {
        machines.close();
        starter.shutdown();
        scratch.close();
    }

    private static Thread daemon(Runnable task) {
        Thread thread = new Thread(task, "construir-plain-starter");
        thread.setDaemon(true);
        return thread;
    }
}
