package dev.construir.libvirt.domain;

import dev.construir.machine.Architecture;
import dev.construir.machine.Boot;
import dev.construir.machine.CacheMode;
import dev.construir.machine.Disk;
import dev.construir.machine.MachineSpec;
import dev.construir.machine.Subnet;
import dev.construir.network.FreeSubnet;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import javax.xml.stream.XMLStreamException;

/**
 * The description of a domain, in libvirt's domain XML format (formatdomain in libvirt's documentation). A pure
 * function of the machine's specification and what a domain needs beyond that.
 */
public final class DomainXml {
    // Devices are on the root bus. Behind a bridge each, where libvirt puts them, guests boot more slowly.
    private static final int SERIAL_SLOT = 2;
    private static final int RANDOM_SLOT = 3;
    private static final int NETWORK_SLOT = 4;
    private static final int FIRST_DISK_SLOT = 5;
    private static final int LAST_SLOT = 0x1e; // then come the board's own

    private final MachineSpec spec;
    private final DomainPlan plan;
    private final XmlText xml;

    private DomainXml(MachineSpec spec, DomainPlan plan, XmlText xml) {
        this.spec = spec;
        this.plan = plan;
        this.xml = xml;
    }

    /**
     * Describes a domain.
     *
     * @param spec the machine
     * @param plan what a domain needs beyond that
     * @return the XML document
     * @throws IllegalArgumentException if a path or the kernel's command line has a character that XML cannot carry
     */
    public static String of(MachineSpec spec, DomainPlan plan) {
        return XmlText.of(xml -> new DomainXml(spec, plan, xml).write());
    }

    private void write() throws XMLStreamException {
        xml.element("domain", List.of("type", plan.type().libvirtName()), () -> {
            xml.text("name", plan.name());
            xml.text("uuid", plan.id().toString());
            xml.text("memory", Long.toString(spec.memory().bytes()), "unit", "b");
            xml.text("vcpu", Integer.toString(spec.cpus()));
            xml.element("os", List.of(), this::writeBoot);
            if (spec.architecture() == Architecture.X86_64) { // on Arm it would need firmware
                xml.element("features", List.of(), () -> xml.empty("acpi"));
            }
            writeProcessor();
            xml.text("on_poweroff", "destroy");
            xml.text("on_reboot", "destroy");
            xml.text("on_crash", "preserve"); // until what the guest has printed was read
            xml.element("devices", List.of(), this::writeDevices);
            if (plan.runAs().isPresent()) {
                writeOwner(plan.runAs().get());
            }
        });
    }

    private void writeBoot() throws XMLStreamException {
        boolean x86 = spec.architecture() == Architecture.X86_64;
        xml.text("type", "hvm", "arch", x86 ? "x86_64" : "aarch64", "machine", x86 ? "q35" : "virt");
        if (spec.boot() instanceof Boot.Kernel boot) {
            xml.text("kernel", absolute(boot.kernel()));
            xml.text("initrd", absolute(boot.initrd()));
            xml.text("cmdline", boot.commandLine());
        }
    }

    // Translated, a processor of few features boots faster than one of all.
    private void writeProcessor() throws XMLStreamException {
        if (plan.type() == DomainType.KVM) {
            xml.empty("cpu", "mode", "host-passthrough");
            return;
        }
        xml.element("cpu", List.of("mode", "custom", "match", "exact", "check", "none"), () -> {
            switch (spec.architecture()) {
                case X86_64 -> {
                    xml.text("model", "Nehalem", "fallback", "forbid");
                    xml.empty("feature", "policy", "require", "name", "rdrand");
                }
                case AARCH64 -> xml.text("model", "cortex-a57", "fallback", "forbid");
            }
        });
    }

    private void writeChannel(Path socket, String port) throws XMLStreamException {
        xml.element("channel", List.of("type", "unix"), () -> {
            xml.empty("source", "mode", "connect", "path", socket.toString());
            xml.empty("target", "type", "virtio", "name", port);
        });
    }

