package dev.construir.libvirt;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DomainLogTest {
    private static final String BEGIN = """
            2026-01-02 03:04:05.678+0000: starting up libvirt version: 9.0.0, qemu version: 7.2.22, hostname: here
            LC_ALL=C \\
            /usr/bin/qemu-system-x86_64 \\
            -name guest=construir-x-0f5c9a4e,debug-threads=on \\
            -msg timestamp=on
            """;

    @TempDir
    Path directory;

    private DomainLog log(String text) throws Exception {
        return new DomainLog(Files.writeString(directory.resolve("x.log"), text));
    }

    @Test
    void quotesQemuAndNotLibvirt() throws Exception {
        DomainLog log = log(BEGIN + """
                2026-01-02 03:04:05.900+0000: Domain id=12 is tainted: high-privileges
                2026-01-02T03:04:06.100000Z qemu-system-x86_64: warning: it gets worse
                **
                ERROR:../block.c:12: assertion failed: (true)
                2026-01-02 03:04:07.000+0000: shutting down, reason=crashed
                """);
        assertThat(log.lastWords())
                .isEqualTo("2026-01-02T03:04:06.100000Z qemu-system-x86_64: warning: it gets worse\n"
                        + "**\nERROR:../block.c:12: assertion failed: (true)");
    }

    @Test
    void hasNothingToQuoteOfASilentOne() throws Exception {
        assertThat(log(BEGIN + "2026-01-02 03:04:07.000+0000: shutting down, reason=destroyed\n")
                        .lastWords())
                .isEmpty();
        assertThat(new DomainLog(directory.resolve("missing")).lastWords()).isEmpty();
    }

    @Test
    void keepsTheEndOfALongOne() throws Exception {
        DomainLog log = log(BEGIN + "first\n" + "x".repeat(1 << 20) + "\nlast\n");
        assertThat(log.lastWords()).hasSize(4096).endsWith("x\nlast");
    }

    @Test
    void isRemovedOnce() throws Exception {
        DomainLog log = log("text");
        log.remove();
        log.remove();
        assertThat(directory).isEmptyDirectory();
    }

    @Test
    void isWhereLibvirtKeepsIt() {
        assertThat(DomainLog.of(URI.create("qemu:///system"), "../x").file())
                .isEqualTo(Path.of("/var/log/libvirt/qemu/..-x.log"));
        assertThat(DomainLog.ofSession(Map.of(), "/home/me")).isEqualTo(Path.of("/home/me/.cache/libvirt/qemu/log"));
        assertThat(DomainLog.ofSession(Map.of("XDG_CACHE_HOME", "/c"), "/home/me"))
                .isEqualTo(Path.of("/c/libvirt/qemu/log"));
    }
}
