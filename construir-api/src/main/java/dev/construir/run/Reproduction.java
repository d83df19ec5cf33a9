package dev.construir.run;

import dev.construir.job.Job;
import dev.construir.machine.Boot;
import dev.construir.machine.Disk;
import dev.construir.machine.Hypervisor;
import dev.construir.machine.HypervisorException;
import dev.construir.machine.MachineInfo;
import dev.construir.machine.MachineSpec;
import dev.construir.text.Reason;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;

/**
 * What it takes to look at a run afterwards, and to have its machine once more by hand.
 *
 * @param hypervisor what ran the machine
 * @param spec the machine; its first disk is the root, its second the job's
 */
record Reproduction(Hypervisor hypervisor, MachineSpec spec) {
    private static final String BEFORE = "disk-before.img";
    private static final String AFTER = "disk-after.img";
    private static final String OUTPUT = "output.log";
    private static final String CONSOLE = "console.log";
    private static final String RECORD = "result.txt";
    private static final String SCRIPT = "run";
    private static final Path BY_HAND = Path.of("disk.img"); // where the script makes the disk it uses

    // A copy, so that every start is like the first. It is renamed when it is whole: a machine that still runs keeps
    // its.
    private static final String PREPARATION = """
            #!/bin/sh
            # Starts the machine of %s once more, by hand.
            #
            #   run           with the job's disk as it was before the run (disk-before.img)
            #   run after     with the disk as the run left it (disk-after.img)
            #
            # The machine writes to a copy, disk.img, which is made anew each time and stays for you to examine. What it
            # writes to the root disk is discarded. Its console is this terminal, which also shows what the job prints.
            # No limit applies.
            unset CDPATH
            case $0 in */*) cd -- "${0%%/*}/" || exit 125 ;; esac
            case ${1-before} in
            before | after) ;;
            *) echo "usage: $0 [before|after]" >&2 && exit 125 ;;
            esac
            cp "disk-${1-before}.img" "disk.img.$$" && mv -f "disk.img.$$" disk.img || { rm -f "disk.img.$$" && exit 125; }
            exec %s
            """;

    /** Copies the disk as the run left it. */
    @FunctionalInterface
    interface DiskCopy {
        void to(Path file) throws IOException;
    }

    void write(Path target, JobResult result, DiskCopy after) throws IOException, InterruptedException {
        MachineInfo machine = result.machine()
                .orElseThrow(() ->
                        new IOException("job " + result.job().name() + " cannot be reproduced: no machine ran it ("
                                + result.outcome().describe() + ")"));
        NewDirectory.make(target, directory -> {
            try {
                fill(directory, result, after);
                writeScript(directory.resolve(SCRIPT), machine);
            } catch (IOException e) {
                if (Thread.interrupted()) {
                    throw interrupted(e);
                }
                throw e;
            }
        });
    }

    private static void fill(Path directory, JobResult result, DiskCopy after) throws IOException {
        after.to(directory.resolve(AFTER));
        createDisk(result.job(), directory.resolve(BEFORE));
        write(directory.resolve(OUTPUT), result.output());
        write(directory.resolve(CONSOLE), result.console());
        Files.writeString(directory.resolve(RECORD), RunRecord.of(result));
    }

    static void createDisk(Job job, Path file) throws IOException {
        try {
            job.createDisk(file, job.resources().disk());
        } catch (IOException e) {
            throw new IOException(
                    "the disk of job " + job.name() + " could not be made once more: " + Reason.of(e)
                            + "; see that what it is made from is still there",
                    e);
        }
    }

    private static void write(Path file, OutputTail tail) throws IOException {
        try (OutputStream out = Files.newOutputStream(file)) {
            tail.writeTo(out);
        }
    }

    private void writeScript(Path file, MachineInfo machine) throws IOException, InterruptedException {
        List<String> command;
        try {
            command = hypervisor.debugCommand(byHand(), machine).orElse(List.of());
        } catch (HypervisorException e) {
            throw new IOException("no script can be written that starts the machine by hand: " + e.getMessage(), e);
        }
        if (!command.isEmpty()) {
            String run = spec.disks().get(1).serial().orElseThrow();
            Files.writeString(file, PREPARATION.formatted(run, ShellScript.command(command)));
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
    }

    // The same machine with the script's disk, and otherwise not dependent on where it is started.
    private MachineSpec byHand() {
        Disk root = spec.disks().get(0);
        Disk job = spec.disks().get(1);
        return spec.withBoot(absolute(spec.boot()))
                .withDisks(List.of(root.withFile(root.file().toAbsolutePath()), job.withFile(BY_HAND)));
    }

    private static Boot absolute(Boot boot) {
        return boot instanceof Boot.Kernel kernel
                ? new Boot.Kernel(
                        kernel.kernel().toAbsolutePath(), kernel.initrd().toAbsolutePath(), kernel.commandLine())
                : boot;
    }

    private static InterruptedException interrupted(IOException e) {
        InterruptedException interrupted = new InterruptedException("interrupted while a run was written down");
        interrupted.initCause(e);
        return interrupted;
    }
}
