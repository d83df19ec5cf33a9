package dev.construir.host;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;

/** Turns error numbers into exceptions, Java's own where they exist. */
final class Errno {
    static final int ENXIO = 6;
    static final int EINVAL = 22;
    static final int ENODATA = 61;
    static final int EOPNOTSUPP = 95;

    private Errno() {}

    /** Returns the result of a call, or throws if it failed. */
    static long check(long returned, byte[] path) throws IOException {
        if (returned < 0) {
            throw of((int) -returned, path);
        }
        return returned;
    }

    static IOException of(int error, byte[] path) {
        String file = new String(path, StandardCharsets.UTF_8);
        return switch (error) {
            case 1 -> new AccessDeniedException(file, null, "operation not permitted");
            case 2 -> new NoSuchFileException(file);
            case 13 -> new AccessDeniedException(file);
            case 17 -> new FileAlreadyExistsException(file);
            default -> new FileSystemException(file.isEmpty() ? null : file, null, describe(error));
        };
    }

    /** The host's own text; the numbers are the same on all supported architectures of Linux. */
    private static String describe(int error) {
        return switch (error) {
            case 5 -> "input/output error";
            case ENXIO -> "no such device or address";
            case 20 -> "not a directory";
            case EINVAL -> "invalid argument";
            case 23 -> "too many open files in system";
            case 24 -> "too many open files";
            case 28 -> "no space left on device";
            case 30 -> "read-only file system";
            case 34 -> "numerical result out of range";
            case 36 -> "file name too long";
            case 40 -> "too many levels of symbolic links";
            case 122 -> "disk quota exceeded";
            default -> "error " + error;
        };
    }
}
