package dev.construir.qemu;

import dev.construir.machine.MachineExit;

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
     * @return what was tried, what came back, and what to do where that is known
     */
    static String describe(String name, MachineExit exit, String words, String handshake) {
        if (exit instanceof MachineExit.Died died) {
            if (died.lastWords().contains(LOCK)) {
                return "the machine " + name + " did not start, because one of its disks is in use by another machine: "
                        + died.lastWords();
            }
            return "QEMU ended with status " + died.status() + " before the machine " + name + " ran"
                    + (died.lastWords().isEmpty() ? " and said nothing" : ": " + died.lastWords());
        }
        return "the machine " + name + " did not start: " + handshake
                + (words.isEmpty() ? "; QEMU said nothing" : "; QEMU's last words: " + words);
    }
}
