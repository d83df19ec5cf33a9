package dev.construir.sandbox;

import dev.construir.job.Limits;
import dev.construir.job.Resources;
import dev.construir.machine.Network;
import dev.construir.run.RunListener;
import java.util.Objects;

/**
 * What a sandbox is like.
 *
 * <pre>{@code
 * SandboxOptions options = SandboxOptions.DEFAULT
 *         .withName("compile")
 *         .withResources(Resources.DEFAULT.withCpus(4))
 *         .withLimits(Limits.DEFAULT.withTotal(Duration.ofMinutes(20)));
 * }</pre>
 *
 * @param name its name in messages, and its host name: 1 to 63 letters, digits and {@code -}, a letter or digit first
 * @param resources processors, memory, and the size of the disk on {@code /job}
 * @param limits how long it may live, boot, and be idle: without traffic on its channel, disks and output and with less
 *     than a tenth of a processor in use; and how much its commands may print in all
 * @param network its network
 * @param listener receives the events of the run that it is
 * @since 0.1
 */
public record SandboxOptions(String name, Resources resources, Limits limits, Network network, RunListener listener) {
    /** Named {@code sandbox}, with the defaults of jobs and without a network or a listener. */
    public static final SandboxOptions DEFAULT =
            new SandboxOptions("sandbox", Resources.DEFAULT, Limits.DEFAULT, Network.NONE, RunListener.NONE);

    /**
     * Creates options.
     *
     * @param name see {@link #name()}
     * @param resources see {@link #resources()}
     * @param limits see {@link #limits()}
     * @param network see {@link #network()}
     * @param listener see {@link #listener()}
     * @throws IllegalArgumentException if the name is no host name
     */
    public SandboxOptions {
        if (!name.matches("[A-Za-z0-9][A-Za-z0-9-]{0,62}")) {
            throw new IllegalArgumentException("a sandbox's name is 1 to 63 letters, digits and '-', the first not '-',"
                    + " as it is also the host name; \"" + name + "\" is not");
        }
        Objects.requireNonNull(resources, "resources");
        Objects.requireNonNull(limits, "limits");
        Objects.requireNonNull(network, "network");
        Objects.requireNonNull(listener, "listener");
    }

    /**
     * Returns these options with another name.
     *
     * @param newName see {@link #name()}
     * @return the options
     * @throws IllegalArgumentException if the name is no host name
     */
    public SandboxOptions withName(String newName) {
        return new SandboxOptions(newName, resources, limits, network, listener);
    }

    /**
     * Returns these options with other resources.
     *
     * @param newResources see {@link #resources()}
     * @return the options
     */
    public SandboxOptions withResources(Resources newResources) {
        return new SandboxOptions(name, newResources, limits, network, listener);
    }

    /**
     * Returns these options with other limits.
     *
     * @param newLimits see {@link #limits()}
     * @return the options
     */
    public SandboxOptions withLimits(Limits newLimits) {
        return new SandboxOptions(name, resources, newLimits, network, listener);
    }

    /**
     * Returns these options with another network.
     *
     * @param newNetwork see {@link #network()}
     * @return the options
     */
    public SandboxOptions withNetwork(Network newNetwork) {
        return new SandboxOptions(name, resources, limits, newNetwork, listener);
    }

    /**
     * Returns these options with another listener.
     *
     * @param newListener see {@link #listener()}
     * @return the options
     */
    public SandboxOptions withListener(RunListener newListener) {
        return new SandboxOptions(name, resources, limits, network, newListener);
    }
}
