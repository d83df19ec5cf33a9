package dev.construir.qemu;

import dev.construir.machine.MachineExit;
import dev.construir.machine.MachineSpec;
import dev.construir.qemu.commandline.MachineFiles;
import dev.construir.text.TerminalSafeExcerpt;
import java.util.Optional;
import java.util.regex.Pattern;

/** Describes why a machine did not start. */
final class QemuStartFailure {
    // QEMU's messages (block/file-posix.c, softmmu/physmem.c, util/oslib-posix.c); they depend on who holds which lock
    private static final Pattern LOCK =
            Pattern.compile("Failed to (?:get .*lock|lock byte)|Unexpected error in raw_.*lock");
    private static final Pattern MEMORY = Pattern.compile("cannot set up guest memory|[Cc]annot allocate memory");
    // hw/core/machine-smp.c, hw/i386/x86.c, hw/arm/virt.c, accel/kvm/kvm-all.c
    private static final Pattern PROCESSORS = Pattern.compile(
            "Invalid SMP CPUs|Number of SMP [Cc][Pp][Uu]s requested|current -smp configuration requires");
    private static final Pattern RESOURCES =
            Pattern.compile("Too many open files|Resource temporarily unavailable|qemu_thread_create");

    private QemuStartFailure() {}

    /**
     * Describes a failure.
     *
     * @param spec the machine
     * @param exit how its process ended
     * @param output what QEMU had written by then
     * @param handshake what went wrong on QMP
     * @return what was tried, what came back without its control characters, and what to do where that is known
     */
    static String describe(MachineSpec spec, MachineExit exit, String output, String handshake) {
        if (exit instanceof MachineExit.Died died) {
            String said = died.lastWords();
            TerminalSafeExcerpt last = TerminalSafeExcerpt.of(said);
            return "the machine " + spec.name() + " did not start: " + cause(spec, said) + "QEMU ended with status "
                    + died.status() + (last.isEmpty() ? " and wrote nothing" : ": " + last);
        }
        TerminalSafeExcerpt last = TerminalSafeExcerpt.of(output);
        return "the machine " + spec.name() + " did not start: " + TerminalSafeExcerpt.of(handshake)
                + (last.isEmpty() ? "; QEMU wrote nothing" : "; QEMU's last output: " + last);
    }

    private static String cause(MachineSpec spec, String said) {
        if (LOCK.matcher(said).find()) {
            return disk(spec, said).orElse("one of its disks")
                    + " is in use by another program that may write to it, a virtual machine for example"
                    + " (lsof or fuser show which);"
                    + " end that, or use a copy of the file; ";
        }
        if (MEMORY.matcher(said).find()) {
            return "the host cannot give it " + spec.memory() + " of memory; ask for less, or free some; ";
        }
        if (PROCESSORS.matcher(said).find()) {
            return "it cannot have " + spec.cpus() + " processors here; ask for fewer; ";
        }
        if (RESOURCES.matcher(said).find()) {
            return "this user may not have more open files or processes; raise ulimit -n or ulimit -u; ";
        }
        return "";
    }

    private static Optional<String> disk(MachineSpec spec, String said) {
        for (int i = 0; i < spec.disks().size(); i++) {
            if (said.contains('"' + MachineFiles.node(i) + '"')
                    || said.contains("[" + spec.disks().get(i).file().toAbsolutePath() + "]")) {
                return Optional.of("the disk " + spec.disks().get(i).file());
            }
        }
        return Optional.empty();
    }
}
