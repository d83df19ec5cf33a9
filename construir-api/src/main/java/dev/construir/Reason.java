package dev.construir;

import java.io.EOFException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.Optional;

/** Says in plain words why something could not be read or written: Java's own exceptions often hold no more than a file's name. */
public final class Reason {
    private Reason() {}

    /**
     * Tells why, with the file where the exception names one.
     *
     * @param failure what went wrong
     * @return a clause without a class's name and without control characters other than line feeds
     */
    public static String of(IOException failure) {
        String message = failure.getMessage();
        if (failure instanceof FileSystemException e) {
            String file = e.getFile() == null ? "" : e.getFile() + ": ";
            String other = e.getOtherFile() == null ? "" : " (" + e.getOtherFile() + ")";
            return printable(file + Optional.ofNullable(e.getReason()).orElseGet(() -> kind(e)) + other);
        }
        if (failure instanceof CharacterCodingException) {
            return "it is no text in UTF-8";
        }
        if (message == null || message.isBlank()) {
            return failure instanceof FileNotFoundException
                    ? "there is no such file"
                    : failure instanceof EOFException ? "it ends too early" : "the host gave no reason";
        }
        return printable(message);
    }

    /**
     * Tells why, without the files that the exception names.
     *
     * @param failure what went wrong
     * @return a clause without a class's name and without control characters other than line feeds
     */
    public static String withoutFile(FileSystemException failure) {
        return printable(Optional.ofNullable(failure.getReason()).orElseGet(() -> kind(failure)));
    }

    /**
     * Writes every control character but the line feed as an escape such as {@code \x1b}: names of files may hold any, and terminals obey
     * some.
     *
     * @param text any text
     * @return a text that is safe to show
     */
    public static String printable(String text) {
        if (text.chars().noneMatch(Reason::isControl)) {
            return text;
        }
        StringBuilder shown = new StringBuilder(text.length() + 16);
        text.codePoints().forEach(c -> {
            if (isControl(c)) {
                shown.append(String.format("\\x%02x", c));
            } else {
                shown.appendCodePoint(c);
            }
        });
        return shown.toString();
    }

    private static boolean isControl(int character) {
        return Character.isISOControl(character) && character != '\n';
    }

    private static String kind(FileSystemException failure) {
        if (failure instanceof NoSuchFileException) {
            return "there is no such file or directory";
        } else if (failure instanceof AccessDeniedException) {
            return "permission denied";
        } else if (failure instanceof FileAlreadyExistsException) {
            return "it exists already";
        } else if (failure instanceof NotDirectoryException) {
            return "it is not a directory";
        } else if (failure instanceof DirectoryNotEmptyException) {
            return "the directory is not empty";
        } else if (failure instanceof FileSystemLoopException) {
            return "the directory contains itself";
        } else if (failure instanceof AtomicMoveNotSupportedException) {
            return "it cannot be moved there in one step";
        }
        return "the host refused it";
    }
}
