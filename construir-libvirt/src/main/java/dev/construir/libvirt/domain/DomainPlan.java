package dev.construir.libvirt.domain;

import java.nio.file.Path;
import java.util.Optional;
import java.util.UUID;

/**
 * What a domain needs beyond the specification of its machine.
 *
 * @param name the domain's name, unlike that of any other domain
 * @param id the domain's identity
 * @param type what executes the guest
 * @param directory the machine's directory, absolute
 * @param sockets where QEMU finds the sockets
 * @param runAs whom QEMU runs as; empty where libvirt leaves no choice, because all is run by one user
 */
public record DomainPlan(
        String name, UUID id, DomainType type, Path directory, Sockets sockets, Optional<FileOwner> runAs) {
    /** Where QEMU finds the sockets that take a machine's streams. */
    public enum Sockets {
        /** Where this process listens. */
        HERE,
        /** Beside that, on another host, from where connections are brought here. */
        FORWARDED
    }

    /** The most bytes that the path of a Unix socket may have (unix(7), less the zero byte). */
    public static final int LONGEST_SOCKET_PATH = 107;

    /** The name of the socket that takes the console: short, as there is little room. */
    public static final String CONSOLE = "c";
    /** The name of the socket that takes the output. */
    public static final String OUTPUT = "o";
    /** The name of the socket that the sandbox port leads to. */
    public static final String SANDBOX = "s";

    private static final String PREFIX = "construir-";
    private static final int ID_LETTERS = 8;
    private static final int LETTERS = 26;

    /**
     * Names a domain.
     *
     * @param machine the machine's name
     * @param id the domain's identity
     * @return a name that says whose it is and that no other domain has
     */
    public static String name(String machine, UUID id) {
        return (machine.startsWith(PREFIX) ? "" : PREFIX) + machine + "-"
                + id.toString().substring(0, ID_LETTERS);
    }

    /**
     * Returns the socket that QEMU connects its console to.
     *
     * @return its path
     */
    public Path console() {
        return socket(CONSOLE);
    }

    /**
     * Returns the socket that QEMU connects the output port to.
     *
     * @return its path
     */
    public Path output() {
        return socket(OUTPUT);
    }

    /**
     * Returns the socket that QEMU connects the sandbox port to.
     *
     * @return its path
     */
    public Path sandbox() {
        return socket(SANDBOX);
    }

    private Path socket(String name) {
        return directory.resolve(sockets == Sockets.HERE ? name : name + "r");
    }

    /**
     * Returns the file of the layer over a disk.
     *
     * @param disk the disk's index
     * @return its path
     */
    public Path overlay(int disk) {
        return directory.resolve("overlay-" + disk + ".qcow2");
    }

    /**
     * Names a disk as libvirt does.
     *
     * @param disk the disk's index
     * @return {@code vda} for the first; {@code vdaa} comes after {@code vdz}
     */
    public static String target(int disk) {
        StringBuilder letters = new StringBuilder();
        for (int rest = disk; rest >= 0; rest = rest / LETTERS - 1) {
            letters.insert(0, (char) ('a' + rest % LETTERS));
        }
        return "vd" + letters;
    }
}
