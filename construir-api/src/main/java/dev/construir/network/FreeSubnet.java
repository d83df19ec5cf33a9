package dev.construir.network;

import dev.construir.machine.MachineSpec;
import dev.construir.machine.Network;
import dev.construir.machine.Subnet;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InterfaceAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Chooses the addresses of a machine's network so that they hide nothing that the host has a route to. Linux shows all
 * of its tables in {@code /proc/net/fib_trie}, or the main one in {@code /proc/net/route}; elsewhere the addresses of
 * the host's own interfaces must do.
 */
public final class FreeSubnet {
    /** What QEMU's user network has always had. */
    public static final Subnet USUAL = Subnet.parse("10.0.2.0/24");

    // In an order that stays, as memory snapshots are made for one of them. The last two are no private networks, for
    // hosts with routes to
    // all of those.
    private static final List<Subnet> CANDIDATES = Stream.of(
                    "10.0.2.0/24",
                    "10.187.66.0/24",
                    "172.29.154.0/24",
                    "192.168.219.0/24",
                    "10.91.138.0/24",
                    "172.21.87.0/24",
                    "192.168.163.0/24",
                    "100.97.154.0/24",
                    "198.18.187.0/24")
            .map(Subnet::parse)
            .toList();
    /** Less is a default route, or half of one as VPNs have it. */
    private static final int SHORTEST_PREFIX = 8;

    private static final Pattern LEAF = Pattern.compile("\\s*\\|-- (\\d{1,3}(?:\\.\\d{1,3}){3})");
    private static final Pattern ROUTE = Pattern.compile("\\s*/(\\d{1,2}) .*");
    private static final int FIELDS = 8;

    private FreeSubnet() {}

    /**
     * Gives a machine that has a network and no addresses for it some that are free on this host.
     *
     * @param spec the machine
     * @return the machine with addresses, or as it is if it needs none
     */
    public static MachineSpec settle(MachineSpec spec) {
        Network network = spec.network();
        return network.outbound() && network.subnet().isEmpty()
                ? spec.withNetwork(Network.outbound(choose(Path.of("/proc/net"))))
                : spec;
    }

    static Subnet choose(Path tables) {
        List<Subnet> taken = taken(tables);
        return CANDIDATES.stream()
                .filter(candidate -> taken.stream().noneMatch(candidate::overlaps))
                .findFirst()
                .orElse(USUAL);
    }

    /** Returns those routes that some candidate overlaps: a router has a million others. */
    private static List<Subnet> taken(Path tables) {
        List<Subnet> taken = new ArrayList<>();
        if (!readTrie(tables.resolve("fib_trie"), taken) && !readTable(tables.resolve("route"), taken)) {
            addInterfaces(taken);
        }
        return taken;
    }

    private static void add(Subnet route, List<Subnet> taken) {
        if (route.prefix() >= SHORTEST_PREFIX && CANDIDATES.stream().anyMatch(route::overlaps)) {
            taken.add(route);
        }
    }

    private static boolean readTrie(Path file, List<Subnet> taken) {
        try (BufferedReader reader = Files.newBufferedReader(file, StandardCharsets.ISO_8859_1)) {
            Optional<String> address = Optional.empty();
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                Matcher leaf = LEAF.matcher(line);
                Matcher route = ROUTE.matcher(line);
                if (leaf.matches()) {
                    address = Optional.of(leaf.group(1));
                } else if (route.matches() && address.isPresent()) {
                    add(Subnet.parse(address.get() + "/" + route.group(1)), taken);
                }
            }
            return true;
        } catch (IOException | IllegalArgumentException e) {
            return false; // no such file, or not of the kind that is known
        }
    }

    // Numbers are as this host has them in memory.
    private static boolean readTable(Path file, List<Subnet> taken) {
        try (BufferedReader reader = Files.newBufferedReader(file, StandardCharsets.ISO_8859_1)) {
            reader.readLine(); // the heading
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                String[] fields = line.strip().split("\\s+");
                if (fields.length >= FIELDS) {
                    int mask = number(fields[7]);
                    add(Subnet.of(number(fields[1]), Integer.bitCount(mask)), taken);
                }
            }
            return true;
        } catch (IOException | IllegalArgumentException e) {
            return false;
        }
    }

    private static int number(String hexadecimal) {
        ByteBuffer bytes = ByteBuffer.allocate(Integer.BYTES).order(java.nio.ByteOrder.nativeOrder());
        bytes.putInt(Integer.parseUnsignedInt(hexadecimal, 16));
        return bytes.order(java.nio.ByteOrder.BIG_ENDIAN).getInt(0);
    }

    private static void addInterfaces(List<Subnet> taken) {
        try {
            NetworkInterface.networkInterfaces()
                    .flatMap(each -> each.getInterfaceAddresses().stream())
                    .filter(each -> each.getAddress() instanceof Inet4Address)
                    .forEach(each -> add(subnet(each), taken));
        } catch (SocketException e) {
            return; // then the usual one it is
        }
    }

    private static Subnet subnet(InterfaceAddress address) {
        int number = ByteBuffer.wrap(address.getAddress().getAddress()).getInt();
        return Subnet.of(number, Math.max(0, Math.min(32, address.getNetworkPrefixLength())));
    }
}
