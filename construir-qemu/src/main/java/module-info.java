/** Runs machines with QEMU, one process each. */
module dev.construir.qemu {
    requires transitive dev.construir.api;
    requires com.google.gson;
    requires jdk.jfr;
    requires org.slf4j;
    requires static org.jspecify;

    exports dev.construir.qemu;

    provides dev.construir.machine.HypervisorProvider with
            dev.construir.qemu.QemuHypervisorProvider;
}
