package dev.construir.network;

import static org.assertj.core.api.Assertions.assertThat;

import dev.construir.machine.Subnet;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FreeSubnetTest {
    private static final Subnet USUAL = Subnet.parse("10.0.2.0/24");

    @TempDir
    Path tables;

    // As Linux writes it, with a table of a policy besides.
    private Subnet withTrie(String... routes) throws IOException {
        StringBuilder trie = new StringBuilder("""
                Main:
                  +-- 0.0.0.0/0 3 0 5
                     |-- 0.0.0.0
                        /0 universe UNICAST
                     +-- 127.0.0.0/8 2 0 2
                        |-- 127.0.0.1
                           /32 host LOCAL
                Id 100:
                """);
        for (String route : routes) {
            String[] parts = route.split("/");
            trie.append("  |-- ")
                    .append(parts[0])
                    .append("\n     /")
                    .append(parts[1])
                    .append(" universe UNICAST\n");
        }
        Files.writeString(tables.resolve("fib_trie"), trie);
        return FreeSubnet.choose(tables);
    }

    @ParameterizedTest
    @ValueSource(strings = {"192.0.2.0/24", "10.0.3.0/24", "0.0.0.0/1", "128.0.0.0/1", "10.0.0.0/7"})
    void keepsTheUsualOneWhereItHidesNothing(String route) throws Exception {
        assertThat(withTrie(route)).isEqualTo(USUAL);
        assertThat(withTrie()).isEqualTo(USUAL);
    }

    @ParameterizedTest
    @ValueSource(strings = {"10.0.2.0/24", "10.0.0.0/16", "10.0.0.0/8", "10.0.2.7/32", "10.0.2.128/25"})
    void takesAnotherWhereTheHostHasARoute(String route) throws Exception {
        assertThat(withTrie(route)).isNotEqualTo(USUAL).matches(subnet -> !subnet.overlaps(Subnet.parse(route)));
    }

    @Test
    void findsOneBesideAllPrivateNetworks() throws Exception {
        Subnet chosen = withTrie("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16");
        assertThat(chosen).hasToString("100.97.154.0/24");
        Subnet last = withTrie("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10");
        assertThat(last).hasToString("198.18.187.0/24");
        assertThat(withTrie("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "198.18.0.0/15"))
                .isEqualTo(USUAL);
    }

    @Test
    void readsTheMainTableWhereThereIsNoOther() throws Exception {
        String heading = "Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT\n";
        String loop = "eth0\t00000000\t" + hexadecimal(0xc0000201) + "\t0003\t0\t0\t0\t00000000\t0\t0\t0\n";
        Files.writeString(tables.resolve("route"), heading + loop);
        assertThat(FreeSubnet.choose(tables)).isEqualTo(USUAL);
        String lan = "eth1\t" + hexadecimal(0x0a000200) + "\t00000000\t0001\t0\t0\t0\t" + hexadecimal(0xffffff00)
                + "\t0\t0\t0\n";
        Files.writeString(tables.resolve("route"), heading + loop + lan);
        assertThat(FreeSubnet.choose(tables)).isNotEqualTo(USUAL);
    }

    private static String hexadecimal(int address) {
        int number = ByteBuffer.allocate(4)
                .putInt(address)
                .order(ByteOrder.nativeOrder())
                .getInt(0);
        return String.format("%08X", number);
    }

    @Test
    void findsSomethingOnAnyHost() throws Exception {
        assertThat(FreeSubnet.choose(tables).prefix()).isEqualTo(24); // by the host's interfaces
        Files.writeString(tables.resolve("fib_trie"), "  |-- 999.0.0.0\n     /24 universe UNICAST\n");
        assertThat(FreeSubnet.choose(tables).prefix()).isEqualTo(24);
    }
}
