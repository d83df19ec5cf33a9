package dev.construir.terminal;

import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.reflect.Constructor;
import java.nio.file.Path;

/**
 * What the launcher opened for this process, by number. It gives stdout as another descriptor, as what the JVM and agents print to theirs must not
 * get among the job's output. Opening /proc/self/fd is not the same: a file would be written from its beginning, and a socket not at all.
 */
public final class InheritedDescriptors {
    private static final int MARK = 16;

    private InheritedDescriptors() {}

    /** Returns stdout: the descriptor that a property names, or none. */
    static OutputStream stdout() {
        String told = System.getProperty("construir.out", "");
        return switch (told) {
            case "" -> new FileOutputStream(FileDescriptor.out);
            case "closed" -> new Closed();
            default -> new FileOutputStream(of(told));
        };
    }

    /** Returns the link to what stdout is, in /proc, which is missing if it was closed. */
    static Path stdoutLink() {
        String told = System.getProperty("construir.out", "");
        return Path.of("/proc/self/fd", told.isEmpty() ? "1" : told);
    }

    /** Ends the process by its own will: the launcher takes any other end for a failure, whatever its code. */
    @SuppressWarnings("StreamResourceLeak") // the process ends
    public static void exit(int code) {
        String told = System.getProperty("construir.mark", "");
        if (!told.isEmpty()) {
            try {
                int unused = new FileInputStream(of(told)).read(new byte[MARK]);
            } catch (IOException e) {
                System.err.println("construir: the launcher cannot be told of the end: " + e.getMessage());
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

    /** A stdout that was closed by whoever started the command. */
    private static final class Closed extends OutputStream {
        @Override
        public void write(int b) throws IOException {
            throw new IOException("it is closed");
        }
    }
}
