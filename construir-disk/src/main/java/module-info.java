/** File systems, disk images and archives as files, without a machine. */
@SuppressWarnings("module") // what it shows more to is compiled after it
module dev.construir.disk {
    requires org.slf4j;
    requires org.tukaani.xz;
    requires static com.sun.jna;
    requires static org.jspecify;

    exports dev.construir;
    exports dev.construir.disk;
    exports dev.construir.disk.compress;
    exports dev.construir.disk.edit;
    exports dev.construir.disk.read;
    exports dev.construir.disk.write;
    exports dev.construir.block to
            dev.construir.api,
            dev.construir.qemu;
    exports dev.construir.format to
            dev.construir.api;
    exports dev.construir.qcow2 to
            dev.construir.api;
    exports dev.construir.text to
            dev.construir.api,
            dev.construir.libvirt,
            dev.construir.qemu;
    exports dev.construir.thread to
            dev.construir.api;
}
