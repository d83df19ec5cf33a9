package dev.construir.ext;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class IndirectTreeEncoderTest {
    private static final int BLOCK = 1024;
    private static final int POINTERS = BLOCK / Integer.BYTES;
    private static final long DOUBLE = 12 + POINTERS;
    private static final long TRIPLE = DOUBLE + POINTERS * POINTERS;

    /** Where a level begins, one block of it is enough to take a block of each level. */
    @ParameterizedTest
    @ValueSource(
            longs = {
                1,
                12,
                13,
                DOUBLE,
                DOUBLE + 1,
                DOUBLE + POINTERS,
                DOUBLE + POINTERS + 1,
                TRIPLE,
                TRIPLE + 1,
                TRIPLE + 70_000
            })
    void whatAFileTakesIsKnownBefore(long content) throws Exception {
        AtomicLong next = new AtomicLong(1_000_000);
        FileMap map = IndirectTreeEncoder.of(List.of(new Extent(0, 1, content)), BLOCK, next::incrementAndGet);
        assertThat(IndirectTreeEncoder.most(content, BLOCK))
                .isEqualTo(map.blocks().size());
    }
}
