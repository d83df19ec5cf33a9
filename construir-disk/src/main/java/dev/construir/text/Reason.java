package dev.construir.text;

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
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Map;

/**
 * Says in plain words why something could not be read or written: Java's own exceptions often hold no more than a
 * file's name.
 */
public final class Reason {
    /**
     * The host's words for what is wrong with a name, by how they begin: they name neither the part of the name nor
     * what to do.
     */
    private static final Map<String, String> PLAINER = Map.of(
            "Not a directory", "something on the way to it is no directory",
            "Is a directory", "it is a directory",
            "File name too long", "the name is longer than the host allows",
            "Too many levels of symbolic links", "its symbolic links lead round in a circle");

    private static final String NO_MORE_FILES = "Too many open files"; // or: in system

    private Reason() {}

    /**
     * Returns why, with the file where the exception names one.
     *
     * @param failure what went wrong
     * @return a clause without a class's name and without control characters other than line feeds
     */
    public static String of(IOException failure) {
        String message = failure.getMessage();
        if (failure instanceof FileSystemException e) {
            String file = e.getFile() == null ? "" : e.getFile() + ": ";
            String other = e.getOtherFile() == null ? "" : " (" + e.getOtherFile() + ")";
            return ControlCharacters.escape(file + words(e) + other);
        }
        if (failure instanceof CharacterCodingException) {
            return "it is no text in UTF-8";
        }
        if (message == null || message.isBlank()) {
            return failure instanceof FileNotFoundException
                    ? "there is no such file"
                    : failure instanceof EOFException ? "it ends too early" : "the host gave no reason";
        }
        return ControlCharacters.escape(withRemedy(message));
    }

    /**
     * Returns why, without the files that the exception names.
     *
     * @param failure what went wrong
     * @return a clause without a class's name and without control characters other than line feeds
     */
    public static String withoutFile(FileSystemException failure) {
        return ControlCharacters.escape(words(failure));
    }

    /**
     * Returns why a path leads to no file that this user can read. What it leads to may have changed in the meantime.
     *
     * @param file the path, which leads to nothing, or to what is no regular file or cannot be read
     * @return a clause without control characters, such as {@code there is no such file or directory}
     */
    public static String unreadable(Path file) {
        try {
            BasicFileAttributes found = Files.readAttributes(file, BasicFileAttributes.class);
            if (found.isRegularFile()) {
                return "this user may not read it";
            }
            return found.isDirectory() ? "it is a directory" : "it is a pipe, a socket or a device";
        } catch (NoSuchFileException e) {
            return Files.isSymbolicLink(file) ? "it is a symbolic link to what is not there" : kind(e);
        } catch (
                @SuppressWarnings("unused")
                AccessDeniedException e) {
            return "this user may not look into a directory above it";
        } catch (FileSystemException e) {
            return withoutFile(e);
        } catch (IOException e) {
            return of(e);
        }
    }

    private static String words(FileSystemException failure) {
        String said = failure.getReason();
        if (said == null) {
            return kind(failure);
        }
        for (Map.Entry<String, String> entry : PLAINER.entrySet()) {
            if (said.startsWith(entry.getKey())) {
                return entry.getValue();
            }
        }
        return withRemedy(said);
    }

    // Whoever looks for the kernel's words finds them: they stay.
    private static String withRemedy(String said) {
        return said.contains(NO_MORE_FILES) && !said.contains("ulimit")
                ? said + "; let this user have more of them open (ulimit -n), or run less at once"
                : said;
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
