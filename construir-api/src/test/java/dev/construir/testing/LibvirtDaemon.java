package dev.construir.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/**
 * A libvirt daemon of the tests' own, which shares nothing with one that the host may run: as root a system daemon with
 * directories of its own mounted over the usual ones, as an ordinary user a session daemon with an environment of its
 * own. Either is run under a process that takes in orphans, as where nobody does libvirt waits for the dead.
 */
public final class LibvirtDaemon implements AutoCloseable {
    private static final String SYSTEM = """
            set -eu
            mkdir -p /run/libvirt /var/lib/libvirt /var/cache/libvirt /var/log/libvirt
            mount --bind "$1/etc" /etc/libvirt
            mount --bind "$1/run" /run/libvirt
            mount --bind "$1/lib" /var/lib/libvirt
            mount --bind "$1/log" /var/log/libvirt
            mount --bind "$2" /var/cache/libvirt
            exec tini -s -- libvirtd --pid-file "$1/pid"
            """;
    private static final String SESSION = "exec tini -s -- libvirtd --pid-file \"$1/pid\"";
    // What root in a container can do; the same user as the tests' owns all files.
    private static final String QEMU_CONF = """
            user = "root"
            group = "root"
            dynamic_owner = 0
            remember_owner = 0
            security_driver = "none"
            namespaces = [ ]
            cgroup_controllers = [ ]
            stdio_handler = "file"
            """;

    private final Path directory;
    private final boolean root = "root".equals(System.getProperty("user.name"));
    private Process process;

    private LibvirtDaemon(Path directory) throws IOException {
        this.directory = directory;
        for (String name : List.of("etc", "run/libvirt", "lib", "log", "sockets", "config/libvirt", "data")) {
            Files.createDirectories(directory.resolve(name));
        }
        Files.writeString(directory.resolve("etc/qemu.conf"), QEMU_CONF);
        Files.writeString(directory.resolve("config/libvirt/qemu.conf"), "stdio_handler = \"file\"\n");
        Files.writeString(
                directory.resolve("etc/libvirtd.conf"),
                "unix_sock_dir = \"" + directory.resolve("sockets") + "\"\nauth_unix_rw = \"none\"\n");
        process = launch();
    }

    /**
     * Starts one.
     *
     * @param directory for its files; its path has to be short
     * @return the daemon, to be closed by the caller
     * @throws IOException if it cannot be started; the message says what installs it
     */
    public static LibvirtDaemon start(Path directory) throws IOException {
        LibvirtDaemon daemon = new LibvirtDaemon(directory);
        daemon.awaitReady();
        return daemon;
    }

    /**
     * Starts it again after it was killed.
     *
     * @throws IOException if it cannot be started
     */
    public void restart() throws IOException {
        process = launch();
        awaitReady();
    }

    private void awaitReady() {
        Awaitility.await().atMost(Duration.ofSeconds(20)).until(this::answers);
    }

    private Process launch() throws IOException {
        List<String> command = new ArrayList<>();
        if (root) {
            command.addAll(List.of("unshare", "--mount", "--propagation", "private"));
        }
        // What QEMU can do is asked once, which takes seconds, and kept from one run of the tests to the next.
        String cache = System.getenv()
                .getOrDefault("XDG_CACHE_HOME", directory.resolve("cache").toString());
        Path known = Files.createDirectories(root ? TestImages.cache().resolve("libvirt") : Path.of(cache));
        command.addAll(List.of("sh", "-c", root ? SYSTEM : SESSION, "sh", directory.toString(), known.toString()));
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        directory.resolve("daemon.log").toFile()));
        builder.environment()
                .putAll(Map.of(
                        "XDG_RUNTIME_DIR", directory.resolve("run").toString(),
                        "XDG_CONFIG_HOME", directory.resolve("config").toString(),
                        "XDG_CACHE_HOME", known.toString(),
                        "XDG_DATA_HOME", directory.resolve("data").toString()));
        return builder.start();
    }

    /**
     * Kills the daemon at once. Its machines go on.
     *
     * @throws IOException if it cannot be found
     * @throws InterruptedException if the thread was interrupted
     */
    public void kill() throws IOException, InterruptedException {
        ProcessHandle daemon = ProcessHandle.of(Long.parseLong(
                        Files.readString(directory.resolve("pid")).strip()))
                .orElseThrow();
        daemon.destroyForcibly();
        process.waitFor();
    }

    /**
     * Returns how clients reach it.
     *
     * @return the URI
     */
    public URI uri() {
        return URI.create((root ? "qemu:///system" : "qemu:///session") + "?socket=" + socket());
    }

    /**
     * Asks for the machines it has now.
     *
     * @return their names
     * @throws IOException if it cannot be asked
     * @throws InterruptedException if the thread was interrupted
     */
    public List<String> domains() throws IOException, InterruptedException {
        Process virsh = new ProcessBuilder("virsh", "-c", uri().toString(), "list", "--all", "--name").start();
        String names = new String(virsh.getInputStream().readAllBytes(), UTF_8);
        virsh.waitFor();
        return names.lines().filter(line -> !line.isBlank()).toList();
    }

    private Path socket() {
        return directory.resolve(root ? "sockets/libvirt-sock" : "run/libvirt/libvirt-sock");
    }

    private boolean answers() throws IOException {
        if (!process.isAlive()) {
            throw new IllegalStateException("libvirtd ended at once; src-test-images/setup test-tools installs it:\n"
                    + Files.readString(directory.resolve("daemon.log")));
        }
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            return channel.connect(UnixDomainSocketAddress.of(socket()));
        } catch (IOException e) {
            return false;
        }
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
