package dev.construir.examples.documents;

import dev.construir.DataSize;
import dev.construir.ImageFormat;
import dev.construir.job.Job;
import dev.construir.job.Limits;
import dev.construir.job.Resources;
import dev.construir.machine.Architecture;
import dev.construir.machine.Boot;
import dev.construir.machine.CacheMode;
import dev.construir.machine.Disk;
import dev.construir.machine.Hypervisor;
import dev.construir.machine.Machine;
import dev.construir.machine.MachineExit;
import dev.construir.machine.MachineListener;
import dev.construir.machine.MachineSpec;
import dev.construir.machine.Network;
import dev.construir.machine.Preference;
import dev.construir.machine.Subnet;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Holds the examples in the javadoc of machines and of what a job asks of one, so that they compile. */
final class MachineSamples {
    private MachineSamples() {}

    static MachineSpec spec() {
        MachineSpec spec = new MachineSpec(
                "demo",
                Architecture.host(),
                1,
                DataSize.ofMebibytes(256),
                new Boot.Firmware(),
                List.of(Disk.copyOnWrite(Path.of("debian.qcow2"), ImageFormat.QCOW2)),
                Network.NONE,
                Preference.PREFER,
                Preference.NEVER,
                CacheMode.WRITEBACK);
        return spec;
    }

    static void start(Hypervisor hypervisor, MachineSpec spec, MachineListener listener) throws Exception {
        try (Machine machine = hypervisor.start(spec, listener)) {
            MachineExit exit = machine.exit().get(10, TimeUnit.MINUTES);
            System.out.println(exit + ", processor time: " + machine.usage().cpu());
        }
    }

    static void control(Machine machine) throws Exception {
        machine.writeConsole(ByteBuffer.wrap("poweroff\n".getBytes(StandardCharsets.US_ASCII)));
        if (machine.usage().cpu().toMinutes() > 5) {
            machine.kill("used more than 5 minutes of processor time");
        }
    }

    static Job network(Job job) {
        Job online = job.withNetwork(Network.outbound(Subnet.parse("10.99.0.0/24")));
        return online;
    }

    static Limits limits() {
        Limits limits = Limits.DEFAULT.withTotal(Duration.ofMinutes(20)).withIdle(Duration.ofMinutes(2));
        return limits;
    }

    static Resources resources() {
        Resources resources = Resources.DEFAULT.withCpus(4).withMemory(DataSize.ofGibibytes(8));
        return resources;
    }
}
