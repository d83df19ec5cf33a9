package dev.construir.disk.read;

import static org.assertj.core.api.Assertions.assertThat;

import dev.construir.ext.DiskPath;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LinkTargetTest {
    @ParameterizedTest
    @CsvSource({
        "a, 0, true",
        "a/b/c, 0, true",
        "./a, 0, true",
        "../a, 1, true",
        "../../a, 2, true",
        "./.././../a, 2, true",
        "..., 0, true",
        "a/., 0, true",
        ".., 1, true",
        ".., 0, false",
        "../../a, 1, false",
        "/a, 5, false",
        "/, 5, false",
        "a/../b, 5, false",
        "a/.., 5, false",
        "'', 5, false"
    })
    void judgesByTheText(String target, int depth, boolean inside) {
        assertThat(LinkTarget.staysInside(DiskPath.utf8(target), depth)).isEqualTo(inside);
    }
}
