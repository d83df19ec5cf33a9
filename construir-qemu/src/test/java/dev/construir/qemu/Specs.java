package dev.construir.qemu;

import dev.construir.DataSize;
import dev.construir.ImageFormat;
import dev.construir.machine.Architecture;
import dev.construir.machine.Boot;
import dev.construir.machine.CacheMode;
import dev.construir.machine.Disk;
import dev.construir.machine.MachineSpec;
import dev.construir.machine.Network;
import dev.construir.machine.Preference;
import java.nio.file.Path;
import java.util.List;

/** Specifications for tests. */
final class Specs {
    private Specs() {}

    /** A small machine that boots its first disk by its firmware. */
    static MachineSpec firmware(Disk... disks) {
        return new MachineSpec(
                "test",
                Architecture.X86_64,
                1,
                DataSize.ofMebibytes(64),
                new Boot.Firmware(),
                List.of(disks),
                Network.NONE,
                Preference.NEVER,
                Preference.NEVER,
                CacheMode.WRITEBACK);
    }

    static MachineSpec firmware(Path rawRoot) {
        return firmware(Disk.copyOnWrite(rawRoot, ImageFormat.RAW));
    }

    static MachineSpec with(MachineSpec spec, Preference hardware, Preference warmStart) {
        return new MachineSpec(
                spec.name(),
                spec.architecture(),
                spec.cpus(),
                spec.memory(),
                spec.boot(),
                spec.disks(),
                spec.network(),
                hardware,
                warmStart,
                spec.cacheMode());
    }
}
