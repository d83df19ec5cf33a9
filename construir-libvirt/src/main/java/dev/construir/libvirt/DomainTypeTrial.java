package dev.construir.libvirt;

import dev.construir.DataSize;
import dev.construir.ImageFormat;
import dev.construir.backend.HardwareTrial.Outcome;
import dev.construir.backend.HardwareTrial.Result;
import dev.construir.backend.ProbeGuest;
import dev.construir.libvirt.connection.Connection;
import dev.construir.libvirt.connection.ReconnectingConnection;
import dev.construir.libvirt.domain.DomainType;
import dev.construir.machine.Architecture;
import dev.construir.machine.Boot;
import dev.construir.machine.CacheMode;
import dev.construir.machine.Disk;
import dev.construir.machine.HypervisorException;
import dev.construir.machine.MachineExit;
import dev.construir.machine.MachineListener;
import dev.construir.machine.MachineSpec;
import dev.construir.machine.Network;
import dev.construir.machine.Preference;
import dev.construir.scratch.Scratch;
import dev.construir.scratch.ScratchDirectory;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Runs a guest of a few instructions with libvirt: on the host where machines will run, and as the user who will run
 * them.
 *
 * @param daemon the libvirt
 * @param connection the connection to it
 * @param host what libvirt reports of itself and its host
 * @param scratch where the guest's disk is put
 */
record DomainTypeTrial(ReconnectingConnection daemon, Connection connection, LibvirtHost host, Scratch scratch) {
    /** Runs the guest, for no longer than a limit. */
    Result run(Architecture architecture, DomainType type, Duration limit) throws IOException, InterruptedException {
        try (ScratchDirectory directory = scratch.directory("p")) {
            Path guest = directory.path().resolve("probe");
            ProbeGuest.write(architecture, guest);
            EndListener listener = new EndListener();
            LibvirtStart start =
                    new LibvirtStart(daemon, connection, host, new TypeChoice(type, "it is tried"), scratch);
            try (LibvirtMachine machine = start.start(spec(architecture, guest), listener)) {
                machine.exit().thenAccept(listener::gone).exceptionally(failure -> null);
                boolean passed = listener.passed.get(limit.toMillis(), TimeUnit.MILLISECONDS);
                return new Result(
                        passed ? Outcome.PASSED : Outcome.FAILED,
                        Duration.ofNanos(System.nanoTime() - listener.since),
                        "the machine ended before its guest had done anything");
            } catch (TimeoutException e) {
                return new Result(
                        Outcome.TIMED_OUT,
                        limit,
                        "a guest of a few instructions did not end within " + limit.toMillis() + " ms");
            } catch (HypervisorException e) {
                return new Result(Outcome.FAILED, Duration.ZERO, String.valueOf(e.getMessage()));
            } catch (ExecutionException e) {
                throw new IllegalStateException("the listener does not fail", e);
            }
        }
    }

    // Without a disk an Arm machine would do; one is what every machine has.
    private static MachineSpec spec(Architecture architecture, Path guest) {
        return new MachineSpec(
                "self-test",
                architecture,
                1,
                DataSize.ofMebibytes(64),
                architecture == Architecture.X86_64 ? new Boot.Firmware() : new Boot.Kernel(guest, guest, ""),
                List.of(Disk.copyOnWrite(guest, ImageFormat.RAW)),
                Network.NONE,
                Preference.NEVER,
                Preference.NEVER,
                CacheMode.WRITEBACK);
    }

    /** Waits for what the guest prints, or for power-off on Arm, where it prints nothing. */
    private static final class EndListener implements MachineListener {
        private final CompletableFuture<Boolean> passed = new CompletableFuture<>();
        private final StringBuilder console = new StringBuilder();
        private volatile long since = System.nanoTime();

        @Override
        public void console(ByteBuffer bytes) {
            if (console.length() < ProbeGuest.WORD.length()) {
                console.append(StandardCharsets.ISO_8859_1.decode(bytes));
            }
            if (console.indexOf(ProbeGuest.WORD) >= 0) {
                passed.complete(true);
            }
        }

        @Override
        public void output(ByteBuffer bytes) {}

        @Override
        public void running() {
            since = System.nanoTime();
        }

        void gone(MachineExit how) {
            passed.complete(how instanceof MachineExit.PoweredOff);
        }
    }
}
