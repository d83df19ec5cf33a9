/** Runs build jobs in throw-away virtual machines: jobs, runners, results, and the interface of a backend. */
@SuppressWarnings("module") // what it shows more to is compiled after it
module dev.construir.api {
    requires transitive dev.construir.disk;
    requires org.slf4j;
    requires static org.jspecify;

    exports dev.construir.backend;
    exports dev.construir.image;
    exports dev.construir.job;
    exports dev.construir.machine;
    exports dev.construir.queue;
    exports dev.construir.run;
    exports dev.construir.sandbox;
    exports dev.construir.scratch;
    exports dev.construir.network to
            dev.construir.libvirt,
            dev.construir.qemu;
    exports dev.construir.ownership to
            dev.construir.qemu;
    exports dev.construir.procfs to
            dev.construir.libvirt,
            dev.construir.qemu;
    exports dev.construir.store to
            dev.construir.qemu;

    uses dev.construir.machine.HypervisorProvider;
}
