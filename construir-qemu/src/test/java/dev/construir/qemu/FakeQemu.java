package dev.construir.qemu;

import java.io.File;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Scanner;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A program that QEMU's users might take for QEMU, and that behaves as badly as it is told to. */
final class FakeQemu {
    private static final String GREETING =
            "{\"QMP\": {\"version\": {\"qemu\": {\"micro\": 0, \"minor\": 2, \"major\": 7}, \"package\": \"fake\"}, \"capabilities\": []}}";
    private static final String ANSWERS =
            GREETING + "\n{\"return\": {}}\n{\"return\": {\"arch\": \"x86_64\"}, \"id\": \"target\"}\n"
                    + "{\"return\": [], \"id\": \"options\"}\n{\"return\": {}}\n";
    private static final Pattern COMMAND = Pattern.compile("\"execute\":\"([^\"]*)\".*\"id\":(\\d+)");

    /** How many bytes its guest has printed that it writes only as its socket has room. */
    static final int HELD = 4 << 20;

    /** How it behaves once it has told what it can do. */
    enum Behaviour {
        DIES_AT_ONCE,
        DIES_ON_HARDWARE,
        NEVER_CONNECTS,
        NEVER_GREETS,
        GREETS_WITH_GARBAGE,
        GREETS_WITHOUT_END,
        STOPS_IN_MID_LINE,
        FALLS_SILENT_IN_MID_LINE,
        ANSWERS_WITH_GARBAGE,
        TALKS_GARBAGE_LATER,
        DIES_IN_THE_HANDSHAKE,
        REFUSES_TO_RUN,
        FLOODS_ITS_STANDARD_ERROR,
        IGNORES_QUIT_AND_SIGTERM,
        STOPS_ANSWERING,
        SENDS_AN_ENDLESS_LINE,
        CLOSES_QMP_AND_STAYS,
        CLOSES_ITS_CONSOLE,
        HOLDS_OUTPUT_AT_POWER_OFF,
        OBEYS
    }

    private FakeQemu() {}

    /** Writes a program that behaves so. */
    static Path install(Path directory, Behaviour behaviour) throws IOException {
        String machine = switch (behaviour) {
            case DIES_AT_ONCE -> "echo 'fake: this machine is out of order' >&2; exit 7";
            case DIES_ON_HARDWARE ->
                "case \"$*\" in *self-test*) exit 85;; *'-accel kvm'*) echo 'fake: failed to set MSR' >&2; exit 134;; esac; "
                        + java(behaviour);
            case NEVER_CONNECTS -> "exec sleep 1000";
            case IGNORES_QUIT_AND_SIGTERM -> "trap '' TERM; " + java(behaviour);
            default -> java(behaviour);
        };
        Path script = directory.resolve("fake-qemu");
        Files.writeString(
                script,
                "#!/bin/sh\ncase \"$*\" in *'-machine none'*) cat >/dev/null; cat <<'END'\n" + ANSWERS
                        + "END\nexit;; esac\n" + machine + "\n");
        return Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwx------"));
    }

    private static String java(Behaviour behaviour) {
        return "exec '" + Path.of(System.getProperty("java.home"), "bin", "java") + "' -XX:TieredStopAtLevel=1 -cp '"
                + classPath() + "' " + FakeQemu.class.getName() + " " + behaviour;
    }

    // It runs in another directory.
    private static String classPath() {
        return Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
                .map(entry -> Path.of(entry).toAbsolutePath().toString())
                .collect(Collectors.joining(File.pathSeparator));
    }

