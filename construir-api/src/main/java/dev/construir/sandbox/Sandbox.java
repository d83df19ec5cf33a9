package dev.construir.sandbox;

import dev.construir.ConstruirException;
import dev.construir.disk.read.ExtractOptions;
import dev.construir.disk.read.ExtractReport;
import dev.construir.disk.write.DiskContent;
import dev.construir.image.RootImage;
import dev.construir.job.Job;
import dev.construir.machine.Hypervisor;
import dev.construir.run.Runner;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * A machine that stays, and takes commands, files, input and connections. Safe for use by many threads, and for many
 * commands at once.
 *
 * <pre>{@code
 * try (Sandbox vm = Sandbox.open(QemuHypervisor.create(), RootImage.in(debian))) {
 *     vm.copyIn(Path.of("src"), "/work");
 *     ExecutionResult check = vm.exec("make", "-C", "/work", "check")
 *             .env("CI", "1")
 *             .timeout(Duration.ofMinutes(5))
 *             .run();
 *     System.out.println(check.end().describe());
 *     vm.copyOut("/work/report", Path.of("out"));
 * }
 * }</pre>
 *
 * <p>The guest is not trusted: what it reports is called that, what is copied out of it is read as a job's disk is, and
 * a guest that breaks the rules of its channel loses the sandbox. Its root disk is thrown away; {@code /job} is a disk
 * of the size that the {@linkplain SandboxOptions options} give. When a limit of the options is reached, the machine
 * ends, and what is under way with it.
 *
 * @since 0.1
 */
public interface Sandbox extends AutoCloseable {
    /**
     * Opens a sandbox with default options, in a machine of its own runner.
     *
     * @param hypervisor starts the machine
     * @param root the image it boots
     * @return the sandbox, which waits for commands; to be closed by the caller
     * @throws SandboxLostException if the machine ended, or its guest did not answer
     * @throws ConstruirException if the machine could not be started
     * @throws InterruptedException if the thread was interrupted; nothing of the machine is left then
     */
    static Sandbox open(Hypervisor hypervisor, RootImage root) throws ConstruirException, InterruptedException {
        Runner runner = Runner.on(hypervisor, root);
        boolean opened = false;
        try {
            Sandbox sandbox = MachineSandbox.open(RunnerHold.owning(runner), SandboxOptions.DEFAULT, Optional.empty());
            opened = true;
            return sandbox;
        } finally {
            if (!opened) {
                runner.close();
            }
        }
    }

    /**
     * Opens a sandbox with default options.
     *
     * @param runner starts the machine, or takes it from its warm pool; its budget, its hosts and its decorations apply
     * @return the sandbox, which waits for commands; to be closed by the caller
     * @throws SandboxLostException if the machine ended, or its guest did not answer
     * @throws ConstruirException if the machine could not be started
     * @throws InterruptedException if the thread was interrupted; nothing of the machine is left then
     */
    static Sandbox open(Runner runner) throws ConstruirException, InterruptedException {
        return open(runner, SandboxOptions.DEFAULT);
    }

    /**
     * Opens a sandbox.
     *
     * @param runner starts the machine, or takes it from its warm pool; its budget, its hosts and its decorations apply
     * @param options what the sandbox is like
     * @return the sandbox, which waits for commands; to be closed by the caller
     * @throws SandboxLostException if the machine ended, or its guest did not answer
     * @throws ConstruirException if the machine could not be started
     * @throws InterruptedException if the thread was interrupted; nothing of the machine is left then
     */
    static Sandbox open(Runner runner, SandboxOptions options) throws ConstruirException, InterruptedException {
        return MachineSandbox.open(RunnerHold.of(runner), options, Optional.empty());
    }

