package dev.construir.examples.command;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;

/** Says in a line what went wrong. */
final class Failures {
    private Failures() {}

    static String describe(Exception failure) {
        String message = failure.getMessage();
        if (failure instanceof FileSystemException e && e.getReason() == null) {
            return e.getFile() + ": " + reason(e);
        }
        return message == null || failure instanceof RuntimeException ? failure.toString() : message;
    }

    private static String reason(IOException e) {
        if (e instanceof NoSuchFileException) {
            return "no such file or directory";
        } else if (e instanceof FileAlreadyExistsException) {
            return "exists already";
        } else if (e instanceof NotDirectoryException) {
            return "not a directory";
        } else if (e instanceof AccessDeniedException) {
            return "permission denied";
        }
        return e.getClass().getSimpleName();
    }
}
