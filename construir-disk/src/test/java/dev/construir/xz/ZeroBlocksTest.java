package dev.construir.xz;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import org.junit.jupiter.api.Test;
import org.tukaani.xz.XZInputStream;

class ZeroBlocksTest {
    private static final int SIZE = 1 << 20;

    @Test
    void areCompressedOnceForAllDisks() throws Exception {
        PackedBlock packed = new BlockEncoder(1, SIZE).encodeZeros(SIZE);

        assertThat(new BlockEncoder(1, SIZE).encodeZeros(SIZE)).isSameAs(packed);
        assertThat(new BlockEncoder(1, SIZE).encode(new byte[SIZE], 0, SIZE)).isSameAs(packed);
        assertThat(new BlockEncoder(1, SIZE).encodeZeros(2 * SIZE)).isNotSameAs(packed);
        assertThat(new BlockEncoder(2, SIZE).encodeZeros(SIZE)).isNotSameAs(packed);
        assertThat(new BlockEncoder(1, SIZE / 2).encodeZeros(SIZE).bytes()) // says that it needs a smaller dictionary
                .isNotEqualTo(packed.bytes());
    }

    @Test
    void aWarmCompressorHasThem() throws Exception {
        XzCompressor compressor = new XzCompressor(0, 3 << 19, 1);

        compressor.warmUp();

        int dictionary = BlockEncoder.options(0, 3 << 19).getDictSize();
        int together = (3 << 19) * Compression.zerosTogether(3 << 19);
        assertThat(ZeroBlocks.find(new ZeroBlocks.Kind(0, dictionary, 3 << 19))).isNotNull();
        assertThat(ZeroBlocks.find(new ZeroBlocks.Kind(0, dictionary, together)))
                .isNotNull();
    }

    @Test
    void whatIsKeptUnpacksToZeros() throws Exception {
        ByteArrayOutputStream stream = new ByteArrayOutputStream();
        XzWriter writer = new XzWriter(stream);
        writer.write(new BlockEncoder(1, SIZE).encodeZeros(SIZE));
        writer.write(new BlockEncoder(1, SIZE).encodeZeros(SIZE));
        writer.finish();

        assertThat(new XZInputStream(new ByteArrayInputStream(stream.toByteArray())).readAllBytes())
                .isEqualTo(new byte[2 * SIZE]);
    }

    @Test
    void onlyTheLatestAreKept() {
        PackedBlock block = new PackedBlock(new byte[0], 0, 0);
        for (int i = 0; i < 100; i++) {
            ZeroBlocks.keep(new ZeroBlocks.Kind(9, 1, i), block);
        }

        assertThat(ZeroBlocks.find(new ZeroBlocks.Kind(9, 1, 99))).isSameAs(block);
        assertThat(ZeroBlocks.find(new ZeroBlocks.Kind(9, 1, 0))).isNull();
    }
}