    /**
     * Returns a job that is the same, but whose machine becomes a sandbox if it ends with anything but exit status 0:
     * for a look at what went wrong, before the machine ends. All that the job started has ended by then; its files are
     * on {@code /job}, and its status is written, so that its outcome stays what it was. The job's limits go on, the
     * total one among them.
     *
     * <pre>{@code
     * Job observed = Sandbox.onFailure(
     *         job, vm -> System.err.println(vm.sh("dmesg | tail").run().stdout().text()));
     * }</pre>
     *
     * @param job the job
     * @param user uses the sandbox, on a thread that does only that; the machine ends when it returns, which the sandbox
     *     is closed for. What it throws is logged
     * @return the job
     * @throws IllegalArgumentException if the job uses its machine's channel itself
     */
    static Job onFailure(Job job, User user) {
        return new FailureJob(job, user);
    }

    /**
     * Uses a sandbox.
     *
     * @since 0.1
     */
    @FunctionalInterface
    interface User {
        /**
         * Uses a sandbox, which its caller closes afterwards.
         *
         * @param sandbox the sandbox
         * @throws ConstruirException if it cannot be used
         * @throws IOException if files or streams fail
         * @throws InterruptedException if the thread was interrupted
         */
        void use(Sandbox sandbox) throws ConstruirException, IOException, InterruptedException;
    }

    /**
     * Returns the identity of the run that the sandbox is.
     *
     * @return {@code job-} and twelve hexadecimal digits
     */
    String id();

    /**
     * Returns a command, which is not run by a shell.
     *
     * @param program a path in the guest, or a name that is looked for in its {@code PATH}
     * @param arguments what it is given
     * @return the command, to be started
     * @throws IllegalArgumentException if one of them holds a NUL
     */
    default Command exec(String program, String... arguments) {
        List<String> all = new ArrayList<>(List.of(program));
        all.addAll(List.of(arguments));
        return exec(all);
    }

    /**
     * Returns a command, which is not run by a shell.
     *
     * @param arguments the program and what it is given
     * @return the command, to be started
     * @throws IllegalArgumentException if there is none, or one of them holds a NUL
     */
    Command exec(List<String> arguments);

    /**
     * Returns a command that is run by {@code /bin/sh -c}.
     *
     * @param script a script for the shell
     * @return the command, to be started
     * @throws IllegalArgumentException if it holds a NUL
     */
    default Command sh(String script) {
        return exec("/bin/sh", "-c", script);
    }

    /**
     * Copies a file or a directory's content into the sandbox, with modes and times, owned by root.
     *
     * @param source a file or directory
     * @param target an absolute path in the guest: of a directory, whose entries the source's join; or of the file. What
     *     is missing above it is made, and files that are there are replaced by files. A file replaces no directory, and
     *     a directory nothing else
     * @throws SandboxException if the guest could not write it all, for want of room for example, or as a directory is
     *     in the place of a file
     * @throws SandboxLostException if the sandbox is lost
     * @throws IOException if the source cannot be read, or a name or a link's target is not UTF-8
     * @throws InterruptedException if the thread was interrupted; some of it may be there
     */
    default void copyIn(Path source, String target) throws ConstruirException, IOException, InterruptedException {
        if (Files.isDirectory(source)) {
            copyIn(disk -> disk.tree("/", source), target);
        } else {
            int name = target.lastIndexOf('/') + 1;
            if (name == 0 || name == target.length()) {
                throw new IllegalArgumentException("\"" + target + "\" is no path of a file; end it with a name");
            }
            copyIn(disk -> disk.copy(target.substring(name), source), name == 1 ? "/" : target.substring(0, name - 1));
        }
    }

    /**
     * Copies what a disk would be made of into the sandbox: trees, texts, tar archives
     * ({@code disk -> disk.tar("/", archive)}). The rules of {@link #copyIn(Path, String)} hold for each entry.
     *
     * @param content the files
     * @param directory an absolute path of a directory in the guest; made if it is missing
     * @throws SandboxException if the guest could not write it all, for want of room for example
     * @throws SandboxLostException if the sandbox is lost
     * @throws IOException if the content cannot be read, or a name or a link's target is not UTF-8
     * @throws InterruptedException if the thread was interrupted; some of it may be there
     */
    void copyIn(DiskContent content, String directory) throws ConstruirException, IOException, InterruptedException;

