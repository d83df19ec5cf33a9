/** Runs build jobs in throw-away virtual machines: jobs, runners, disks, results, and the interface of a backend. */
module dev.construir.api {
    requires org.slf4j;
    requires org.tukaani.xz;
    requires static com.sun.jna;
    requires static org.jspecify;

    exports dev.construir;
    exports dev.construir.backend;
    exports dev.construir.disk;
    exports dev.construir.image;
    exports dev.construir.job;
    exports dev.construir.machine;
    exports dev.construir.queue;
    exports dev.construir.run;
    exports dev.construir.scratch;

    uses dev.construir.machine.HypervisorProvider;
}
