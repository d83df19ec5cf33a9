package dev.construir.glob;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.BitSet;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(value = 60, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class GlobTest {
    private static boolean matches(String glob, String path) {
        Glob compiled = Glob.of(glob);
        return compiled.accepts(compiled.step(compiled.start(), path));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ' ',
            value = {
                "a a",
                "/a a",
                "./a a",
                "a/ a",
                "*.o x.o",
                "*.o .o",
                "* .hidden",
                "? ä",
                "? 🚀",
                "a?c abc",
                "a/*/c a/b/c",
                "** a",
                "** a/b/c",
                "a/** a/b/c",
                "**/x x",
                "**/x a/b/x",
                "a/**/x a/x",
                "a/**/x a/b/c/x",
                "a**x a/b/x",
                "**.o a/b.o",
                "[abc] b",
                "[a-c]x bx",
                "[!a-c] d",
                "[^a-c] d",
                "[]a] ]",
                "[a-] -",
                "[\\]] ]",
                "{a,b} b",
                "{a,b}.{c,d} a.d",
                "{a/b,c} a/b",
                "{**/x,y} a/x",
                "{a{b,c},d}e ace",
                "x{,.gz} x",
                "x{,.gz} x.gz",
                "\\*\\{ *{",
                "a} a}",
                "a] a]",
                "a,b a,b",
            })
    void matchesPaths(String glob, String path) {
        assertThat(matches(glob, path)).as("%s of %s", path, glob).isTrue();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ' ',
            value = {
                "a b",
                "a A",
                "a ab",
                "* a/b",
                "?? 🚀",
                "a?c a/c",
                "a[.-0]c a/c",
                "a[!b]c a/c",
                "a/** a",
                "**/x ax",
                "a/*/c a/c",
                "a/*/c a/b/b/c",
                "[a-c] d",
                "[!a-c] b",
                "{a,b} c",
                "{a,b} {a,b}",
                "\\* a",
            })
    void doesNotMatch(String glob, String path) {
        assertThat(matches(glob, path)).as("%s of %s", path, glob).isFalse();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "//|a name is empty, at character 2 of 2",
                "ab[c|the [ has no ], at character 3 of 4",
                "a[]|the [ has no ], at character 2 of 3",
                "{a,b|the { has no }, at character 1 of 4",
                "a{b{c}|the { has no }, at character 2 of 6",
                "a\\|nothing is behind the backslash, at character 2 of 2",
                "[z-a]|the range is upside down, at character 3 of 5",
                "[a/b]|a slash is between [ and ], at character 3 of 5",
                "a//b|a name is empty, at character 3 of 4",
                "../a|\".\" and \"..\" are no names, at character 1 of 4",
                "a/./b|\".\" and \"..\" are no names, at character 3 of 5",
            })
    void saysWhatIsWrongAndWhere(String glob, String message) {
        assertThatThrownBy(() -> Glob.of(glob))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("not a glob: \"" + glob + "\": " + message);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "/", "./"})
    void nothingIsNoGlob(String glob) {
        assertThatThrownBy(() -> Glob.of(glob)).hasMessageContaining("a name is empty");
    }

    @Test
    void tooLongIsNoGlob() {
        assertThat(Glob.of("a".repeat(1000)).text()).hasSize(1000);
        assertThatThrownBy(() -> Glob.of("a".repeat(1001))).hasMessageContaining("more than 1000 characters");
    }

    @Test
    void namesMadeToBacktrackTakeNoTime() {
        // Each of these takes a matcher that goes back longer than the universe lasts.
        String name = "a".repeat(255);
        assertThat(matches("*a".repeat(300) + "b", name)).isFalse();
        assertThat(matches("{a,aa}".repeat(150) + "b", name)).isFalse();
        assertThat(matches("{*,**}".repeat(150) + "b", name)).isFalse();
        assertThat(matches("**/".repeat(300) + "b", "a/".repeat(3000) + "c")).isFalse();
        assertThat(matches("{".repeat(400) + "a" + "}".repeat(400), "a")).isTrue();
        assertThat(matches("{,a}".repeat(240), name.substring(0, 240))).isTrue();
    }

    @Test
    void whatCannotMatchAnyMoreIsKnown() {
        Glob glob = Glob.of("build/*.jar");
        BitSet build = glob.step(glob.start(), "build");
        assertThat(glob.accepts(build)).isFalse();
        assertThat(glob.step(build, "/").isEmpty()).isFalse();
        assertThat(glob.step(build, "s").isEmpty()).isTrue();
        assertThat(glob.step(glob.step(build, "/x.jar"), "/").isEmpty()).isTrue();
    }
}
