package dev.construir.sandbox;

import dev.construir.ConstruirException;
import dev.construir.DataSize;
import dev.construir.machine.CheckpointMismatchException;
import dev.construir.run.Runner;
import dev.construir.store.ArtifactStore;
import dev.construir.store.Durability;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Checkpoints that are kept on disk by their names, for all processes of this user. Immutable, and safe for use by many
 * threads and processes.
 *
 * <pre>{@code
 * CheckpointStore store = CheckpointStore.ofUser();
 * try (Sandbox vm = store.open("postgres-15", runner, SandboxOptions.DEFAULT, fresh -> {
 *     fresh.copyIn(packages, "/tmp/packages");
 *     fresh.sh("dpkg -i /tmp/packages/*.deb").run().orThrow();
 * })) {
 *     vm.exec("psql", "--version").run().orThrow();
 * }
 * }</pre>
 *
 * <p>A checkpoint is published whole or not at all, and only for this user to read. It is forced to the disk, with the
 * digests of its files; before it is used, their stamps are compared with what they were, and the digests where a stamp
 * is another, or the host was started anew. Beyond the limit, those go that were used longest ago; none goes that is in
 * use.
 *
 * @since 0.1
 */
public final class CheckpointStore {
    /** How much room checkpoints may take unless another limit is set. */
    public static final DataSize DEFAULT_LIMIT = DataSize.ofGibibytes(32);

    private static final String KIND = "checkpoint";
    // A letter first, as directories of processes begin with a number.
    private static final Pattern NAME = Pattern.compile("[A-Za-z][A-Za-z0-9._-]{0,99}");

    private final Path directory;
    private final DataSize limit;

    private CheckpointStore(Path directory, DataSize limit) {
        this.directory = directory;
        this.limit = limit;
    }

    /**
     * A checkpoint that is kept.
     *
     * @param name its name
     * @param description the root image and the resources of the sandbox that was saved
     * @param size how much room it takes at most: holes in its files count as well
     * @param used when it was used last, or made
     * @since 0.1
     */
    public record Entry(String name, String description, DataSize size, Instant used) {}

    /**
     * Returns the checkpoints of this user: those in {@code construir/checkpoints} in the directory that the variable
     * {@code XDG_CACHE_HOME} names, or in {@code ~/.cache}.
     *
     * @return a store; its directory is created when a checkpoint is made
     */
    public static CheckpointStore ofUser() {
        String cache = Objects.requireNonNullElse(System.getenv("XDG_CACHE_HOME"), "");
        Path base = cache.isEmpty() ? Path.of(System.getProperty("user.home", ""), ".cache") : Path.of(cache);
        return in(base.resolve("construir").resolve("checkpoints"));
    }

    /**
     * Returns the checkpoints in a directory.
     *
     * @param directory the directory, to which no other user may write; created when a checkpoint is made
     * @return a store
     */
    public static CheckpointStore in(Path directory) {
        return new CheckpointStore(directory.toAbsolutePath().normalize(), DEFAULT_LIMIT);
    }

    /**
     * Returns the same store with another limit.
     *
     * @param newLimit how much room all its checkpoints may take, counted as if their files had no holes; the newest one
     *     stays, however large
     * @return a store
     */
    public CheckpointStore withLimit(DataSize newLimit) {
        return new CheckpointStore(directory, newLimit);
    }

    /**
     * Opens a sandbox that goes on from a checkpoint, which is made first if there is none, it is damaged, or it is of
     * another kind of machine: by another root image, other resources, or a QEMU that was upgraded. One process makes
     * it, while all others who want it wait.
     *
     * @param name the checkpoint's name: 1 to 100 letters, digits, {@code .}, {@code _} and {@code -}, a letter first. A
     *     preparation that does something else needs another name
     * @param runner opens the sandboxes; it needs {@link Runner.Builder#warmStart}
     * @param options of the sandbox that is prepared, and of the one that is returned
     * @param preparation does in a fresh sandbox what the checkpoint is to hold; what it throws, this method throws, and
     *     nothing is kept then
     * @return the sandbox, to be closed by the caller
     * @throws SandboxLostException if a machine ended, or its guest did not answer
     * @throws ConstruirException if a machine could not be started or saved, or the preparation failed
     * @throws IOException if files cannot be read or written, or the preparation failed
     * @throws InterruptedException if the thread was interrupted; nothing is left then
     * @throws IllegalArgumentException if it cannot be a name
     */
    public Sandbox open(String name, Runner runner, SandboxOptions options, Sandbox.User preparation)
            throws ConstruirException, IOException, InterruptedException {
        checkName(name);
        try {
            return openOnce(name, runner, options, preparation);
        } catch (CheckpointMismatchException e) {
            var unused = remove(name);
            return openOnce(name, runner, options, preparation);
        }
    }

