package dev.construir.libvirt;

import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The log that a libvirt of this host keeps for a domain: QEMU's command line, and then whatever QEMU writes to its
 * standard error. libvirt never removes it, and no two domains have one in common. Where it cannot be read, nothing is
 * known; where it cannot be removed, it stays.
 *
 * @param file the file, which may be missing
 */
record DomainLog(Path file) {
    private static final Logger LOG = LoggerFactory.getLogger(DomainLog.class);
    private static final Path OF_SYSTEM = Path.of("/var/log/libvirt/qemu");
    private static final int READ_BYTES = 16 << 10;
    private static final int KEPT_CHARACTERS = 4 << 10;
    /** QEMU's last argument, which libvirt always passes. */
    private static final String END_OF_COMMAND_LINE = "-msg timestamp=on\n";
    /** What libvirt itself writes. QEMU has another form of time. */
    private static final Pattern OF_LIBVIRT =
            Pattern.compile("\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d\\.\\d+\\+0000: .*");

    /** Finds the log of a domain, for the user that this process runs as. */
    static DomainLog of(URI uri, String domain) {
        boolean session = "/session".equals(uri.getPath()) && !"root".equals(System.getProperty("user.name"));
        Path directory = session ? ofSession(System.getenv(), System.getProperty("user.home", "/")) : OF_SYSTEM;
        return new DomainLog(directory.resolve(domain.replace('/', '-') + ".log"));
    }

    /** Returns the directory of the logs of a user's own libvirt. */
    static Path ofSession(Map<String, String> environment, String home) {
        String cache = environment.getOrDefault("XDG_CACHE_HOME", "");
        return (cache.isEmpty() ? Path.of(home, ".cache") : Path.of(cache)).resolve("libvirt/qemu/log");
    }

    /** Returns the end of what QEMU wrote to its standard error; empty if nothing, or if it cannot be read. */
    String lastWords() {
        String text;
        try {
            text = end();
        } catch (IOException e) {
            LOG.debug("{} cannot be read: {}", file, e.toString());
            return "";
        }
        int begin = text.lastIndexOf(END_OF_COMMAND_LINE);
        String output = (begin < 0 ? text : text.substring(begin + END_OF_COMMAND_LINE.length()))
                .lines()
                .filter(line -> !OF_LIBVIRT.matcher(line).matches())
                .collect(Collectors.joining("\n"))
                .strip();
        return output.substring(Math.max(0, output.length() - KEPT_CHARACTERS));
    }

    private String end() throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            channel.position(Math.max(0, channel.size() - READ_BYTES));
            ByteBuffer bytes = ByteBuffer.allocate(READ_BYTES);
            while (bytes.hasRemaining() && channel.read(bytes) >= 0) {} // until it is full, or the file's end
            return StandardCharsets.UTF_8.decode(bytes.flip()).toString();
        }
    }

    /** Removes it. Idempotent. */
    void remove() {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            LOG.debug("{} stays: {}", file, e.toString());
        }
    }
}
