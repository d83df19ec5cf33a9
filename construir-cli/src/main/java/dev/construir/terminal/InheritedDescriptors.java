package dev.construir.terminal;

import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.reflect.Constructor;
import java.nio.file.Path;

/**
 * What the launcher opened for this process, by number. It gives stdout as another descriptor, as what the JVM and
 * agents print to theirs must not get among the job's output. Opening /proc/self/fd is not the same: a file would be
 * written from its beginning, and a socket not at all.
 */
public final class InheritedDescriptors {
    private static final int MARK = 16;

    private InheritedDescriptors() {}

    /** Returns stdout: the descriptor that a property names, or none. */
    static OutputStream stdout() {
        String value = System.getProperty("construir.out", "");
        return switch (value) {
            case "" -> new FileOutputStream(FileDescriptor.out);
            case "closed" -> new Closed();
            default -> new FileOutputStream(of(value));
        };
    }

    /** Returns the link to what stdout is, in /proc, which is missing if it was closed. */
    static Path stdoutLink() {
        String value = System.getProperty("construir.out", "");
        return Path.of("/proc/self/fd", value.isEmpty() ? "1" : value);
    }

    /** Ends the process by its own will: the launcher takes any other end for a failure, whatever its code. */
    @SuppressWarnings("StreamResourceLeak") // the process ends
    public static void exit(int code) {
        String value = System.getProperty("construir.mark", "");
        if (!value.isEmpty()) {
            try {
                int unused = new FileInputStream(of(value)).read(new byte[MARK]);
            } catch (IOException e) {
                System.err.println("construir: the end cannot be reported to the launcher: " + e.getMessage());
            }
        }
        System.exit(code);
    }

    private static FileDescriptor of(String number) {
        try {
            Constructor<FileDescriptor> constructor = FileDescriptor.class.getDeclaredConstructor(int.class);
            constructor.setAccessible(true); // the jar's manifest opens java.io
            return constructor.newInstance(Integer.parseInt(number));
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("this Java opens no descriptors; use Java 17 to 25", e);
        }
    }

    /** A stdout that was closed before the command started. */
    private static final class Closed extends OutputStream {
        @Override
        public void write(int b) throws IOException {
            throw new IOException("it is closed");
        }
    }
}
