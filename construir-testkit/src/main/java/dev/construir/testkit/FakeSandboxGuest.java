package dev.construir.testkit;

import dev.construir.disk.read.DiskReader;
import dev.construir.machine.MachineExit;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/**
 * A guest that serves sandboxes, for tests of code that uses them: programs are lambdas, files are in memory. Windows,
 * limits, copies and losses are as with a real guest.
 *
 * <pre>{@code
 * FakeGuest guest = FakeSandboxGuest.builder()
 *         .file("/etc/motd", "hello\n")
 *         .program("cat", process -> {
 *             process.print(process.files().readText(process.arguments().get(1)));
 *             return 0;
 *         })
 *         .build();
 * try (Sandbox vm = Sandbox.open(new FakeHypervisor(guest), FakeHypervisor.image(directory.resolve("root.img")))) {
 *     assertThat(vm.exec("cat", "/etc/motd").run().stdout().text()).isEqualTo("hello\n");
 * }
 * }</pre>
 *
 * <p>Programs that no one has given are not found, as {@code /bin/sh} is: {@code Sandbox.sh} needs a program named
 * {@code sh}. A file that is executed is run by the program that its {@code #!} names, or by {@code sh}. Ports are those
 * of the host's own loopback, in both directions. There are no terminals and no stopped processes.
 *
 * @since 0.1
 */
public final class FakeSandboxGuest implements FakeGuest {
    private static final String REQUEST = "/construir.sandbox";

    private final GuestPrograms programs;
    private final Map<String, String> texts;
    private final FakeGuest jobs;

    private FakeSandboxGuest(Builder builder) {
        this.programs = new GuestPrograms(builder.programs);
        this.texts = Map.copyOf(builder.texts);
        this.jobs = builder.jobs;
    }

    /**
     * Returns a builder of a guest without programs.
     *
     * @return the builder
     */
    public static Builder builder() {
        return new Builder();
    }

    /** Serves the machine's channel if its job disk asks for a sandbox; else plays a job. */
    @Override
    public MachineExit run(FakeMachine machine) throws InterruptedException, IOException {
        if (!asksForSandbox(machine)) {
            return jobs.run(machine);
        }
        FakeFiles files = new FakeFiles();
        files.makeDirectories("/job");
        files.makeDirectories("/tmp");
        for (Map.Entry<String, String> text : texts.entrySet()) {
            files.write(text.getKey(), text.getValue());
        }
        machine.console("construir: ready\nconstruir: started " + machine.serial() + "\n");
        try (GuestAgent agent = new GuestAgent(machine, programs, files)) {
            return agent.serve();
        }
    }

    private static boolean asksForSandbox(FakeMachine machine) throws IOException {
        try (DiskReader disk = DiskReader.open(machine.spec().disks().get(1).file())) {
            if (disk.find(REQUEST).isEmpty()) {
                return false;
            }
            try (var file = disk.open(REQUEST)) {
                String text = new String(file.readNBytes(32), StandardCharsets.US_ASCII);
                return text.startsWith("sandbox\n");
            }
        }
    }

    /** Builds a guest. Not safe for use by many threads. */
    public static final class Builder {
        private final Map<String, FakeProgram> programs = new LinkedHashMap<>();
        private final Map<String, String> texts = new LinkedHashMap<>();
        private FakeGuest jobs = FakeGuest.exiting(0);

        private Builder() {}

        /**
         * Adds a program.
         *
         * @param name its name, by which it is found in the usual directories as well, or an absolute path
         * @param program the program; runs on a thread of its own each time
         * @return this builder
         */
        public Builder program(String name, FakeProgram program) {
            programs.put(Objects.requireNonNull(name, "name"), Objects.requireNonNull(program, "program"));
            return this;
        }

        /**
         * Adds a text file, which every sandbox begins with.
         *
         * @param path its absolute path
         * @param text its content
         * @return this builder
         */
        public Builder file(String path, String text) {
            texts.put(Objects.requireNonNull(path, "path"), Objects.requireNonNull(text, "text"));
            return this;
        }

        /**
         * Sets who plays ordinary jobs, whose disks do not ask for a sandbox.
         *
         * @param guest the guest; unless set, {@code FakeGuest.exiting(0)}
         * @return this builder
         */
        public Builder jobs(FakeGuest guest) {
            jobs = Objects.requireNonNull(guest, "guest");
            return this;
        }

        /**
         * Builds the guest.
         *
         * @return the guest, for any number of machines
         */
        public FakeSandboxGuest build() {
            return new FakeSandboxGuest(this);
        }
    }
}
