package dev.construir.run;

import dev.construir.machine.HypervisorException;
import dev.construir.machine.Machine;
import dev.construir.machine.MachineChannel;
import dev.construir.machine.MachineConnection;
import java.nio.file.Path;

/**
 * A run's machine, as its job sees it.
 *
 * @param machine the machine
 * @param channel its channel
 */
record RunConnection(Machine machine, MachineChannel channel) implements MachineConnection {
    @Override
    public void checkpoint(Path directory) throws HypervisorException, InterruptedException {
        machine.checkpoint(directory);
    }
}