    private void writeDevices() throws XMLStreamException {
        for (int i = 0; i < spec.disks().size(); i++) {
            writeDisk(i, spec.disks().get(i));
        }
        xml.empty("controller", "type", "usb", "model", "none");
        xml.element("serial", List.of("type", "unix"), () -> {
            xml.empty("source", "mode", "connect", "path", plan.console().toString());
            xml.empty("target", "port", "0");
        });
        xml.element("controller", List.of("type", "virtio-serial", "index", "0"), () -> writePlace(SERIAL_SLOT));
        writeChannel(plan.output(), MachineSpec.OUTPUT_PORT);
        writeChannel(plan.sandbox(), MachineSpec.SANDBOX_PORT);
        xml.element("rng", List.of("model", "virtio"), () -> {
            xml.empty("backend", "model", "builtin");
            writePlace(RANDOM_SLOT);
        });
        if (spec.architecture() == Architecture.X86_64) {
            xml.empty("panic", "model", "isa");
        }
        xml.empty("memballoon", "model", "none");
        if (spec.network().outbound()) {
            Subnet subnet = spec.network().subnet().orElse(FreeSubnet.USUAL);
            xml.element("interface", List.of("type", "user"), () -> {
                xml.empty(
                        "ip",
                        "family",
                        "ipv4",
                        "address",
                        subnet.address(),
                        "prefix",
                        Integer.toString(subnet.prefix()));
                xml.empty("model", "type", "virtio");
                xml.empty("rom", "enabled", "no");
                writePlace(NETWORK_SLOT);
            });
        }
    }

    private void writeDisk(int index, Disk disk) throws XMLStreamException {
        boolean layered = disk.access() == Disk.Access.COPY_ON_WRITE;
        boolean noFlush = layered || spec.cacheMode() == CacheMode.UNSAFE;
        xml.element("disk", List.of("type", "file", "device", "disk"), () -> {
            xml.empty(
                    "driver",
                    "name",
                    "qemu",
                    "type",
                    layered ? "qcow2" : format(disk),
                    "cache",
                    noFlush ? "unsafe" : "writeback",
                    "discard",
                    disk.discard() ? "unmap" : "ignore");
            xml.empty("source", "file", layered ? plan.overlay(index).toString() : absolute(disk.file()));
            writeBelow(disk, layered);
            xml.empty("target", "dev", DomainPlan.target(index), "bus", "virtio");
            if (disk.serial().isPresent()) {
                xml.text("serial", disk.serial().get());
            }
            if (index == 0 && spec.boot() instanceof Boot.Firmware) {
                xml.empty("boot", "order", "1");
            }
            if (FIRST_DISK_SLOT + index <= LAST_SLOT) {
                writePlace(FIRST_DISK_SLOT + index);
            }
        });
    }

    private void writePlace(int slot) throws XMLStreamException {
        xml.empty("address", "type", "pci", "bus", "0x00", "slot", String.format(Locale.ROOT, "0x%02x", slot));
    }

    // An empty element says that nothing is below: whatever an image says of a backing file by then, none is looked
    // for.
    private void writeBelow(Disk disk, boolean layered) throws XMLStreamException {
        if (!layered) {
            xml.empty("backingStore");
            return;
        }
        xml.element("backingStore", List.of("type", "file"), () -> {
            xml.empty("format", "type", format(disk));
            xml.empty("source", "file", absolute(disk.file()));
            xml.empty("backingStore");
        });
    }

    // QEMU runs as the owner of the machine's files, and no file gets another owner.
    private void writeOwner(FileOwner owner) throws XMLStreamException {
        xml.element(
                "seclabel",
                List.of("type", "static", "model", "dac", "relabel", "no"),
                () -> xml.text("label", "+" + owner.user() + ":+" + owner.group()));
    }

    private static String format(Disk disk) {
        return disk.format().name().toLowerCase(Locale.ROOT);
    }

    private static String absolute(Path file) {
        return file.toAbsolutePath().toString();
    }
}