    /**
     * Copies a file or a directory's content out of the sandbox, with {@link ExtractOptions#DEFAULT} and 16 GiB at most.
     *
     * @param source a path in the guest
     * @param target of a directory: the directory its entries go to; of a file: the directory it goes to by its name
     * @return what was copied
     * @throws SandboxException if the guest could not read it all; nothing was copied then
     * @throws SandboxLostException if the sandbox is lost; nothing was copied then
     * @throws IOException if the host cannot write it, it exceeds a limit, or a name or a link's target is not UTF-8
     * @throws InterruptedException if the thread was interrupted
     */
    default ExtractReport copyOut(String source, Path target)
            throws ConstruirException, IOException, InterruptedException {
        return copyOut(source, target, ExtractOptions.DEFAULT);
    }

    /**
     * Copies files out of the sandbox, under the limits and rules of {@link
     * dev.construir.disk.read.DiskReader#copyTo(String, Path, ExtractOptions) disks}: nothing is written outside of the
     * target, whatever the guest sends.
     *
     * @param source a path in the guest
     * @param target of a directory: the directory its entries go to; of a file: the directory it goes to by its name
     * @param options what is extracted, and how
     * @return what was copied
     * @throws SandboxException if the guest could not read it all; nothing was copied then
     * @throws SandboxLostException if the sandbox is lost; nothing was copied then
     * @throws IOException if the host cannot write it, it exceeds a limit, or a name or a link's target is not UTF-8
     * @throws InterruptedException if the thread was interrupted
     */
    ExtractReport copyOut(String source, Path target, ExtractOptions options)
            throws ConstruirException, IOException, InterruptedException;

    /**
     * Runs an ordinary job's directory in this sandbox: its files are copied to a new directory on {@code /job}, where
     * its {@code bin/construir} is executed. Its end is what the guest reports, not an outcome.
     *
     * @param job the job; its limits of time in all and of output apply, its other limits, its resources and its
     *     network do not
     * @return the result
     * @throws SandboxException if its files could not be copied
     * @throws SandboxLostException if the sandbox was lost before the job was started
     * @throws IOException if the job's disk could not be made
     * @throws InterruptedException if the thread was interrupted; the job is killed then
     */
    ExecutionResult run(Job job) throws ConstruirException, IOException, InterruptedException;

    /**
     * Accepts connections on a free port of the host's loopback and passes them on to a port of the guest's loopback.
     *
     * @param guestPort the port in the guest, 1 to 65535
     * @return the open port; it ends with the sandbox at the latest
     * @throws SandboxLostException if the sandbox is lost
     * @throws IOException if the host cannot listen
     */
    default PortForward forward(int guestPort) throws ConstruirException, IOException {
        return forward(guestPort, 0);
    }

    /**
     * Accepts connections on a port of the host's loopback and passes them on to a port of the guest's loopback. While
     * nothing listens there in the guest, connections are closed again at once.
     *
     * @param guestPort the port in the guest, 1 to 65535
     * @param hostPort the port on the host; 0 for a free one
     * @return the open port; it ends with the sandbox at the latest
     * @throws SandboxLostException if the sandbox is lost
     * @throws IOException if the host cannot listen
     */
    PortForward forward(int guestPort, int hostPort) throws ConstruirException, IOException;

    /**
     * Waits until something listens at a port of the guest's loopback: it is connected to again and again, and each
     * connection is closed at once.
     *
     * @param guestPort the port in the guest, 1 to 65535
     * @param limit how long to wait
     * @throws SandboxException if nothing listens there when the time is over
     * @throws SandboxLostException if the sandbox is lost
     * @throws InterruptedException if the thread was interrupted
     */
    void awaitPort(int guestPort, Duration limit) throws ConstruirException, InterruptedException;

