package dev.construir.machine;

import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A network of IPv4 addresses, such as 10.0.2.0/24. Immutable.
 *
 * @since 0.1
 */
public final class Subnet {
    private static final Pattern CIDR = Pattern.compile("(\\d{1,3})\\.(\\d{1,3})\\.(\\d{1,3})\\.(\\d{1,3})/(\\d{1,2})");
    private static final int BITS = 32;
    // Where QEMU's user network puts the host and its own name server, in whatever network.
    private static final int HOST = 0x0202;
    private static final int NAME_SERVER = 0x0203;

    private final int address;
    private final int prefix;

    private Subnet(int address, int prefix) {
        this.address = address;
        this.prefix = prefix;
    }

    /**
     * Returns the network that an address is in.
     *
     * @param address any address of the network, as a number
     * @param prefix how many bits all of its addresses have in common, 0 to 32
     * @return the network
     * @throws IllegalArgumentException if the prefix is out of its range
     */
    public static Subnet of(int address, int prefix) {
        if (prefix < 0 || prefix > BITS) {
            throw new IllegalArgumentException("a prefix has 0 to " + BITS + " bits, not " + prefix);
        }
        return new Subnet(address & mask(prefix), prefix);
    }

    /**
     * Reads a network.
     *
     * @param text its first address and the length of its prefix, as in {@code 10.0.2.0/24}
     * @return the network
     * @throws IllegalArgumentException if that is no network
     */
    public static Subnet parse(String text) {
        Matcher matcher = CIDR.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException(
                    "not a network: \"" + text + "\"; write its first address and prefix, for example 10.0.2.0/24");
        }
        int address = 0;
        for (int i = 1; i <= 4; i++) {
            int part = Integer.parseInt(matcher.group(i));
            if (part > 255) {
                throw new IllegalArgumentException("not a network: \"" + text + "\": " + part + " is above 255");
            }
            address = address << 8 | part;
        }
        Subnet subnet = of(address, Integer.parseInt(matcher.group(5)));
        if (subnet.address != address) {
            throw new IllegalArgumentException("not a network: \"" + text + "\"; its first address is " + subnet);
        }
        return subnet;
    }

    /**
     * Returns the length of the prefix.
     *
     * @return how many bits all addresses have in common
     */
    public int prefix() {
        return prefix;
    }

    /**
     * Returns the first address, which stands for the network.
     *
     * @return four numbers with dots
     */
    public String address() {
        return text(address);
    }

    /**
     * Returns the address at which a guest in this network reaches the host: its gateway.
     *
     * @return 10.0.2.2 in 10.0.2.0/24
     */
    public String host() {
        return text(address | (HOST & ~mask(prefix)));
    }

    /**
     * Returns the address at which a guest in this network finds its name server.
     *
     * @return 10.0.2.3 in 10.0.2.0/24
     */
    public String nameServer() {
        return text(address | (NAME_SERVER & ~mask(prefix)));
    }

    /**
     * Returns whether two networks have addresses in common.
     *
     * @param other another network
     * @return whether they have
     */
    public boolean overlaps(Subnet other) {
        int common = mask(Math.min(prefix, other.prefix));
        return (address & common) == (other.address & common);
    }

    private static int mask(int prefix) {
        return prefix == 0 ? 0 : -1 << (BITS - prefix);
    }

    private static String text(int address) {
        return (address >>> 24) + "." + (address >>> 16 & 255) + "." + (address >>> 8 & 255) + "." + (address & 255);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Subnet subnet && subnet.address == address && subnet.prefix == prefix;
    }

    @Override
    public int hashCode() {
        return Objects.hash(address, prefix);
    }

    @Override
    public String toString() {
        return address() + "/" + prefix;
    }
}
