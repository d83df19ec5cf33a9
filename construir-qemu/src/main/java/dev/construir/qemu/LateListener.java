package dev.construir.qemu;

import dev.construir.machine.MachineListener;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Stands in for the listener of a machine that is paused: nobody is there yet to hear what it says, and it says nothing. */
final class LateListener implements MachineListener {
    private volatile @Nullable MachineListener listener;

    /** Hands on to this one what is said from now on. */
    void become(MachineListener later) {
        listener = later;
    }

    @Override
    public void console(ByteBuffer bytes) {
        MachineListener hears = listener;
        if (hears != null) {
            hears.console(bytes);
        }
    }

    @Override
    public void output(ByteBuffer bytes) {
        MachineListener hears = listener;
        if (hears != null) {
            hears.output(bytes);
        }
    }

    @Override
    public void running() {
        MachineListener hears = listener;
        if (hears != null) {
            hears.running();
        }
    }
}