    public static void main(String[] arguments) throws Exception {
        Behaviour behaviour = Behaviour.valueOf(arguments[0]);
        SocketChannel qmp = connect("qmp.sock");
        SocketChannel console = connect("console.sock");
        SocketChannel output = connect("output.sock");
        SocketChannel sandbox = connect("sandbox.sock");
        switch (behaviour) {
            case NEVER_GREETS -> Thread.sleep(Long.MAX_VALUE);
            case GREETS_WITH_GARBAGE -> say(qmp, "220 fake ESMTP\n");
            case GREETS_WITHOUT_END -> sayForEver(qmp);
            case FALLS_SILENT_IN_MID_LINE -> {
                say(qmp, "{\"QMP\": {\"vers");
                Thread.sleep(Long.MAX_VALUE);
            }
            case STOPS_IN_MID_LINE -> {
                say(qmp, "{\"QMP\": {\"vers");
                qmp.close();
            }
            default -> say(qmp, GREETING + "\n");
        }
        if (behaviour == Behaviour.FLOODS_ITS_STANDARD_ERROR) {
            for (int i = 0; i < 100_000; i++) {
                System.err.println("fake: warning " + i + " of very many");
            }
        }
        if (qmp.isOpen()) {
            serve(behaviour, qmp, console, output);
        }
        Thread.sleep(Long.MAX_VALUE);
        console.close();
        output.close();
        sandbox.close();
    }

    private static void serve(Behaviour behaviour, SocketChannel qmp, SocketChannel console, SocketChannel output)
            throws Exception {
        ByteBuffer held = ByteBuffer.allocate(behaviour == Behaviour.HOLDS_OUTPUT_AT_POWER_OFF ? HELD : 0);
        output.configureBlocking(false);
        Scanner lines = new Scanner(Channels.newReader(qmp, StandardCharsets.UTF_8));
        while (lines.hasNextLine()) {
            Matcher command = COMMAND.matcher(lines.nextLine());
            if (!command.find()) {
                continue;
            }
            String name = command.group(1);
            String id = command.group(2);
            if (behaviour == Behaviour.DIES_IN_THE_HANDSHAKE) {
                System.err.println("fake: could not find my way");
                System.exit(3);
            }
            if (behaviour == Behaviour.ANSWERS_WITH_GARBAGE) {
                say(qmp, "{\"return\": [}, \"id\": " + id + "}\n");
                continue;
            }
            if (name.equals("cont") && behaviour == Behaviour.REFUSES_TO_RUN) {
                say(qmp, "{\"error\": {\"class\": \"GenericError\", \"desc\": \"not today\"}, \"id\": " + id + "}\n");
                continue;
            }
            if (name.equals("quit") && behaviour == Behaviour.IGNORES_QUIT_AND_SIGTERM) {
                continue;
            }
            say(qmp, "{\"event\": \"SOMETHING_NEW\", \"data\": {\"x\": [1]}}\n{\"return\": [], \"id\": " + id + "}\n");
            if (name.equals("quit")) {
                System.exit(0);
            }
            if (name.equals("cont")) {
                afterwards(behaviour, qmp, console);
            }
            output.write(held); // after the answer: QEMU does it in the next turn of its loop
        }
    }

    private static void afterwards(Behaviour behaviour, SocketChannel qmp, SocketChannel console) throws Exception {
        switch (behaviour) {
            case CLOSES_ITS_CONSOLE -> console.close();
            case HOLDS_OUTPUT_AT_POWER_OFF ->
                say(qmp, "{\"event\": \"SHUTDOWN\", \"data\": {\"guest\": true, \"reason\": \"guest-shutdown\"}}\n");
            case STOPS_ANSWERING -> Thread.sleep(Long.MAX_VALUE);
            case CLOSES_QMP_AND_STAYS -> {
                qmp.close();
                Thread.sleep(Long.MAX_VALUE);
            }
            case SENDS_AN_ENDLESS_LINE -> sayForEver(qmp);
            case TALKS_GARBAGE_LATER -> say(qmp, "{\"event\": 7}\n]]]\n");
            default -> {}
        }
    }

    private static void sayForEver(SocketChannel qmp) throws IOException {
        while (true) {
            say(qmp, "[".repeat(4096));
        }
    }

    private static SocketChannel connect(String name) throws IOException {
        return SocketChannel.open(UnixDomainSocketAddress.of(name));
    }

    private static void say(SocketChannel channel, String text) throws IOException {
        channel.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
    }
}
