package org.example.libvirt;

import dev.construir.DataSize;
import dev.construir.ImageFormat;
import dev.construir.libvirt.LibvirtHypervisor;
import dev.construir.machine.Architecture;
import dev.construir.machine.Boot;
import dev.construir.machine.CacheMode;
import dev.construir.machine.Disk;
import dev.construir.machine.HypervisorProvider;
import dev.construir.machine.Machine;
import dev.construir.machine.MachineExit;
import dev.construir.machine.MachineListener;
import dev.construir.machine.MachineSpec;
import dev.construir.machine.Network;
import dev.construir.machine.Preference;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Starts a machine on libvirt's simulation of a host, where no guest runs, and kills it: calls and events work as with a daemon. */
public final class Simulate {
    private Simulate() {}

    public static void main(String... arguments) throws Exception {
        Module module = LibvirtHypervisor.class.getModule();
        if (!module.isNamed() || module.getDescriptor().isAutomatic()) {
            throw new IllegalStateException(module + " is no module of its own");
        }
        if (HypervisorProvider.installed().stream().noneMatch(provider -> provider.name().equals("libvirt"))) {
            throw new IllegalStateException("the module system finds no backend libvirt");
        }
        Path directory = Files.createTempDirectory("libvirt");
        Path disk = Files.write(directory.resolve("disk.img"), new byte[1 << 20]);
        try (LibvirtHypervisor hypervisor = LibvirtHypervisor.builder()
                        .uri(URI.create("test:///default"))
                        .scratch(directory.resolve("s"))
                        .build();
                Machine machine = hypervisor.start(spec(disk), new SilentListener())) {
            machine.kill("enough");
            MachineExit exit = machine.exit().get(30, TimeUnit.SECONDS);
            if (!exit.equals(new MachineExit.Killed("enough"))) {
                throw new IllegalStateException("the machine ended in another way: " + exit);
            }
            System.out.println("a machine of " + machine.info().version() + " was killed by " + module);
        }
    }

    private static MachineSpec spec(Path disk) {
        return new MachineSpec(
                "simulated",
                Architecture.X86_64,
                1,
                DataSize.ofMebibytes(64),
                new Boot.Firmware(),
                List.of(Disk.copyOnWrite(disk, ImageFormat.RAW)),
                Network.NONE,
                Preference.NEVER,
                Preference.NEVER,
                CacheMode.WRITEBACK);
    }

    private static final class SilentListener implements MachineListener {
        @Override
        public void console(ByteBuffer bytes) {}

        @Override
        public void output(ByteBuffer bytes) {}

        @Override
        public void running() {}
    }
}
