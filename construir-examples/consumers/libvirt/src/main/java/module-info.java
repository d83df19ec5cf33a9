/** Runs machines with libvirt. */
module org.example.libvirt {
    requires dev.construir.libvirt;
}
