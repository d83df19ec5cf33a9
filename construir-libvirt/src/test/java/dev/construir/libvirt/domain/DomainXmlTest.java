package dev.construir.libvirt.domain;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.construir.DataSize;
import dev.construir.ImageFormat;
import dev.construir.machine.Architecture;
import dev.construir.machine.Boot;
import dev.construir.machine.CacheMode;
import dev.construir.machine.Disk;
import dev.construir.machine.MachineSpec;
import dev.construir.machine.Network;
import dev.construir.machine.Preference;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DomainXmlTest {
    private static final UUID ID = UUID.fromString("0f5c9a4e-5d3c-4a3e-9a57-6f1f0e0d2b11");
    private static final Path DIRECTORY = Path.of("/scratch/m-1");
    private static final Boot KERNEL =
            new Boot.Kernel(Path.of("/i/vmlinuz"), Path.of("/i/initrd"), "console=ttyS0 quiet");
    private static final List<Disk> DISKS = List.of(
            Disk.copyOnWrite(Path.of("/i/root.qcow2"), ImageFormat.QCOW2),
            Disk.writable(Path.of("/runs/job.img"), "job-0123456789ab"));

    private static String describe(
            Architecture architecture, Boot boot, List<Disk> disks, Network network, DomainPlan plan) {
        return DomainXml.of(
                new MachineSpec(
                        "construir-job-0123456789ab",
                        architecture,
                        2,
                        DataSize.ofMebibytes(512),
                        boot,
                        disks,
                        network,
                        Preference.PREFER,
                        Preference.NEVER,
                        !network.outbound() ? CacheMode.UNSAFE : CacheMode.WRITEBACK),
                plan);
    }

    private static DomainPlan plan(DomainType type, Optional<FileOwner> owner) {
        return new DomainPlan(
                DomainPlan.name("construir-job-0123456789ab", ID), ID, type, DIRECTORY, DomainPlan.Sockets.HERE, owner);
    }

    private static String golden(String name) throws IOException {
        try (InputStream in = Objects.requireNonNull(DomainXmlTest.class.getResourceAsStream(name), name)) {
            return new String(in.readAllBytes(), UTF_8);
        }
    }

    @Test
    void describesAMachineThatBootsAKernel() throws Exception {
        DomainPlan plan = plan(DomainType.QEMU, Optional.of(new FileOwner(1000, 1001)));
        assertThat(describe(Architecture.X86_64, KERNEL, DISKS, Network.NONE, plan))
                .isEqualTo(golden("kernel.xml"));
    }

    @Test
    void describesAMachineThatBootsItsDiskByHardware() throws Exception {
        List<Disk> disk = List.of(Disk.copyOnWrite(Path.of("/i/disk.img"), ImageFormat.RAW));
        DomainPlan plan = plan(DomainType.KVM, Optional.empty());
        assertThat(describe(Architecture.X86_64, new Boot.Firmware(), disk, Network.OUTBOUND, plan))
                .isEqualTo(golden("firmware.xml"));
    }

    @Test
    void describesAnArmMachine() throws Exception {
        DomainPlan plan = plan(DomainType.QEMU, Optional.empty());
        assertThat(describe(Architecture.AARCH64, KERNEL, DISKS, Network.NONE, plan))
                .isEqualTo(golden("aarch64.xml"));
    }

    @Test
    void escapesWhatOthersChose() {
        Boot boot = new Boot.Kernel(
                Path.of("/i/<kernel>&\"'"), Path.of("/i/]]>"), "</cmdline><evil a='b'/>&amp; \u00e4 \ud83d\ude00");
        List<Disk> disk = List.of(Disk.copyOnWrite(Path.of("/i/'/><evil/>\"&"), ImageFormat.RAW));
        DomainPlan plan = plan(DomainType.QEMU, Optional.empty());
        assertThat(describe(Architecture.X86_64, boot, disk, Network.NONE, plan))
                .contains("<kernel>/i/&lt;kernel&gt;&amp;\"'</kernel>")
                .contains("&lt;/cmdline&gt;&lt;evil a='b'/&gt;&amp;amp; \u00e4 \ud83d\ude00")
                .contains("file=\"/i/'/&gt;&lt;evil/&gt;&quot;&amp;\"")
                .doesNotContain("<evil");
    }

    @ParameterizedTest
    @ValueSource(strings = {"\u0000", "\n", "\t", "\u001b", "\u007f", "\ufffe", "\ud800"})
    void refusesWhatXmlCannotCarry(String character) {
        Boot boot = new Boot.Kernel(Path.of("/i/vmlinuz"), Path.of("/i/initrd"), "a" + character + "b");
        DomainPlan plan = plan(DomainType.QEMU, Optional.empty());
        assertThatThrownBy(() -> describe(Architecture.X86_64, boot, DISKS, Network.NONE, plan))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("control character");
    }

    @Test
    void namesDisksAsLibvirtDoes() {
        assertThat(List.of(
                        DomainPlan.target(0),
                        DomainPlan.target(25),
                        DomainPlan.target(26),
                        DomainPlan.target(701),
                        DomainPlan.target(702)))
                .containsExactly("vda", "vdz", "vdaa", "vdzz", "vdaaa");
    }

    @Test
    void namesDomainsSoThatTheyAreTold() {
        assertThat(DomainPlan.name("construir-job-1", ID)).isEqualTo("construir-job-1-0f5c9a4e");
        assertThat(DomainPlan.name("mine", ID)).isEqualTo("construir-mine-0f5c9a4e");
    }
}
