package dev.construir.run;

import dev.construir.DataSize;
import dev.construir.disk.FileSystemInfo;
import dev.construir.disk.read.DiskReader;
import dev.construir.machine.MachineSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What a run that failed may have lacked: memory, room, inodes. Found in what the guest printed and left on its disk,
 * which it may have forged: for users to look at, and never part of an outcome.
 */
final class FailureHints {
    private static final DataSize HARDLY_ANY = DataSize.ofKibibytes(64);
    /** With more than this no Linux is short of memory before it is ready. */
    private static final DataSize PLENTY = DataSize.ofMebibytes(256);

    private static final List<String> KERNEL_OUT_OF_MEMORY = List.of(
            "Out of memory: Killed process", // not that of a control group
            "System is deadlocked on memory",
            "Out of memory and no killable processes",
            "Initramfs unpacking failed",
            "page allocation failure",
            "Cannot allocate memory");

    private final List<String> found = new ArrayList<>();

    private FailureHints() {}

    /**
     * Looks for hints.
     *
     * @param outcome how the job ended
     * @param spec its machine
     * @param output what the job printed
     * @param console what the console showed
     * @return clauses that name what to change; none for a success
     */
    static List<String> of(Outcome outcome, MachineSpec spec, OutputTail output, OutputTail console) {
        FailureHints hints = new FailureHints();
        if (!outcome.isSuccess() && !(outcome instanceof Outcome.Cancelled)) {
            String printed = output.text();
            String shown = console.text();
            hints.memory(outcome, spec.memory(), printed, shown);
            hints.rootDisk(shown);
            hints.jobDisk(spec.disks().get(1).file());
            if (hints.found.isEmpty() && printed.contains("No space left on device")) {
                hints.found.add(
                        "the output says that a disk was full: one of the job's grows with --disk, its inodes with "
                                + "--inodes");
            }
        }
        return List.copyOf(hints.found);
    }

    private void memory(Outcome outcome, DataSize memory, String printed, String shown) {
        boolean dead = outcome instanceof Outcome.GuestCrashed || outcome instanceof Outcome.TimedOut;
        boolean early = dead && !shown.contains(MachineSpec.READY_LINE) && memory.compareTo(PLENTY) < 0;
        if (contains(shown, KERNEL_OUT_OF_MEMORY) || printed.contains("Cannot allocate memory")) {
            found.add("the machine ran out of memory, it has " + memory + ": give it more with --memory");
        } else if (early) {
            found.add("the machine has " + memory
                    + " of memory, which may be too little to boot: try more with --memory");
        }
    }

    private void rootDisk(String shown) {
        if (shown.contains("construir: no inodes left on /\n") || shown.contains("construir: no inodes left on /\r")) {
            found.add("no inodes left on the machine's own disk: write what is many files below /job");
        }
        if (shown.contains("construir: no room left on /\n") || shown.contains("construir: no room left on /\r")) {
            found.add("the machine's own disk is full: write what is large below /job");
        }
    }

    private void jobDisk(Path disk) {
        try (DiskReader reader = DiskReader.open(disk)) {
            FileSystemInfo info = reader.info();
            if (info.freeInodes() == 0) {
                found.add("no inodes left on the job disk: make it larger with --disk, or give it more with --inodes");
            }
            if (info.free().compareTo(HARDLY_ANY) < 0) {
                found.add("the job disk is full: make it larger with --disk");
            }
        } catch (IOException e) {
            // the outcome says what there is to say of a disk that cannot be read
        }
    }

    private static boolean contains(String text, List<String> any) {
        return any.stream().anyMatch(text::contains);
    }
}
