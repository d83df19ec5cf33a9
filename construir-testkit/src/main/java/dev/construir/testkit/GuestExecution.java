package dev.construir.testkit;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A program that runs for the host, on a thread of its own. */
final class GuestExecution implements GuestTask {
    private static final int NOT_EXECUTABLE = 126;
    private static final int NOT_FOUND = 127;
    private static final int SIGKILL = 9;
    private static final Set<Integer> HARMLESS = Set.of(17, 18, 19, 20, 21, 22, 23, 28); // stops are not played

    private final GuestAgent agent;
    private final GuestStream stream;
    private final Start start;
    private final int number;
    private final AtomicInteger signal = new AtomicInteger();
    private volatile @Nullable Thread thread;

    /** The fields of a request. */
    record Start(int flags, String user, String directory, List<String> arguments, List<String> variables) {
        private static final int TERMINAL = 1;
        private static final int MERGED = 2;
        private static final int NO_INPUT = 4;

        static Start of(ByteBuffer request) {
            int flags = request.get();
            request.getInt(); // the terminal's size
            String user = GuestAgent.string(request);
            String directory = GuestAgent.string(request);
            return new Start(flags, user, directory, GuestAgent.strings(request), GuestAgent.strings(request));
        }

        boolean isMerged() {
            return (flags & (TERMINAL | MERGED)) != 0;
        }

        boolean hasInput() {
            return (flags & NO_INPUT) == 0;
        }

        Map<String, String> environment() {
            String name = user.isEmpty() ? "root" : user;
            Map<String, String> environment = new LinkedHashMap<>(Map.of(
                    "PATH",
                    "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                    "HOME",
                    name.equals("root") ? "/root" : "/home/" + name,
                    "USER",
                    name,
                    "LOGNAME",
                    name,
                    "SHELL",
                    "/bin/sh"));
            for (String variable : variables) {
                int equals = variable.indexOf('=');
                environment.put(variable.substring(0, equals), variable.substring(equals + 1));
            }
            return environment;
        }
    }

    GuestExecution(GuestAgent agent, GuestStream stream, Start start) {
        this.agent = agent;
        this.stream = stream;
        this.start = start;
        this.number = agent.nextProcess();
    }

    @Override
    public GuestStream stream() {
        return stream;
    }

    @Override
    public void begin() {
        if (!start.hasInput()) {
            stream.endInput();
        }
        thread = agent.thread(String.valueOf(number), this::run);
    }

    private void run() {
        try {
            stream.started(number);
            int status = execute();
            finish(GuestStream.EXITED, status & 0xff);
        } catch (InterruptedException | InterruptedIOException e) {
            finish(GuestStream.KILLED, signal.get() == 0 ? SIGKILL : signal.get());
        } catch (IOException e) {
            fail(e.toString());
        } catch (RuntimeException | Error e) { // a program's failure is what its test is to see
            fail(e.toString());
        } finally {
            agent.ended(this);
        }
    }

    private void fail(String why) {
        try {
            errors().write((start.arguments().get(0) + ": " + why + "\n").getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            // it is killed, or has nobody to say it to
        }
        finish(GuestStream.EXITED, 1);
    }

    private void finish(int how, int code) {
        boolean unused = Thread.interrupted(); // which was for the program
        try {
            stream.end(how, code, "");
        } catch (IOException e) {
            // the machine has ended
        }
    }

    private int execute() throws IOException, InterruptedException {
        List<String> arguments = new ArrayList<>(start.arguments());
        String name = arguments.get(0);
        String directory = start.directory().isEmpty() ? "/job" : start.directory();
        if (!agent.files().isDirectory(directory)) {
            return refuse(directory + ": no such directory", NOT_EXECUTABLE);
        }
        Optional<FakeProgram> program = agent.program(name);
        if (program.isEmpty() && name.contains("/")) {
            String path = name.startsWith("/") ? name : directory + "/" + name;
            if (!agent.files().exists(path)) {
                return refuse(name + ": not found", NOT_FOUND);
            } else if (agent.files().isDirectory(path) || (agent.files().mode(path) & 0111) == 0) {
                return refuse(name + ": Permission denied", NOT_EXECUTABLE);
            }
            arguments.set(0, path);
            arguments.add(0, interpreter(agent.files().readText(path)));
            program = agent.program(arguments.get(0));
        }
        if (program.isEmpty()) {
            return refuse(arguments.get(0) + ": not found", NOT_FOUND);
        }
        FakeProcess process = new FakeProcess(
                number,
                new FakeProcess.Request(
                        arguments, start.environment(), start.user().isEmpty() ? "root" : start.user(), directory),
                new FakeProcess.Streams(input(), stream.output(1), errors()),
                agent.files(),
                signal::set);
        return program.get().run(process);
    }

    private static String interpreter(String script) {
        String first = script.lines().findFirst().orElse("");
        return first.startsWith("#!") ? first.substring(2).trim() : "/bin/sh";
    }

    private InputStream input() {
        return start.hasInput() ? stream.input() : InputStream.nullInputStream();
    }

    private OutputStream errors() {
        return stream.output(start.isMerged() ? 1 : 2);
    }

    private int refuse(String why, int status) throws IOException {
        errors().write((why + "\n").getBytes(StandardCharsets.UTF_8));
        return status;
    }

    @Override
    public void signal(int sent) throws IOException {
        if (HARMLESS.contains(sent)) {
            return;
        }
        signal.set(sent);
        if (sent == SIGKILL) {
            stream.end(GuestStream.KILLED, SIGKILL, "");
        }
        stop();
    }

    @Override
    public void stop() {
        Thread running = thread;
        if (running != null) {
            running.interrupt();
        }
    }

    @Override
    public void reset() throws IOException {
        signal(SIGKILL);
    }

    /** What runs goes on. */
    @Override
    public void forget() {
        stream.forget();
    }
}
