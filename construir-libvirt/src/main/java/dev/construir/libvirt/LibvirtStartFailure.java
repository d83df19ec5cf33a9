package dev.construir.libvirt;

import dev.construir.libvirt.connection.LibvirtCallException;
import dev.construir.machine.MachineSpec;
import dev.construir.text.TerminalSafeExcerpt;
import java.util.regex.Pattern;

/** Describes why a machine did not start. */
final class LibvirtStartFailure {
    private static final Pattern LOCK = Pattern.compile("Failed to (?:get .*lock|lock byte)");
    private static final Pattern MEMORY = Pattern.compile("cannot set up guest memory|[Cc]annot allocate memory");
    private static final Pattern RIGHTS = Pattern.compile("Permission denied|[Cc]annot access storage file");
    private static final Pattern NOT_THERE = Pattern.compile(
            "no emulator|[Cc]annot find suitable emulator" + "|could not find capabilities|Cannot check QEMU binary");

    private LibvirtStartFailure() {}

    /**
     * Describes a failure.
     *
     * @param spec the machine
     * @param uri which libvirt was asked
     * @param failure what it answered
     * @return what was tried, what came back without its control characters, and what to do where that is known
     */
    static String describe(MachineSpec spec, String uri, LibvirtCallException failure) {
        String said = String.valueOf(failure.getMessage());
        String cause = cause(spec, failure.kind(), said);
        return "the machine " + spec.name() + " did not start: " + cause + "libvirt at "
                + uri + " said: " + TerminalSafeExcerpt.of(said)
                + (cause.isEmpty() ? "; construir doctor --hypervisor libvirt:" + uri + " tries what works there" : "");
    }

    private static String cause(MachineSpec spec, LibvirtCallException.Kind kind, String said) {
        if (kind == LibvirtCallException.Kind.DENIED) {
            return "this user may not start machines there (join the group libvirt, or use qemu:///session); ";
        }
        if (LOCK.matcher(said).find()) {
            return "one of its disks is in use by another program that may write to it, a virtual machine for example"
                    + " (lsof or fuser show which); end that, or use a copy of the file; ";
        }
        if (MEMORY.matcher(said).find()) {
            return "the host cannot give it " + spec.memory() + " of memory; ask for less, or free some; ";
        }
        if (RIGHTS.matcher(said).find()) {
            return "the user that QEMU runs as may not reach one of its files: every directory above it has to let that"
                    + " user through (namei -l FILE shows them); put the files elsewhere, give others the right to pass"
                    + " (chmod o+x), or use qemu:///session; ";
        }
        return NOT_THERE.matcher(said).find()
                ? "libvirt has no QEMU for " + spec.architecture() + " guests (apt-get install qemu-system-x86, or"
                        + " qemu-system-arm); "
                : "";
    }
}
