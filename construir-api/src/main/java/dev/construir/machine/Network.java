package dev.construir.machine;

import java.util.List;
import java.util.Optional;

/**
 * What network a machine has.
 *
 * <pre>{@code
 * Job online = job.withNetwork(Network.outbound(Subnet.parse("10.99.0.0/24")));
 * }</pre>
 *
 * @param outbound whether it has any: outgoing connections through the host; nothing can connect to the machine. The
 *     guest reaches what the host reaches, with QEMU's user-mode network also the services that listen on the host's
 *     loopback only, at {@link Subnet#host}: not for jobs of strangers on a host that has such
 * @param subnet the addresses of the guest's network, which hide what else has them; empty to have the backend choose
 *     some that the host has no route to
 * @since 0.1
 */
public record Network(boolean outbound, Optional<Subnet> subnet) {
    /** No network device at all. */
    public static final Network NONE = new Network(false, Optional.empty());

    /** Outgoing connections, from addresses that the backend chooses. */
    public static final Network OUTBOUND = new Network(true, Optional.empty());

    private static final int SHORTEST = 8;
    private static final int LONGEST = 27; // QEMU's addresses end at .15
    // This host, loopback, link-local, multicast and what is beyond.
    private static final List<Subnet> UNFIT = List.of(
            Subnet.parse("0.0.0.0/8"),
            Subnet.parse("127.0.0.0/8"),
            Subnet.parse("169.254.0.0/16"),
            Subnet.parse("224.0.0.0/3"));

    /**
     * Creates a network.
     *
     * @param outbound see {@link #outbound()}
     * @param subnet see {@link #subnet()}
     * @throws IllegalArgumentException if a subnet is given without connections, or it is no network for machines
     */
    public Network {
        if (subnet.isPresent() && !outbound) {
            throw new IllegalArgumentException("a machine without a network has no addresses");
        }
        subnet.ifPresent(Network::check);
    }

    /**
     * Returns outgoing connections from certain addresses.
     *
     * @param subnet the guest's network, with a prefix of 8 to 27 bits
     * @return the network
     * @throws IllegalArgumentException if that is no network for machines, such as one of loopback addresses
     */
    public static Network outbound(Subnet subnet) {
        return new Network(true, Optional.of(subnet));
    }

    private static void check(Subnet subnet) {
        if (subnet.prefix() < SHORTEST || subnet.prefix() > LONGEST) {
            throw new IllegalArgumentException(
                    "a machine's network has a prefix of " + SHORTEST + " to " + LONGEST + " bits, not " + subnet);
        }
        UNFIT.stream().filter(subnet::overlaps).findFirst().ifPresent(unfit -> {
            throw new IllegalArgumentException(subnet + " is no network for a machine: the addresses of " + unfit
                    + " are reserved; choose a private network, for example 10.99.0.0/24");
        });
    }

    /** Returns {@code none}, {@code outbound} or {@code outbound 10.0.2.0/24}. */
    @Override
    public String toString() {
        return outbound ? "outbound" + subnet.map(addresses -> " " + addresses).orElse("") : "none";
    }
}
