package dev.construir.libvirt;

/** Something that a machine's own thread does. */
@FunctionalInterface
interface MachineStep {
    void perform() throws InterruptedException;
}
