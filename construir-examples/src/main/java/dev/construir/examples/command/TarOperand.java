package dev.construir.examples.command;

import dev.construir.Reason;
import dev.construir.disk.DiskBuilder;
import java.io.EOFException;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import org.tukaani.xz.XZIOException;
import org.tukaani.xz.XZInputStream;

/** A tar archive that an operand names: a file, compressed or not as its name says, or the standard input. */
record TarOperand(String name) {
    private static final String STDIN = "-";
    private static final Set<String> PLAIN = Set.of(".tar");
    private static final Set<String> GZIP = Set.of(".tar.gz", ".tgz");
    private static final Set<String> XZ = Set.of(".tar.xz", ".txz");
    private static final int XZ_MEMORY_KIB = 128 << 10; // xz -9 takes 65 MiB
    private static final int BUFFER = 64 << 10;

    /** Tells whether an operand names an archive, if it names no directory. */
    static boolean isMeant(String operand) {
        return operand.equals(STDIN) || endsIn(operand, PLAIN) || endsIn(operand, GZIP) || endsIn(operand, XZ);
    }

    private static boolean endsIn(String name, Set<String> endings) {
        return endings.stream().anyMatch(name::endsWith);
    }

    void writeTo(DiskBuilder disk, InputStream stdin) throws IOException {
        if (name.equals(STDIN)) {
            disk.tar("/", interruptible(stdin));
            return;
        }
        try (InputStream file = Files.newInputStream(Path.of(name));
                InputStream archive = unpacked(file)) {
            disk.tar("/", archive);
        } catch (EOFException | ZipException | XZIOException e) {
            throw new IOException(name + ": " + Reason.of(e), e);
        }
    }

    /** Who waits for a channel can be woken by an interrupt. */
    private static InputStream interruptible(InputStream in) {
        return in instanceof FileInputStream file ? Channels.newInputStream(file.getChannel()) : in;
    }

    private InputStream unpacked(InputStream file) throws IOException {
        if (endsIn(name, GZIP)) {
            return new GZIPInputStream(file, BUFFER);
        }
        return endsIn(name, XZ) ? new XZInputStream(file, XZ_MEMORY_KIB) : file;
    }
}
