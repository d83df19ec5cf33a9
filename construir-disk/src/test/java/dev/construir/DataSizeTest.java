package dev.construir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DataSizeTest {
    @ParameterizedTest
    @CsvSource({
        "0,0",
        "4096,4096",
        "12b,12",
        "1k,1024",
        "512M,536870912",
        "2GiB,2147483648",
        "1gb,1073741824",
        "3T,3298534883328"
    })
    void readsWhatPeopleWrite(String text, long bytes) {
        assertThat(DataSize.parse(text)).isEqualTo(DataSize.ofBytes(bytes));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "G", "-1", "1.5G", "1 G", "1X", "99999999999999999999"})
    void refusesWhatIsNoSize(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> DataSize.parse(text))
                .withMessageContaining(text)
                .withMessageContaining("for example");
    }

    @Test
    void refusesWhatNoLongCanHold() {
        assertThatIllegalArgumentException().isThrownBy(() -> DataSize.parse("9000000000T"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "1", "1023", "1K", "1536M", "1G", "5T", "2048T"})
    void writesWhatItReads(String text) {
        assertThat(DataSize.parse(text)).hasToString(text);
    }

    @Test
    void isNeverNegative() {
        assertThatIllegalArgumentException().isThrownBy(() -> DataSize.ofBytes(-1));
    }
}
