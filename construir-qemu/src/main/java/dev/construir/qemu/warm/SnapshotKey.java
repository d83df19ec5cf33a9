package dev.construir.qemu.warm;

import dev.construir.block.Sha256;
import dev.construir.machine.Boot;
import dev.construir.machine.Disk;
import dev.construir.machine.MachineSpec;
import dev.construir.machine.Preparation;
import dev.construir.qemu.commandline.MachineCommandLine;
import dev.construir.qemu.program.Accelerator;
import dev.construir.qemu.program.QemuProgram;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Everything that a memory snapshot depends on.
 *
 * @param name a digest of it all, in hexadecimal digits
 * @param parts all of it, as readable text
 */
public record SnapshotKey(String name, List<String> parts) {
    // Raised whenever what is in an image, or how one is made, changes.
    private static final int SCHEMA = 1;
    private static final int NAME_LENGTH = 32;

    /**
     * Copies the parts.
     *
     * @param name see {@link #name()}
     * @param parts see {@link #parts()}
     */
    public SnapshotKey {
        parts = List.copyOf(parts);
    }

    /**
     * Returns the key of the images that a machine may be resumed from: of the arguments that QEMU is started with to
     * boot what is saved, with each file's content in place of its name, of QEMU itself, and of the host's processor.
     *
     * @param spec the machine, with placeholders in place of its own disks
     * @param program QEMU
     * @param accelerator what executes the guest
     * @param digests the contents of files
     * @param progress receives which file is being read, if one is
     * @return the key
     * @throws IOException if a file cannot be read
     * @throws InterruptedException if the thread was interrupted
     */
    public static SnapshotKey of(
            MachineSpec spec,
            QemuProgram program,
            Accelerator accelerator,
            ContentDigests digests,
            Consumer<? super Preparation> progress)
            throws IOException, InterruptedException {
        List<String> parts = new ArrayList<>();
        parts.add("schema " + SCHEMA);
        parts.add(program.fingerprint());
        parts.add(program.capabilities().version());
        parts.add(HostProcessor.describe());
        parts.addAll(MachineCommandLine.of(
                byContent(spec, digests, progress),
                program,
                accelerator,
                "image",
                new MemorySnapshot(Path.of("/")).toBeSaved()));
        Sha256 digest = new Sha256();
        for (String part : parts) {
            byte[] bytes = (part + "\0").getBytes(StandardCharsets.UTF_8);
            digest.update(bytes, 0, bytes.length);
        }
        return new SnapshotKey(digest.finish().substring(0, NAME_LENGTH), parts);
    }

    private static MachineSpec byContent(
            MachineSpec spec, ContentDigests digests, Consumer<? super Preparation> progress)
            throws IOException, InterruptedException {
        List<Disk> disks = new ArrayList<>();
        for (Disk disk : spec.disks()) {
            disks.add(disk.withFile(
                    disk.access() == Disk.Access.COPY_ON_WRITE
                            ? Path.of("/" + digests.of(disk.file(), progress))
                            : Path.of("/stand-in")));
        }
        Boot boot = spec.boot();
        if (boot instanceof Boot.Kernel kernel) {
            boot = new Boot.Kernel(
                    Path.of("/" + digests.of(kernel.kernel(), progress)),
                    Path.of("/" + digests.of(kernel.initrd(), progress)),
                    kernel.commandLine());
        }
        return spec.withName("image").withBoot(boot).withDisks(disks);
    }
}
