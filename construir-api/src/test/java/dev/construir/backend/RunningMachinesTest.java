package dev.construir.backend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.construir.machine.Hypervisor;
import dev.construir.machine.HypervisorException;
import dev.construir.machine.Machine;
import dev.construir.machine.MachineExit;
import dev.construir.machine.MachineInfo;
import dev.construir.machine.Usage;
import dev.construir.thread.Uninterrupted;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class RunningMachinesTest {
    private final RunningMachines machines = new RunningMachines();
    private final CountDownLatch starting = new CountDownLatch(1);
    private final CompletableFuture<Object> came = new CompletableFuture<>();
    private final CompletableFuture<Boolean> stillInterrupted = new CompletableFuture<>();

    private Thread inTheBackground(RunningMachines.Starter<Machine> starter) throws InterruptedException {
        Thread thread = new Thread(() -> {
            try {
                came.complete(machines.start("m", () -> {
                    starting.countDown();
                    return starter.start();
                }));
            } catch (HypervisorException | InterruptedException e) {
                came.complete(e);
            }
            stillInterrupted.complete(Thread.currentThread().isInterrupted());
        });
        thread.start();
        starting.await();
        return thread;
    }

    private static Machine sleep() throws InterruptedException {
        Thread.sleep(TimeUnit.MINUTES.toMillis(10));
        return machine();
    }

    private static TestMachine machine() {
        return new TestMachine(new CompletableFuture<>());
    }

    /** A machine that is there until it is killed. */
    private record TestMachine(CompletableFuture<MachineExit> exit) implements Machine {
        @Override
        public MachineInfo info() {
            return new MachineInfo("test", "1", "none", "a test", false, Optional.empty(), List.of());
        }

        @Override
        public Usage usage() {
            return Usage.NONE;
        }

        @Override
        public void writeConsole(ByteBuffer bytes) {
            throw new UnsupportedOperationException("test");
        }

        @Override
        public void kill(String why) {
            exit.complete(new MachineExit.Killed(why));
        }

        @Override
        public void close() {
            kill("closed");
        }
    }

    @Test
    void closingEndsAStartThatWaits() throws Exception {
        inTheBackground(RunningMachinesTest::sleep);
        machines.close();
        assertThat((Exception) came.get())
                .isInstanceOf(HypervisorException.class)
                .hasMessage("the hypervisor was closed while the machine m started");
        assertThat(stillInterrupted.get()).isFalse();
    }

    @Test
    void closingWaitsForAStartThatHeedsNoInterruptAndEndsItsMachine() throws Exception {
        TestMachine machine = machine();
        CompletableFuture<Void> go = new CompletableFuture<>();
        inTheBackground(() -> {
            go.join(); // as libvirt's calls, it goes on
            return machine;
        });
        Thread closes = new Thread(machines::close);
        closes.start();
        closes.join(100);
        assertThat(closes.isAlive()).isTrue();
        go.complete(null);
        closes.join();
        assertThat(came.get()).isInstanceOf(HypervisorException.class);
        assertThat(machine.exit()).isCompletedWithValue(new MachineExit.Killed("closed"));
        assertThat(stillInterrupted.get()).isFalse();
    }

    @Test
    void anInterruptOfSomebodyElseStaysOne() throws Exception {
        inTheBackground(RunningMachinesTest::sleep).interrupt();
        assertThat(came.get()).isInstanceOf(InterruptedException.class);
        machines.close();
    }

    @Test
    void whoStartsAMachineMayCloseAllMeanwhile() {
        TestMachine machine = machine();
        assertThatThrownBy(() -> machines.start("m", () -> {
                    machines.close(); // as a listener may
                    return machine;
                }))
                .isInstanceOf(HypervisorException.class);
        assertThat(machine.exit()).isCompletedWithValue(new MachineExit.Killed("closed"));
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
    }

    @Test
    void closingEndsThoseThatRun() throws Exception {
        TestMachine machine = machine();
        assertThat(machines.start("m", () -> machine)).isSameAs(machine);
        machines.close();
        assertThat(machine.exit()).isCompletedWithValue(new MachineExit.Killed("the hypervisor was closed"));
        assertThatThrownBy(() -> machines.start("late", RunningMachinesTest::machine))
                .isInstanceOf(HypervisorException.class)
                .hasMessage("the hypervisor was closed before the machine late started");
    }

    @Test
    void whileWhatNobodyUsesIsLetGoOfMachinesMayEndAndStartsWait() throws Exception {
        TestMachine other = machine();
        CountDownLatch releasing = new CountDownLatch(1);
        CountDownLatch released = new CountDownLatch(1);
        Hypervisor.Use use = machines.use(() -> {
            releasing.countDown();
            Uninterrupted.run(released::await);
        });
        Thread leaves = new Thread(use::close);
        leaves.start();
        releasing.await();
        machines.use(() -> {}).close(); // waits for nothing
        Thread starts = new Thread(() -> {
            try {
                came.complete(machines.start("m", () -> other));
            } catch (HypervisorException | InterruptedException e) {
                came.complete(e);
            }
        });
        starts.start();
        await().until(() -> starts.getState() == Thread.State.WAITING);
        assertThat(came).isNotDone();
        released.countDown();
        assertThat(came.get()).isSameAs(other);
        leaves.join();
        machines.close();
    }
}
