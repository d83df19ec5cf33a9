package dev.construir.qemu;

import dev.construir.machine.MachineExit;
import dev.construir.machine.Quotation;

/** Says why a machine did not start. */
final class StartFailure {
    private static final String LOCK = "Failed to get \"write\" lock";

    private StartFailure() {}

    /**
     * Describes a failure.
     *
     * @param name the machine's name
     * @param exit how its process ended
     * @param words what QEMU had written by then
     * @param handshake what went wrong on QMP
     * @return what was tried, what came back without its control characters, and what to do where that is known
     */
    static String describe(String name, MachineExit exit, String words, String handshake) {
        if (exit instanceof MachineExit.Died died) {
            Quotation last = Quotation.of(died.lastWords());
            if (died.lastWords().contains(LOCK)) {
                return "the machine " + name + " did not start, because one of its disks is in use by another machine: "
                        + last;
            }
            return "QEMU ended with status " + died.status() + " before the machine " + name + " ran"
                    + (last.isEmpty() ? " and said nothing" : ": " + last);
        }
        Quotation last = Quotation.of(words);
        return "the machine " + name + " did not start: " + Quotation.of(handshake)
                + (last.isEmpty() ? "; QEMU said nothing" : "; QEMU's last words: " + last);
    }
}
