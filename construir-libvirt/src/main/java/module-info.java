/**
 * Runs machines with libvirt, as transient domains.
 *
 * <p>The binding declares no module name: {@code libvirt} is the one that Java derives from the name of its file,
 * {@code libvirt-VERSION.jar}, which must keep it on the module path.
 */
module dev.construir.libvirt {
    requires transitive dev.construir.api;
    requires com.sun.jna;
    requires java.xml;
    requires libvirt;
    requires org.slf4j;
    requires static org.jspecify;

    exports dev.construir.libvirt;

    // JNA calls the package's callbacks by reflection.
    opens dev.construir.libvirt.connection to
            com.sun.jna;

    provides dev.construir.machine.HypervisorProvider with
            dev.construir.libvirt.LibvirtHypervisorProvider;
}
