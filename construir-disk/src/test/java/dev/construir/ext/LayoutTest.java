package dev.construir.ext;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LayoutTest {
    @Test
    void dividesOneGibibyte() {
        Layout layout = Layout.of(1L << 30);

        assertThat(layout.geometry()).isEqualTo(new Geometry(4096, 262_144, 0, 32_768, 16_384, 256, 32));
        assertThat(layout.geometry().groups()).isEqualTo(8);
        assertThat(layout.geometry().inodes()).isEqualTo(131_072);
        assertThat(layout.descriptorBlocks()).isEqualTo(1);
        assertThat(layout.tableBlocks()).isEqualTo(1024);
        assertThat(layout.blockBitmap(0)).isEqualTo(2);
        assertThat(layout.firstData(0)).isEqualTo(2 + 2 + 1024);
        assertThat(layout.blockBitmap(2)).isEqualTo(2 * 32_768);
    }

    @Test
    void usesSmallBlocksOnSmallDisks() {
        Geometry geometry = Layout.of(64 << 10).geometry();

        assertThat(geometry).isEqualTo(new Geometry(1024, 64, 1, 8192, 32, 256, 32));
    }

    @Test
    void leavesOutAGroupThatWouldHoldNothing() {
        Geometry geometry = Layout.of((128L << 20) + 4096).geometry();

        assertThat(geometry.blocks()).isEqualTo(32_768);
        assertThat(geometry.groups()).isEqualTo(1);
        assertThat(geometry.inodes()).isEqualTo(32_768);
    }

    @ParameterizedTest
    @ValueSource(
            longs = {64 << 10, 1 << 20, 16 << 20, 100_000 * 4096L, 1L << 30, 333_333 * 4096L, 100L << 30, 2L << 40})
    void keepsMetadataInsideItsGroup(long bytes) {
        Layout layout = Layout.of(bytes);
        Geometry geometry = layout.geometry();

        assertThat(geometry.bytes()).isLessThanOrEqualTo(bytes).isGreaterThan(bytes - (130L << 20));
        for (int group = 0; group < geometry.groups(); group++) {
            assertThat(layout.firstData(group)).isLessThan(geometry.groupEnd(group));
        }
    }

    @Test
    void copiesTheSuperblockIntoFewGroups() {
        assertThat(java.util.stream.IntStream.range(0, 130).filter(Layout::hasSuperblock))
                .containsExactly(0, 1, 3, 5, 7, 9, 25, 27, 49, 81, 125);
    }

    @Test
    void refusesWhatIsTooSmallOrTooBig() {
        assertThatThrownBy(() -> Layout.of(60 << 10)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Layout.of(Layout.MAX_BYTES + 4096)).isInstanceOf(IllegalArgumentException.class);
    }
}
