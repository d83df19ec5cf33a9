/** Runs jobs with whatever backend is there. */
module org.example.modules {
    requires dev.construir.api;
    requires dev.construir.qemu;
}
