package dev.construir.libvirt.remote;

import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The command that starts ssh to reach the host of a URI {@code qemu+ssh://}, as libvirt's client library reaches it:
 * the same user, port, key and program. A pure function.
 */
public final class SshCommand {
    // Prints the size and the time of each file whose name it receives, and stays until its input ends. No shell parses
    // a
    // name. The login shell of the other host may be any, and is only asked to run the usual one.
    private static final String SCRIPT = "exec sh -c 'while IFS= read -r file && [ -n \"$file\" ]; do"
            + " stat -L -c \"%s %Y\" -- \"$file\" 2>/dev/null || echo none; done; echo ready; exec cat >/dev/null'";

    private SshCommand() {}

    /** A socket of the other host, and the one of this host that its connections come to. */
    public record Forward(Path there, Path here) {}

    /**
     * Returns whether a URI leads to another host by ssh.
     *
     * @param uri which libvirt
     * @return whether its transport is ssh
     */
    public static boolean reaches(URI uri) {
        return uri.getHost() != null && String.valueOf(uri.getScheme()).endsWith("+ssh");
    }

    /**
     * Returns the command.
     *
     * @param uri which libvirt
     * @param forwards the sockets
     * @return the command, the program first
     * @throws IllegalArgumentException if a socket's path has a character that means something else to ssh, or the URI
     *     names no host
     */
    static List<String> of(URI uri, List<Forward> forwards) {
        Map<String, String> parameters = parameters(uri);
        List<String> command = new ArrayList<>();
        command.add(parameters.getOrDefault("command", "ssh"));
        command.addAll(List.of("-T", "-o", "BatchMode=yes", "-o", "ExitOnForwardFailure=yes"));
        command.addAll(List.of("-o", "ConnectTimeout=20", "-o", "ServerAliveInterval=5"));
        if ("1".equals(parameters.get("no_verify"))) {
            command.addAll(List.of("-o", "StrictHostKeyChecking=no"));
        }
        Optional.ofNullable(parameters.get("keyfile")).ifPresent(key -> command.addAll(List.of("-i", key)));
        if (uri.getPort() >= 0) {
            command.addAll(List.of("-p", Integer.toString(uri.getPort())));
        }
        Optional.ofNullable(uri.getUserInfo()).ifPresent(user -> command.addAll(List.of("-l", user)));
        for (Forward forward : forwards) {
            command.addAll(List.of("-R", socket(forward.there) + ":" + socket(forward.here)));
        }
        command.addAll(List.of("--", host(uri), SCRIPT));
        return List.copyOf(command);
    }

    private static String host(URI uri) {
        String host = uri.getHost();
        if (host == null) {
            throw new IllegalArgumentException(uri + " names no host");
        }
        return host.startsWith("[") ? host.substring(1, host.length() - 1) : host; // an IPv6 address
    }

    private static String socket(Path path) {
        String name = path.toString();
        if (name.contains(":") || name.contains("%") || name.contains("${")) {
            throw new IllegalArgumentException(
                    "ssh cannot forward a socket with ':', '%' or '${' in its path: " + path);
        }
        return path.toString();
    }

    private static Map<String, String> parameters(URI uri) {
        Map<String, String> parameters = new HashMap<>();
        String query = uri.getRawQuery();
        for (String parameter : query == null ? new String[0] : query.split("[&;]")) {
            int equals = parameter.indexOf('=');
            if (equals > 0) {
                parameters.put(
                        parameter.substring(0, equals),
                        URLDecoder.decode(parameter.substring(equals + 1).replace("+", "%2B"), StandardCharsets.UTF_8));
            }
        }
        return parameters;
    }
}
