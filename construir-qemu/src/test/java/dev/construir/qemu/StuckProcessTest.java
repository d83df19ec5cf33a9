package dev.construir.qemu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.construir.backend.ListeningSocket;
import dev.construir.backend.StreamSockets;
import dev.construir.machine.MachineExit;
import dev.construir.machine.MachineInfo;
import dev.construir.qemu.commandline.MachineFiles;
import dev.construir.qemu.process.KillEscalation;
import dev.construir.qemu.process.QemuProcess;
import dev.construir.scratch.Scratch;
import dev.construir.scratch.ScratchDirectory;
import dev.construir.testkit.RecordingListener;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A process that the kernel does not remove holds nobody up. */
@Timeout(30)
class StuckProcessTest {
    private static final KillEscalation ESCALATION =
            new KillEscalation(Duration.ofMillis(10), Duration.ofMillis(10), Duration.ofMillis(50));

    @TempDir
    Path directory;

    private final RecordingListener listener = new RecordingListener();

    @Test
    void closingAMachineThatOutlivesSigkillReturns() throws Exception {
        StuckProcess stuck = new StuckProcess();
        try (Scratch scratch = Scratch.open(directory.resolve("scratch"), leftover -> {})) {
            ScratchDirectory own = scratch.directory("stuck");
            QemuMachine machine = machine(own, stuck);
            Path near = Files.createSymbolicLink(directory.resolve("near"), own.path()); // a socket's path is short
            try (SocketChannel console = SocketChannel.open(UnixDomainSocketAddress.of(near.resolve("console.sock")))) {
                machine.close();

                assertThat(machine.exit())
                        .isCompletedWithValue(new MachineExit.Lost(
                                "QEMU process " + stuck.pid() + " is still there 50 ms after SIGKILL"));
                assertThat(own.path()).doesNotExist();
                assertSilent(console);
            }
            machine.close();
        } finally {
            stuck.ended.countDown();
        }
    }

    private void assertSilent(SocketChannel console) {
        try {
            console.write(ByteBuffer.wrap(new byte[] {'x'}));
        } catch (IOException e) {
            assertThat(e).hasMessageContaining("Broken pipe"); // nobody reads it any more
        }
        assertThat(listener.consoleBytes()).isZero();
    }

    private QemuMachine machine(ScratchDirectory own, Process process) throws Exception {
        QemuMachine.Parts parts = new QemuMachine.Parts(
                "test-stuck",
                new MachineInfo("qemu", "7.2.0", "tcg", "a test", false, Optional.empty(), List.of("qemu")),
                own,
                ListeningSocket.bind(own.path(), MachineFiles.QMP),
                StreamSockets.bind(own.path(), MachineFiles.CONSOLE, MachineFiles.OUTPUT, MachineFiles.SANDBOX),
                List.of(),
                Optional.empty(),
                Optional.empty(),
                new ExitClassifier(Map.of()),
                QemuProcess.of(process, "test-stuck-stderr"),
                new MachineProcess());
        return new QemuMachine(parts, listener, ESCALATION);
    }

    /** A process that no signal reaches. */
    private static final class StuckProcess extends Process {
        private final CountDownLatch ended = new CountDownLatch(1);

        @Override
        public long pid() {
            return 4_000_000_000L;
        }

        @Override
        public ProcessHandle toHandle() {
            return ProcessHandle.current();
        }

        @Override
        public OutputStream getOutputStream() {
            return OutputStream.nullOutputStream();
        }

        @Override
        public InputStream getInputStream() {
            return InputStream.nullInputStream();
        }

        @Override
        public InputStream getErrorStream() {
            return InputStream.nullInputStream();
        }

        @Override
        public int waitFor() throws InterruptedException {
            ended.await();
            return 137;
        }

        @Override
        public boolean waitFor(long timeout, TimeUnit unit) throws InterruptedException {
            return ended.await(timeout, unit);
        }

        @Override
        public int exitValue() {
            if (ended.getCount() > 0) {
                throw new IllegalThreadStateException();
            }
            return 137;
        }

        @Override
        public boolean isAlive() {
            return ended.getCount() > 0;
        }

        @Override
        public void destroy() {
            // not heeded
        }

        @Override
        public Process destroyForcibly() {
            return this;
        }
    }
}
