package dev.construir.disk.write;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OwnerNamesTest {
    @TempDir
    Path etc;

    private OwnerNames names = new OwnerNames(Path.of("/none"));

    @BeforeEach
    void prepare() throws IOException {
        Files.writeString(etc.resolve("passwd"), "root:x:0:0::/:/bin/sh\ndaemon:x:1:1::/:/bin/sh\nodd:x:many:1::/:\n");
        Files.writeString(etc.resolve("group"), "staff:x:50:\n");
        names = new OwnerNames(etc);
    }

    @Test
    void theArchiveIsAskedFirstAndThenTheHost() {
        names.learn("daemon", 4242, "", 0);
        assertThat(names.user("daemon")).hasValue(4242);
        assertThat(names.user("root")).hasValue(0);
        assertThat(names.group("staff")).hasValue(50);
        assertThat(names.user("staff")).isEmpty();
        assertThat(names.user("odd")).isEmpty();
    }

    /** The list is on the disk already. */
    @Test
    void whatAListWasGivenCannotChange() {
        assertThat(names.user("daemon")).hasValue(1);
        names.learn("daemon", 1, "daemon", 4242);
        assertThatThrownBy(() -> names.learn("daemon", 4242, "", 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll("user daemon of number 4242", "that name was 1");
    }

    @Test
    void aNameOfTwoNumbersHasNone() {
        names.learn("builder", 1, "staff", 1);
        names.learn("builder", 2, "staff", 1);
        assertThat(names.user("builder")).isEmpty();
        assertThat(names.group("staff")).hasValue(1);
    }

    /** An archive may have megabytes of them, and any number. */
    @Test
    void onlyNamesThatAUserMayHaveAreKept() {
        String longest = "n".repeat(255);
        names.learn(longest, 7, longest + "n", 8);
        assertThat(names.user(longest)).hasValue(7);
        assertThat(names.group(longest + "n")).isEmpty();
        for (int i = 0; i < 11_000; i++) {
            names.learn("user" + i, i, "", 0);
        }
        assertThat(names.user("user1000")).hasValue(1000);
        assertThat(names.user("user10999")).isEmpty();
        // what the archive says of this one may have been forgotten
        assertThat(names.user("daemon")).isEmpty();
        assertThat(names.group("staff")).hasValue(50);
    }
}
