package dev.construir.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.construir.ImageFormat;
import dev.construir.machine.Diagnosis;
import dev.construir.machine.Disk;
import dev.construir.machine.Hypervisor;
import dev.construir.machine.HypervisorException;
import dev.construir.machine.HypervisorProvider;
import dev.construir.machine.Machine;
import dev.construir.machine.MachineExit;
import dev.construir.machine.MachineInfo;
import dev.construir.machine.MachineListener;
import dev.construir.machine.MachineSpec;
import dev.construir.machine.Network;
import dev.construir.machine.Usage;
import dev.construir.qcow2.Qcow2Maker;
import dev.construir.terminal.Environment;
import dev.construir.terminal.Keyboard;
import dev.construir.terminal.Streams;
import dev.construir.terminal.Terminal;
import dev.construir.testkit.FakeGuest;
import dev.construir.testkit.FakeHypervisor;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Sessions at the consoles of machines in memory. */
@Timeout(60)
@SuppressWarnings("NullAway.Init")
class ImageShellTest {
    /** Repeats lines, writes what follows "write " to the first disk, and powers off, or hangs, when told to. */
    private static final FakeGuest SHELL = machine -> {
        machine.console("# \u001b[31m");
        while (true) {
            String line = machine.readLine();
            machine.console(line + "\r\n");
            if (line.startsWith("write ")) {
                Files.writeString(machine.spec().disks().get(0).file(), line.substring("write ".length()));
            }
            switch (line) {
                case "poweroff" -> {
                    return new MachineExit.PoweredOff();
                }
                case "reboot" -> {
                    return new MachineExit.Rebooted();
                }
                default -> {}
            }
        }
    };

    @TempDir
    Path directory;

    private final Terminal terminal = Terminal.files();
    private final List<MachineSpec> started = new ArrayList<>();
    private Path image;

    @BeforeEach
    void makeImage() throws IOException {
        image = Files.createDirectory(directory.resolve("image"));
        Files.writeString(image.resolve("root.img"), "as it was");
        Files.writeString(image.resolve("vmlinuz"), "a kernel");
        Files.writeString(image.resolve("initrd.img"), "an initrd");
        properties("root.img");
    }

    private void properties(String disk) throws IOException {
        Files.writeString(
                image.resolve("image.properties"),
                "name=fake\ndisk=" + disk
                        + "\nformat=raw\narchitecture=x86_64\nkernel=vmlinuz\ninitrd=initrd.img\ncommandLine=quiet\n");
    }

