package dev.construir.testkit;

import dev.construir.machine.MachineExit;
import java.io.IOException;

/**
 * Plays the guest of one machine of a {@link FakeHypervisor}, on a thread of that machine.
 *
 * <pre>{@code
 * FakeGuest panicking = machine -> {
 *     machine.console("construir: ready\n");
 *     machine.console("construir: started " + machine.serial() + "\n");
 *     machine.output("half of the output");
 *     return new MachineExit.Panicked();
 * };
 * }</pre>
 *
 * @since 0.1
 */
@FunctionalInterface
public interface FakeGuest {
    /**
     * Plays a guest that does what the guest contract says: gets ready, runs a job that prints {@code hello} and exits
     * with a status, and powers off.
     *
     * @param exit the job's exit status
     * @return the guest
     */
    static FakeGuest exiting(int exit) {
        return machine -> {
            machine.console("construir: ready\n");
            machine.console("construir: started " + machine.serial() + "\n");
            machine.output("hello\n");
            machine.leaveStatus("run=" + machine.serial() + "\nstate=ended\nexit=" + exit + "\n");
            machine.console("construir: ended " + machine.serial() + "\n");
            return new MachineExit.PoweredOff();
        };
    }

    /**
     * Plays a guest whose job prints nothing, leaves one file and exits with 0. The job disk keeps what else is on it.
     *
     * @param path the file's path on the disk, as {@code "sum.txt"}
     * @param text its content
     * @return the guest
     */
    static FakeGuest leaving(String path, String text) {
        return machine -> {
            machine.console("construir: ready\nconstruir: started " + machine.serial() + "\n");
            machine.write(path, text);
            machine.exited(0);
            machine.console("construir: ended " + machine.serial() + "\n");
            return new MachineExit.PoweredOff();
        };
    }

    /**
     * Plays the guest.
     *
     * @param machine the machine it runs in
     * @return how the machine ends
     * @throws InterruptedException if the machine was killed
     * @throws IOException if the guest could not play its part; the machine dies then
     */
    MachineExit run(FakeMachine machine) throws InterruptedException, IOException;
}
