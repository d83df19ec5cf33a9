package dev.construir.testkit;

import dev.construir.DataSize;
import dev.construir.machine.Hypervisor;
import dev.construir.machine.MachineExit;
import dev.construir.machine.Usage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Nested;

/** The fake keeps the contract that the real backends keep. */
class FakeHypervisorTest {
    @Nested
    class Contract extends HypervisorContract {
        @Override
        protected boolean startsAtOnce() {
            return true;
        }

        @Override
        protected Hypervisor createHypervisor(Path scratch) {
            return new FakeHypervisor(Contract::play);
        }

        @Override
        protected void createRootDisk(GuestBehaviour behaviour, Path file) throws IOException {
            Files.writeString(file, behaviour.name());
        }

        private static MachineExit play(FakeMachine machine) throws InterruptedException, IOException {
            GuestBehaviour behaviour = GuestBehaviour.valueOf(
                    Files.readString(machine.spec().disks().get(0).file()));
            machine.use(used(1));
            machine.console("construir: ready\n");
            return switch (behaviour) {
                case POWER_OFF -> new MachineExit.PoweredOff();
                case RESET -> new MachineExit.Rebooted();
                case HANG -> machine.hang();
                case SPIN -> spin(machine);
                case FLOOD -> flood(machine);
                case ECHO -> echo(machine);
                case PRINT -> {
                    machine.console("x".repeat(65_536));
                    yield new MachineExit.PoweredOff();
                }
            };
        }

        private static Usage used(long cpuNanos) {
            return new Usage(
                    Duration.ofNanos(cpuNanos),
                    Optional.of(DataSize.ofMebibytes(1)),
                    DataSize.ofBytes(512),
                    DataSize.ofBytes(0));
        }

        private static MachineExit spin(FakeMachine machine) throws InterruptedException {
            long begin = System.nanoTime();
            while (!Thread.interrupted()) {
                machine.use(used(1 + System.nanoTime() - begin));
                Thread.onSpinWait();
            }
            throw new InterruptedException();
        }

        private static MachineExit echo(FakeMachine machine) throws InterruptedException {
            for (byte key = machine.readKey(); key != 4; key = machine.readKey()) {
                machine.console(String.valueOf((char) key));
            }
            return new MachineExit.PoweredOff();
        }

        private static MachineExit flood(FakeMachine machine) throws InterruptedException {
            while (!Thread.interrupted()) {
                machine.console("flood ".repeat(1000));
            }
            throw new InterruptedException();
        }
    }
}
