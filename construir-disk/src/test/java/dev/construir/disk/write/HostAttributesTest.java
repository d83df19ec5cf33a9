package dev.construir.disk.write;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class HostAttributesTest {
    private static HostAttributes.Found found(String... names) throws Exception {
        List<byte[]> bytes = Stream.of(names)
                .map(name -> name.getBytes(StandardCharsets.ISO_8859_1))
                .toList();
        return HostAttributes.found(bytes, Optional::of);
    }

    @Test
    void namesThatAreNoTextAreLeftOut() throws Exception {
        HostAttributes.Found found = found("user.\u00ff", "user.\u00fe", "user.\u00c3\u00a4", "security.capability");
        assertThat(found.attributes()).containsOnlyKeys("user.\u00e4", "security.capability");
        assertThat(found.leftOut().count()).isEqualTo(2);
        assertThat(found.leftOut().describe()).isEqualTo("user.\u00ff (not UTF-8), user.\u00fe (not UTF-8)");
    }

    @Test
    void theHostsPolicyStaysThereAndThatIsSaid() throws Exception {
        HostAttributes.Found found =
                found("trusted.a", "security.b", "security.selinux", "security.ima", "security.SMACK64EXEC", "btrfs.c");
        assertThat(found.attributes()).isEmpty();
        assertThat(found.leftOut().count()).isEqualTo(3);
        assertThat(found.leftOut().describe())
                .isEqualTo("trusted.a (the host's own), security.b (the host's own), btrfs.c");
    }
}