    private Sandbox openOnce(String name, Runner runner, SandboxOptions options, Sandbox.User preparation)
            throws ConstruirException, IOException, InterruptedException {
        ArtifactStore.Maker<ConstruirException> maker = saved -> {
            try (MachineSandbox fresh = MachineSandbox.open(RunnerHold.of(runner), options, Optional.empty())) {
                preparation.use(fresh);
                fresh.saveTo(saved);
            }
        };
        try (ArtifactStore artifacts = artifacts();
                ArtifactStore.Lease lease = artifacts.lease(name, describe(runner, options), maker, work -> {})) {
            return MachineSandbox.open(RunnerHold.of(runner), options, Optional.of(lease.directory()));
        }
    }

    /**
     * Finds a checkpoint.
     *
     * @param name its name
     * @param runner opens the sandboxes that go on from it
     * @param options of those sandboxes; their resources and their network must be those of the sandbox that was saved
     * @return the checkpoint, to be closed by the caller: it stays until then, and is kept afterwards; empty if there is
     *     none of that name
     * @throws IOException if it is damaged, or cannot be read
     * @throws InterruptedException if the thread was interrupted
     * @throws IllegalArgumentException if it cannot be a name
     */
    public Optional<Checkpoint> find(String name, Runner runner, SandboxOptions options)
            throws IOException, InterruptedException {
        checkName(name);
        try (ArtifactStore artifacts = artifacts()) {
            return artifacts
                    .find(name, work -> {})
                    .map(lease ->
                            new SandboxCheckpoint(RunnerHold.of(runner), options, lease.directory(), lease::close));
        }
    }

    /**
     * Returns all checkpoints.
     *
     * @return a snapshot, by their names
     * @throws IOException if the directory cannot be read
     */
    public List<Entry> list() throws IOException {
        try (ArtifactStore artifacts = artifacts()) {
            return artifacts.list().stream()
                    .map(entry -> new Entry(entry.name(), String.join(", ", entry.of()), entry.size(), entry.used()))
                    .toList();
        }
    }

    /**
     * Removes a checkpoint. Sandboxes that were opened from it stay.
     *
     * @param name its name
     * @return whether there was one
     * @throws IOException if it is in use, or cannot be removed
     * @throws InterruptedException if the thread was interrupted
     * @throws IllegalArgumentException if it cannot be a name
     */
    public boolean remove(String name) throws IOException, InterruptedException {
        checkName(name);
        try (ArtifactStore artifacts = artifacts()) {
            return artifacts.remove(name);
        }
    }

    /** Keeps a sandbox as it is, in place of the checkpoint of that name. */
    void save(String name, MachineSandbox sandbox, Runner runner, SandboxOptions options)
            throws ConstruirException, IOException, InterruptedException {
        checkName(name);
        try (ArtifactStore artifacts = artifacts()) {
            artifacts.replace(
                    name, describe(runner, options), (ArtifactStore.Maker<ConstruirException>) sandbox::saveTo);
        }
    }

    private ArtifactStore artifacts() {
        return new ArtifactStore(directory, KIND, Durability.DURABLE, limit, Clock.systemUTC());
    }

    private static List<String> describe(Runner runner, SandboxOptions options) {
        String root = runner.root().map(Object::toString).orElse("a root image that its runner does not name");
        return List.of(root, options.resources().toString(), options.network().toString());
    }

    private static void checkName(String name) {
        if (!NAME.matcher(name).matches() || name.endsWith(".lock")) {
            throw new IllegalArgumentException("a checkpoint's name is 1 to 100 letters, digits, '.', '_' and '-', a"
                    + " letter first and not \".lock\" last; \"" + name + "\" is not");
        }
    }

    /** Returns where it is. */
    @Override
    public String toString() {
        return "checkpoints in " + directory;
    }
}
