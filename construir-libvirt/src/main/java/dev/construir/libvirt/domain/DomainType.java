package dev.construir.libvirt.domain;

/** What executes a guest's instructions. */
public enum DomainType {
    /** The host's hardware, through Linux' KVM. */
    KVM("kvm", "kvm"),
    /** QEMU's own translator. */
    QEMU("qemu", "tcg");

    private final String libvirtName;
    private final String accelerator;

    DomainType(String libvirtName, String accelerator) {
        this.libvirtName = libvirtName;
        this.accelerator = accelerator;
    }

    /**
     * Returns the name of such a domain's type.
     *
     * @return the value of the attribute {@code type}
     */
    public String libvirtName() {
        return libvirtName;
    }

    /**
     * Returns what the QEMU backend calls the same.
     *
     * @return the accelerator's name
     */
    public String accelerator() {
        return accelerator;
    }
}