    @AfterEach
    void nothingPartialIsLeft() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            assertThat(files.map(file -> file.getFileName().toString())).noneMatch(name -> name.contains(".part-"));
        }
    }

    private int shell(FakeGuest guest, Keyboard keyboard, String... options) {
        return shell(new FakeHypervisor(guest), keyboard, options);
    }

    private int shell(Hypervisor hypervisor, Keyboard keyboard, String... options) {
        List<String> arguments = new ArrayList<>(
                List.of("image", "shell", "--hypervisor=fake", "--scratch=" + directory.resolve("scratch")));
        arguments.addAll(List.of(options));
        if (arguments.stream().noneMatch(word -> word.startsWith(directory.toString()))) {
            arguments.add(image.toString());
        }
        Streams streams = terminal.streams();
        return Main.execute(
                new Streams(streams.out(), streams.err(), false, false, keyboard),
                Environment.of(Map.of("CONSTRUIR_CACHE", directory.toString()), Optional.empty()),
                new Backends(List.of(new Provider(new Noting(hypervisor)))),
                choice -> {
                    throw new AssertionError("no job is run");
                },
                arguments.toArray(String[]::new));
    }

    private static Keyboard pipe(String text) {
        return new Keyboard(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)), false, "no-stty");
    }

    @Test
    void typesWhatComesAndShowsTheConsoleAsItIs() {
        assertThat(shell(SHELL, pipe("hello\npoweroff\n"))).isZero();
        assertThat(terminal.out()).isEqualTo("# \u001b[31mhello\r\npoweroff\r\n");
        assertThat(terminal.err()).isEqualTo("""
                        construir: booting fake on fake (none): what is written is thrown away
                        construir: the guest powered off
                        """);
        MachineSpec spec = started.get(0);
        assertThat(spec.disks()).containsExactly(Disk.copyOnWrite(image.resolve("root.img"), ImageFormat.RAW));
        assertThat(spec.network()).isEqualTo(Network.NONE);
        assertThat(spec.boot()).asString().contains("quiet construir.wait=0");
    }

    @Test
    void givesTheMachineWhatWasAskedFor() {
        assertThat(shell(SHELL, pipe("poweroff\n"), "--cpus=3", "--memory=64M", "--network"))
                .isZero();
        assertThat(started.get(0).cpus()).isEqualTo(3);
        assertThat(started.get(0).memory().bytes()).isEqualTo(64 << 20);
        assertThat(started.get(0).network()).isEqualTo(Network.OUTBOUND);
        assertThat(shell(SHELL, pipe("poweroff\n"), "--cpus=0")).isEqualTo(125);
        assertThat(terminal.err()).contains("1 to 255 processors, not 0");
    }

    @Test
    void copiesAnImageThatALinkLeadsTo() throws Exception {
        Path link = Files.createSymbolicLink(directory.resolve("link"), image);
        Path made = directory.resolve("made");
        assertThat(shell(SHELL, pipe("write changed\npoweroff\n"), "--commit=" + made, link.toString()))
                .as(terminal.err())
                .isZero();
        assertThat(made.resolve("root.img")).hasContent("changed");
        assertThat(made.resolve("vmlinuz")).hasContent("a kernel");
    }

    @Test
    void keepsWhatWasWrittenAsANewImage() throws Exception {
        Files.setPosixFilePermissions(image.resolve("root.img"), PosixFilePermissions.fromString("r--r--r--"));
        Path made = directory.resolve("made");
        assertThat(shell(SHELL, pipe("write changed\npoweroff\n"), "--commit=" + made))
                .as(terminal.err())
                .isZero();
        assertThat(made.resolve("root.img")).hasContent("changed");
        assertThat(Files.getPosixFilePermissions(made.resolve("root.img")))
                .isEqualTo(PosixFilePermissions.fromString("r--r--r--"));
        assertThat(made.resolve("vmlinuz")).hasContent("a kernel");
        assertThat(made.resolve("initrd.img")).hasContent("an initrd");
        assertThat(image.resolve("root.img")).hasContent("as it was");
        Disk disk = started.get(0).disks().get(0);
        assertThat(disk.access()).isEqualTo(Disk.Access.READ_WRITE);
        assertThat(disk.discard()).isTrue();
        assertThat(terminal.err()).endsWith("construir: the new image is " + made + "\n");
        assertThat(shell(SHELL, pipe("poweroff\n"), "--commit=" + made)).isEqualTo(125);
        assertThat(terminal.err()).contains(made + ": ").endsWith("exists already\n");
    }

    @Test
    void keepsABareDiskInItsFormat() throws Exception {
        byte[] bootable = new byte[512];
        bootable[510] = 0x55;
        bootable[511] = (byte) 0xaa;
        byte[] asItWas = new Qcow2Maker().make(bootable);
        Path disk = Files.write(directory.resolve("disk.qcow2"), asItWas);
        Path made = directory.resolve("made.qcow2");
        assertThat(shell(SHELL, pipe("write changed\npoweroff\n"), "--commit=" + made, disk.toString()))
                .as(terminal.err())
                .isZero();
        assertThat(made).hasContent("changed");
        assertThat(disk).hasBinaryContent(asItWas);
        assertThat(started.get(0).disks().get(0).format()).isEqualTo(ImageFormat.QCOW2);
        assertThat(shell(SHELL, pipe(""), "--commit=" + directory.resolve("made.img"), disk.toString()))
                .isEqualTo(125);
        assertThat(terminal.err()).contains("choose a name that ends in .qcow2");
    }

    @Test
    void keepsNothingUnlessTheGuestPoweredOff() {
        Path made = directory.resolve("made");
        assertThat(shell(SHELL, pipe("write changed\nreboot\n"), "--commit=" + made))
                .isEqualTo(125);
        assertThat(terminal.err())
                .endsWith("construir: the guest rebooted, which ends the machine\nconstruir: nothing is kept\n");
        assertThat(made).doesNotExist();
        FakeGuest dying = machine -> new MachineExit.Died(3, "ouch");
        assertThat(shell(dying, pipe(""), "--commit=" + made)).isEqualTo(125);
        assertThat(terminal.err()).contains("the hypervisor ended with status 3: ouch");
        assertThat(made).doesNotExist();
    }

    @Test
    void copiesNoImageWhoseFilesAreElsewhere() throws Exception {
        Files.move(image.resolve("root.img"), directory.resolve("root.img"));
        for (String elsewhere :
                List.of("../root.img", directory.resolve("root.img").toString())) {
            properties(elsewhere);
            assertThat(shell(SHELL, pipe("poweroff\n"), "--commit=" + directory.resolve("made")))
                    .isEqualTo(125);
            assertThat(terminal.err()).contains("which is not in its directory");
        }
        Files.move(directory.resolve("root.img"), image.resolve("root.img"));
        properties(image.resolve("root.img").toString()); // the copy would lead to the original
        assertThat(shell(SHELL, pipe("poweroff\n"), "--commit=" + directory.resolve("made")))
                .isEqualTo(125);
        assertThat(directory.resolve("made")).doesNotExist();
        assertThat(started).isEmpty();
    }

    @Test
    void killsAMachineThatGoesOnAfterTheEndOfThePipe() {
        assertThat(shell(SHELL, pipe("write changed\n"), "--patience=50ms", "--commit=" + directory.resolve("made")))
                .isEqualTo(125);
        assertThat(terminal.err())
                .contains("stdin ended, and the machine did not power off within 50 ms: it was killed");
        assertThat(directory.resolve("made")).doesNotExist();
    }

    @Test
    void theEndOfThePipeIsNotTheEndOfAMachineThatPowersOff() {
        CompletableFuture<Void> unread = new CompletableFuture<>();
        InputStream ending = new InputStream() {
            @Override
            public int read() {
                return read(new byte[1], 0, 1);
            }

            @Override
            public int read(byte[] bytes, int offset, int length) {
                unread.complete(null);
                return -1;
            }
        };
        FakeGuest late = machine -> {
            unread.join();
            return new MachineExit.PoweredOff();
        };
        assertThat(shell(late, new Keyboard(ending, false, "no-stty"), "--patience=none"))
                .isZero();
    }

    @Test
    void ctrlBracketLeavesAndTheTerminalHasItsModesBack() throws Exception {
        Path stty = stty("exit 0");
        Keyboard keys = new Keyboard(
                new ByteArrayInputStream("a\3\rb\u001dpoweroff\r".getBytes(StandardCharsets.US_ASCII)),
                true,
                stty.toString());
        assertThat(shell(SHELL, keys, "--commit=" + directory.resolve("made"))).isEqualTo(130);
        assertThat(terminal.err())
                .contains("Ctrl-] leaves and kills the machine")
                .endsWith("construir: left; the machine was killed\nconstruir: nothing is kept\n");
        assertThat(directory.resolve("calls")).hasContent("-g\nraw -echo -iexten\nthe:modes\n");
    }

    @Test
    void aTerminalThatCannotBeSetIsAnErrorAndIsRestored() throws Exception {
        Path stty = stty("case $1 in raw) echo not today >&2; exit 1;; esac");
        assertThat(shell(SHELL, new Keyboard(InputStream.nullInputStream(), true, stty.toString())))
                .isEqualTo(125);
        assertThat(terminal.err()).contains("stty raw -echo -iexten ended with 1: not today");
        assertThat(directory.resolve("calls")).hasContent("-g\nraw -echo -iexten\nthe:modes\n");
    }

    private Path stty(String end) throws IOException {
        Path stty = directory.resolve("stty");
        Files.writeString(
                stty,
                "#!/bin/sh\necho \"$*\" >>'" + directory.resolve("calls") + "'\n[ \"$1\" != -g ] || echo the:modes\n"
                        + end + "\n");
        return Files.setPosixFilePermissions(stty, PosixFilePermissions.fromString("rwx------"));
    }

    @Test
    void anInterruptCancels() throws Exception {
        try (PipedOutputStream open = new PipedOutputStream()) {
            Keyboard silent = new Keyboard(new PipedInputStream(open), false, "no-stty");
            CompletableFuture<Integer> code = new CompletableFuture<>();
            Thread worker =
                    new Thread(() -> code.complete(shell(SHELL, silent, "--commit=" + directory.resolve("made"))));
            worker.start();
            await().until(() -> terminal.out().startsWith("#"));
            worker.interrupt();
            assertThat(code.get(30, TimeUnit.SECONDS)).isEqualTo(130);
            assertThat(terminal.err()).endsWith("construir: cancelled\n");
        }
    }

    @Test
    void aBackendThatCannotTypeIsAnError() {
        assertThat(shell(new Mute(new FakeHypervisor(SHELL)), pipe("poweroff\n")))
                .isEqualTo(125);
        assertThat(terminal.err()).contains("the backend fake cannot type on a machine's console");
    }

    @Test
    void aMissingImageIsAnError() {
        assertThat(shell(SHELL, pipe(""), directory.resolve("none").toString())).isEqualTo(125);
        assertThat(terminal.err()).contains("there is no such file").doesNotContain("\tat ");
    }

    private record Provider(Hypervisor hypervisor) implements HypervisorProvider {
        @Override
        public String name() {
            return "fake";
        }

        @Override
        public Hypervisor create(Optional<URI> where, Path scratch) {
            return hypervisor;
        }
    }

    /** Notes what is started. */
    private final class Noting implements Hypervisor {
        private final Hypervisor hypervisor;

        Noting(Hypervisor hypervisor) {
            this.hypervisor = hypervisor;
        }

        @Override
        public String name() {
            return hypervisor.name();
        }

        @Override
        public Diagnosis diagnose() {
            return hypervisor.diagnose();
        }

        @Override
        public Machine start(MachineSpec spec, MachineListener listener)
                throws HypervisorException, InterruptedException {
            started.add(spec);
            return hypervisor.start(spec, listener);
        }

        @Override
        public void close() {
            hypervisor.close();
        }
    }

    /** Starts machines that cannot be typed at. */
    private record Mute(Hypervisor hypervisor) implements Hypervisor {
        @Override
        public String name() {
            return hypervisor.name();
        }

        @Override
        public Diagnosis diagnose() {
            return hypervisor.diagnose();
        }

        @Override
        public Machine start(MachineSpec spec, MachineListener listener)
                throws HypervisorException, InterruptedException {
            Machine machine = hypervisor.start(spec, listener);
            return new Machine() {
                @Override
                public MachineInfo info() {
                    return machine.info();
                }

                @Override
                public CompletableFuture<MachineExit> exit() {
                    return machine.exit();
                }

                @Override
                public Usage usage() {
                    return machine.usage();
                }

                @Override
                public void kill(String why) {
                    machine.kill(why);
                }

                @Override
                public void close() {
                    machine.close();
                }
            };
        }
    }
}
