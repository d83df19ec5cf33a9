package dev.construir.qemu.accelerator;

import dev.construir.backend.HardwareVerdict;
import dev.construir.machine.Architecture;
import dev.construir.qemu.program.Accelerator;
import dev.construir.qemu.program.Fingerprint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * The hardware virtualisation of a host, as far as it can be judged without using it: a device that is there and opens
 * may still not run a single guest.
 *
 * @param accelerator the accelerator that uses it
 * @param architecture the only guests it can run; empty if this host's architecture is unknown
 * @param device the device that gives access to it; empty where there is none
 */
public record Hardware(Accelerator accelerator, Optional<Architecture> architecture, Optional<Path> device) {
    private static final Set<PosixFilePermission> OF_GROUP =
            Set.of(PosixFilePermission.GROUP_READ, PosixFilePermission.GROUP_WRITE);
    private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");

    /**
     * Returns the hardware of the host this runs on.
     *
     * @return the hardware
     */
    public static Hardware ofHost() {
        Optional<Architecture> architecture = hostArchitecture();
        return System.getProperty("os.name", "").startsWith("Mac")
                ? new Hardware(Accelerator.HVF, architecture, Optional.empty())
                : new Hardware(Accelerator.KVM, architecture, Optional.of(Path.of("/dev/kvm")));
    }

    /**
     * Looks for what rules the hardware out for a guest.
     *
     * @param guest the guest's architecture
     * @return why it cannot be used, or empty if it has to be tried
     */
    Optional<HardwareVerdict> obstacle(Architecture guest) {
        if (!architecture.equals(Optional.of(guest))) {
            return Optional.of(HardwareVerdict.against(
                    "a guest for " + name(guest) + " cannot use this host's hardware, which is "
                            + architecture.map(Hardware::name).orElse("unknown"),
                    ""));
        }
        if (device.isEmpty()) {
            return Optional.empty();
        }
        Path file = device.get();
        if (!Files.exists(file)) {
            return Optional.of(HardwareVerdict.against(
                    file + " does not exist",
                    "enable virtualisation in the host's firmware (or nested virtualisation in its hypervisor),"
                            + " load the kernel module (modprobe kvm_intel or kvm_amd), or give the container the device"
                            + " (--device "
                            + file + ")"));
        }
        if (!Files.isReadable(file) || !Files.isWritable(file)) {
            return Optional.of(HardwareVerdict.against(
                    file + " cannot be opened by " + System.getProperty("user.name", "this user"), access(file)));
        }
        return Optional.empty();
    }

    private static String name(Architecture architecture) {
        return architecture.name().toLowerCase(Locale.ROOT);
    }

    /** Returns a text that changes when what a trial found out may no longer hold. */
    String fingerprint() {
        String boot;
        try {
            boot = Files.readString(BOOT_ID).strip();
        } catch (IOException e) {
            boot = "-";
        }
        return accelerator + " " + boot + " "
                + device.map(Fingerprint::ofDevice).orElse("-") + " " + System.getProperty("user.name", "-") + " "
                + System.getProperty("os.version", "-");
    }

    private static String access(Path device) {
        String user = System.getProperty("user.name", "USER");
        try {
            PosixFileAttributes attributes = Files.readAttributes(device, PosixFileAttributes.class);
            if (attributes.permissions().containsAll(OF_GROUP)) {
                return "join its group, and log in again: usermod -aG "
                        + attributes.group().getName() + " " + user;
            }
        } catch (IOException | UnsupportedOperationException e) {
            return "have root let this user read and write it";
        }
        return "its group may not use it either; have root do: chgrp kvm " + device + " && chmod 660 " + device
                + " && usermod -aG kvm " + user + ", and log in again";
    }

    private static Optional<Architecture> hostArchitecture() {
        try {
            return Optional.of(Architecture.host());
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
