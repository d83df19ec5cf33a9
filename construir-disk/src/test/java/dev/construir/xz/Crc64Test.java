package dev.construir.xz;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class Crc64Test {
    /**
     * The first is the check value of CRC-64/XZ in catalogues of such sums; the others are what xz --list -vv says of
     * files with this content.
     */
    @ParameterizedTest
    @CsvSource({
        "123456789, 995dc9bbdf1939fa",
        "'', 0000000000000000",
        "a, 330284772e652b05",
        "'The quick brown fox jumps over the lazy dog', 5b5eb8c2e54aa1c4"
    })
    void isThatOfTheFormat(String text, String crc) {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        assertThat(String.format("%016x", Crc64.of(bytes, bytes.length))).isEqualTo(crc);
    }

    @Test
    void whatIsBehindTheLengthDoesNotCount() {
        byte[] bytes = "1234567890".getBytes(StandardCharsets.US_ASCII);
        assertThat(Crc64.of(bytes, 9)).isEqualTo(0x995d_c9bb_df19_39faL).isNotEqualTo(Crc64.of(bytes, 10));
    }
}
