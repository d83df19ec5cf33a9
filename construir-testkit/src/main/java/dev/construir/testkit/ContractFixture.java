package dev.construir.testkit;

import static org.awaitility.Awaitility.await;

import dev.construir.DataSize;
import dev.construir.ImageFormat;
import dev.construir.machine.Architecture;
import dev.construir.machine.Boot;
import dev.construir.machine.CacheMode;
import dev.construir.machine.Disk;
import dev.construir.machine.Hypervisor;
import dev.construir.machine.Machine;
import dev.construir.machine.MachineExit;
import dev.construir.machine.MachineSpec;
import dev.construir.machine.Network;
import dev.construir.machine.Preference;
import dev.construir.machine.Usage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Creates the backend under test and its machines for the suites of {@link HypervisorContract}, and declares what a
 * backend's test overrides.
 */
@Timeout(120)
abstract class ContractFixture {
    static final int PATIENCE_SECONDS = 60;

    /** For the files of one test. */
    @TempDir
    protected Path directory;

    Hypervisor hypervisor;

    /**
     * Creates the backend under test.
     *
     * @param scratch an empty directory for it
     * @return the backend
     * @throws Exception if it cannot be created
     */
    protected abstract Hypervisor createHypervisor(Path scratch) throws Exception;

    /**
     * Makes a raw disk whose firmware-booted guest behaves as asked. {@link BootSector} has one for each behaviour.
     *
     * @param behaviour what the guest does
     * @param file the file to create
     * @throws IOException if it cannot be made
     */
    protected abstract void createRootDisk(GuestBehaviour behaviour, Path file) throws IOException;

    /**
     * Returns whether the backend can type on consoles. By default it can.
     *
     * @return whether {@link Machine#writeConsole} types
     */
    protected boolean canType() {
        return true;
    }

    /**
     * Returns whether the backend measures what a guest reads from and writes to its disks. By default it does.
     *
     * @return whether {@link Usage#diskRead} is ever more than zero
     */
    protected boolean measuresDisks() {
        return true;
    }

    /**
     * Returns whether the backend resumes machines in advance, which get their writable disks at the start. By default
     * it does not.
     *
     * @return whether {@link Hypervisor#prepare} ever returns a machine
     */
    protected boolean preparesMachines() {
        return false;
    }

    /**
     * Returns whether a start may end before a test can interrupt it. By default it may not.
     *
     * @return whether a start takes almost no time
     */
    protected boolean startsAtOnce() {
        return false;
    }

    @BeforeEach
    void open() throws Exception {
        hypervisor = createHypervisor(directory.resolve("scratch"));
    }

    @AfterEach
    void close() {
        hypervisor.close();
    }

    /**
     * Returns a specification of a small machine whose root disk is new.
     *
     * @param behaviour what its guest does
     * @return the specification
     * @throws IOException if its disk cannot be made
     */
    protected MachineSpec spec(GuestBehaviour behaviour) throws IOException {
        Path root = directory.resolve(behaviour + ".img");
        createRootDisk(behaviour, root);
        return new MachineSpec(
                "construir-contract",
                Architecture.host(),
                1,
                DataSize.ofMebibytes(64),
                new Boot.Firmware(),
                List.of(Disk.copyOnWrite(root, ImageFormat.RAW)),
                Network.NONE,
                Preference.NEVER,
                Preference.NEVER,
                CacheMode.WRITEBACK);
    }

    static MachineExit exit(Machine machine) throws Exception {
        return machine.exit().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    static void awaitReady(RecordingListener listener) {
        await().atMost(PATIENCE_SECONDS, TimeUnit.SECONDS)
                .until(() -> listener.console().contains("construir: ready"));
    }

    static ByteBuffer ascii(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
    }

    static long children() {
        return ProcessHandle.current()
                .descendants()
                .filter(ProcessHandle::isAlive)
                .count();
    }
}
