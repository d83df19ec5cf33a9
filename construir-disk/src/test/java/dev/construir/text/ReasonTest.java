package dev.construir.text;

import static org.assertj.core.api.Assertions.assertThat;

import dev.construir.ConstruirException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReasonTest {
    @Test
    void saysWhatAClassOfExceptionsMeans() {
        assertThat(Reason.of(new NoSuchFileException("a"))).isEqualTo("a: there is no such file or directory");
        assertThat(Reason.of(new AccessDeniedException("a"))).isEqualTo("a: permission denied");
        assertThat(Reason.of(new FileAlreadyExistsException("a"))).isEqualTo("a: it exists already");
        assertThat(Reason.of(new NotDirectoryException("a"))).isEqualTo("a: it is not a directory");
        assertThat(Reason.of(new DirectoryNotEmptyException("a"))).isEqualTo("a: the directory is not empty");
        assertThat(Reason.of(new MalformedInputException(1))).isEqualTo("it is no text in UTF-8");
        assertThat(Reason.of(new FileNotFoundException())).isEqualTo("there is no such file");
    }

    @Test
    void keepsWhatTheHostSaid() {
        assertThat(Reason.of(new FileSystemException("a", "b", "No space left on device")))
                .isEqualTo("a: No space left on device (b)");
        assertThat(Reason.of(new FileSystemException(null, null, null))).isEqualTo("the host refused it");
        assertThat(Reason.of(new IOException("as it is"))).isEqualTo("as it is");
        assertThat(Reason.of(new IOException((String) null))).isEqualTo("the host gave no reason");
    }

    @Test
    void whatTheHostSaysOfANameIsSaidInPlainerWords() {
        assertThat(Reason.of(new FileSystemException("a/b", null, "Not a directory")))
                .isEqualTo("a/b: something on the way to it is no directory");
        assertThat(Reason.withoutFile(new FileSystemException("a", null, "Is a directory")))
                .isEqualTo("it is a directory");
    }

    @Test
    void tooManyOpenFilesAreSaidWithWhatToDo() {
        String remedy = "; let this user have more of them open (ulimit -n), or run less at once";
        assertThat(Reason.of(new FileSystemException("a", null, "Too many open files")))
                .isEqualTo("a: Too many open files" + remedy);
        assertThat(Reason.of(new FileNotFoundException("a (Too many open files in system)")))
                .isEqualTo("a (Too many open files in system)" + remedy);
        assertThat(Reason.of(new IOException("a: Too many open files" + remedy)))
                .isEqualTo("a: Too many open files" + remedy);
    }

    @Test
    void saysWhyAPathLeadsToNoFile(@TempDir Path directory) throws Exception {
        Path file = Files.writeString(directory.resolve("file"), "");
        assertThat(Reason.unreadable(directory.resolve("none"))).isEqualTo("there is no such file or directory");
        assertThat(Reason.unreadable(directory)).isEqualTo("it is a directory");
        assertThat(Reason.unreadable(file.resolve("x"))).isEqualTo("something on the way to it is no directory");
        assertThat(Reason.unreadable(Files.createSymbolicLink(directory.resolve("link"), Path.of("none"))))
                .isEqualTo("it is a symbolic link to what is not there");
        assertThat(Reason.unreadable(Files.createSymbolicLink(directory.resolve("loop"), Path.of("loop"))))
                .isEqualTo("its symbolic links lead round in a circle");
        assertThat(Reason.unreadable(directory.resolve("x".repeat(300))))
                .isEqualTo("the name is longer than the host allows");
        assertThat(Reason.unreadable(Path.of("/dev/null"))).isEqualTo("it is a pipe, a socket or a device");
    }

    @Test
    void controlCharactersAreShownAsEscapes() {
        assertThat(ControlCharacters.escape("a\u001b[2Jb\r\u0007\u009bc\nd \u00e9"))
                .isEqualTo("a\\x1b[2Jb\\x0d\\x07\\x9bc\nd \u00e9");
        assertThat(new ConstruirException("no file \u001b]0;x")).hasMessage("no file \\x1b]0;x");
        assertThat(new ConstruirException("no file \u0000", new IOException())).hasMessage("no file \\x00");
        assertThat(Reason.of(new NoSuchFileException("\u001bc"))).startsWith("\\x1bc: ");
    }
}
