package dev.construir.command.disk;

import static org.assertj.core.api.Assertions.assertThat;

import dev.construir.disk.Attributes;
import dev.construir.disk.DiskEntry;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ListLineTest {
    @Test
    void looksAsLsDoes() {
        Attributes attributes = new Attributes(0755, 0, 1000, Instant.parse("2026-02-03T04:05:06Z"));
        DiskEntry entry = new DiskEntry("/bin/x", DiskEntry.Kind.FILE, attributes, 1234, 12, 2);
        assertThat(ListLine.of(entry)).isEqualTo("-rwxr-xr-x   2     0  1000         1234 2026-02-03 04:05");
    }

    @ParameterizedTest
    @CsvSource({
        "CHARACTER_DEVICE,c",
        "BLOCK_DEVICE,b",
        "PIPE,p",
        "SOCKET,s",
        "DIRECTORY,d",
        "SYMBOLIC_LINK,l",
        "UNKNOWN,?"
    })
    void theKindComesFirst(DiskEntry.Kind kind, String letter) {
        Attributes attributes = new Attributes(0644, 0, 0, Instant.EPOCH);
        assertThat(ListLine.of(new DiskEntry("/x", kind, attributes, 0, 12, 1))).startsWith(letter + "rw-r--r--");
    }

    @ParameterizedTest
    @CsvSource({
        "0,---------",
        "0644,rw-r--r--",
        "0777,rwxrwxrwx",
        "04755,rwsr-xr-x",
        "02644,rw-r-Sr--",
        "01777,rwxrwxrwt",
        "01000,--------T"
    })
    void writesModes(String octal, String text) {
        assertThat(ListLine.mode(Integer.parseInt(octal, 8))).isEqualTo(text);
    }
}
