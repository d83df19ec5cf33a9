package dev.construir.machine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NetworkTest {
    @ParameterizedTest
    @CsvSource({
        "10.0.2.0/24,     10.0.2.2,     10.0.2.3",
        "172.16.0.0/16,   172.16.2.2,   172.16.2.3",
        "10.0.0.0/8,      10.0.2.2,     10.0.2.3",
        "192.168.7.32/27, 192.168.7.34, 192.168.7.35"
    })
    void knowsWhereQemuPutsTheHost(String text, String host, String nameServer) {
        Subnet subnet = Subnet.parse(text);
        assertThat(subnet).hasToString(text).isEqualTo(Subnet.parse(text)).hasSameHashCodeAs(Subnet.parse(text));
        assertThat(subnet.host()).isEqualTo(host);
        assertThat(subnet.nameServer()).isEqualTo(nameServer);
        assertThat(Network.outbound(subnet)).hasToString("outbound " + text);
    }

    @ParameterizedTest
    @CsvSource({
        "10.0.2.0/24, 10.0.2.0/24,   true",
        "10.0.2.0/24, 10.0.0.0/8,    true",
        "10.0.2.0/24, 10.0.2.128/25, true",
        "10.0.2.0/24, 10.0.3.0/24,   false",
        "10.0.2.0/24, 0.0.0.0/0,     true",
        "192.0.2.0/24, 128.0.0.0/1,  true",
        "10.0.2.0/24, 128.0.0.0/1,   false"
    })
    void networksOverlap(String one, String other, boolean overlap) {
        assertThat(Subnet.parse(one).overlaps(Subnet.parse(other))).isEqualTo(overlap);
        assertThat(Subnet.parse(other).overlaps(Subnet.parse(one))).isEqualTo(overlap);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "10.0.2.0",
                "10.0.2.0/",
                "10.0.2.0/33",
                "10.0.2.1/24",
                "256.0.0.0/8",
                "10.0.2/24",
                "fec0::/64"
            })
    void noOtherTextIsASubnet(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> Subnet.parse(text));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "10.0.2.0/28",
                "0.0.0.0/0",
                "127.0.0.0/8",
                "127.9.0.0/24",
                "169.254.0.0/24",
                "224.0.0.0/8",
                "0.1.0.0/16"
            })
    void machinesHaveNoSuchNetwork(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> Network.outbound(Subnet.parse(text)));
    }

    @Test
    void noNetworkHasNoAddresses() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Network(false, java.util.Optional.of(Subnet.parse("10.0.2.0/24"))));
        assertThat(Network.NONE).hasToString("none");
        assertThat(Network.OUTBOUND).hasToString("outbound");
    }
}