    /**
     * Accepts connections on a port of the guest's loopback and passes them on to an address of the host: whatever runs
     * in the sandbox reaches that address.
     *
     * <p>64 connections are being connected at once; further ones wait. The guest has at most 1,024 open.
     *
     * @param guestPort the port in the guest; 0 for a free one
     * @param target where the host connects to
     * @return the open port; it ends with the sandbox at the latest
     * @throws SandboxException if the guest cannot listen, or answers with a port that was not asked for
     * @throws SandboxLostException if the sandbox is lost
     * @throws InterruptedException if the thread was interrupted
     */
    PortForward listen(int guestPort, InetSocketAddress target) throws ConstruirException, InterruptedException;

    /**
     * Saves this sandbox as it is now: memory and disks of one instant, with its file systems written back. It goes on
     * afterwards, with all that runs in it; meanwhile it stands still, for as long as its memory takes to be written.
     *
     * <p>This needs a sandbox that was resumed from a memory snapshot: open it with a runner that has {@link
     * Runner.Builder#warmStart}.
     *
     * @return the checkpoint, to be closed by the caller
     * @throws SandboxLostException if the sandbox is lost
     * @throws ConstruirException if its machine cannot be saved: by this backend, or because it was booted
     * @throws IOException if the scratch directory cannot be used
     * @throws InterruptedException if the thread was interrupted; the sandbox goes on
     */
    Checkpoint checkpoint() throws ConstruirException, IOException, InterruptedException;

    /**
     * Saves this sandbox as it is now, as {@link #checkpoint()} does, and keeps it by a name, in place of the checkpoint
     * that has it. {@link CheckpointStore#find} finds it, in any process of this user.
     *
     * @param store where it is kept
     * @param name its name: 1 to 100 letters, digits, {@code .}, {@code _} and {@code -}, a letter first
     * @throws SandboxLostException if the sandbox is lost
     * @throws ConstruirException if its machine cannot be saved: by this backend, or because it was booted
     * @throws IOException if the store cannot be written, or has a checkpoint of that name that is in use
     * @throws InterruptedException if the thread was interrupted; the sandbox goes on
     * @throws IllegalArgumentException if it cannot be a name
     */
    void checkpoint(CheckpointStore store, String name) throws ConstruirException, IOException, InterruptedException;

    /**
     * Measures how long the guest takes to answer.
     *
     * @return the time from the question to the answer
     * @throws SandboxLostException if the sandbox is lost, or its guest does not answer within ten seconds, in which
     *     case it is lost
     * @throws InterruptedException if the thread was interrupted
     */
    default Duration ping() throws SandboxLostException, InterruptedException {
        return ping(Duration.ofSeconds(10));
    }

    /**
     * Measures how long the guest takes to answer, with patience: for a guest that may stand still for a while. The
     * question itself already counts as use, for a limit of idleness.
     *
     * @param limit how long the guest may take, more than zero
     * @return the time from the question to the answer
     * @throws SandboxLostException if the sandbox is lost, or its guest does not answer within the limit, in which case
     *     it is lost
     * @throws InterruptedException if the thread was interrupted
     */
    Duration ping(Duration limit) throws SandboxLostException, InterruptedException;

    /**
     * Returns the executions that have not ended.
     *
     * @return a snapshot
     */
    List<Execution> executions();

    /**
     * Finds an execution that has not ended.
     *
     * @param id its number
     * @return the execution; empty if it has ended or never was
     */
    default Optional<Execution> execution(int id) {
        return executions().stream().filter(execution -> execution.id() == id).findFirst();
    }

    /**
     * Returns whether the sandbox takes commands.
     *
     * @return false from its end or loss on
     */
    boolean isOpen();

    /**
     * Returns why the sandbox ended, once it has.
     *
     * @return completes with the reason, also after {@link #close}; a new future at every call
     */
    CompletableFuture<String> ended();

    /**
     * Ends the machine without regard for what runs in it, waits until it is gone, and leaves nothing. Idempotent. An
     * interrupt does not cut the wait short.
     */
    @Override
    void close();
}
