/** Runs build jobs in throw-away virtual machines: jobs, runners, results, and the interface of a backend. */
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
    exports dev.construir.scratch;

    uses dev.construir.machine.HypervisorProvider;
}
