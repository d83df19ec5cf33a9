package dev.construir.block;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.construir.DiskFormatException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WindowTest {
    private final BlockSource disk = new BytesSource(new byte[] {0, 1, 2, 3, 4, 5, 6, 7});

    @Test
    void showsAPart() throws Exception {
        BlockSource part = new Window(disk, 2, 4);
        assertThat(part.size()).isEqualTo(4);
        assertThat(part.read(1, 3)).containsExactly(3, 4, 5);
        assertThat(part.read(4, 0)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"0,5", "4,1", "-1,1", "9223372036854775807,1"})
    void showsNothingElse(long offset, int length) throws Exception {
        BlockSource part = new Window(disk, 2, 4);
        assertThatThrownBy(() -> part.read(offset, length)).isInstanceOf(DiskFormatException.class);
    }

    @ParameterizedTest
    @CsvSource({"-1,2", "2,-1", "0,9", "8,1", "9223372036854775807,1", "1,9223372036854775807"})
    void isInsideTheDisk(long start, long size) {
        assertThatThrownBy(() -> new Window(disk, start, size)).isInstanceOf(DiskFormatException.class);
    }

    @Test
    void aFileEndsWhereItEnds(@TempDir Path directory) throws Exception {
        try (BlockSource file = new FileSource(Files.write(directory.resolve("disk"), new byte[10]))) {
            assertThat(file.read(7, 3)).hasSize(3);
            assertThatThrownBy(() -> file.read(8, 3)).isInstanceOf(DiskFormatException.class);
            assertThatThrownBy(() -> file.read(-1, 3)).isInstanceOf(DiskFormatException.class);
        }
    }
}
