package dev.construir.libvirt.remote;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a link asks of another host, answered by a shell that looks at other files than this process. */
@Timeout(60)
class SshLinkIT {
    @TempDir
    Path directory;

    private Path file;
    private Path words;

    @BeforeEach
    void files() throws Exception {
        file = Files.writeString(directory.resolve("it's a \"file\" $(x)"), "content");
        words = directory.resolve("words");
    }

    // runs the last word, the script, with a command before it
    private URI host(String before) throws Exception {
        Path ssh = Files.writeString(
                directory.resolve("ssh"), "#!/bin/sh\nfor last; do :; done\n" + before + "\neval \"$last\"\n");
        Files.setPosixFilePermissions(ssh, PosixFilePermissions.fromString("rwx------"));
        return URI.create("qemu+ssh://other/system?command=" + ssh);
    }

    // another program of that name
    private String stat(String shell) throws Exception {
        Path program = Files.createDirectories(directory.resolve("bin")).resolve("stat");
        Files.writeString(program, "#!/bin/sh\n" + shell + "\n");
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwx------"));
        return "PATH=" + program.getParent() + ":$PATH";
    }

    private SshLink open(URI uri) throws IOException, InterruptedException {
        return SshLink.open(uri, List.of(), List.of(words(), file), words);
    }

    private Path words() throws IOException {
        return Files.writeString(directory.resolve("another"), "more content");
    }

    @Test
    void opensWhereFilesAreShared() throws Exception {
        open(host(":")).close();
        assertThat(words).isEmptyFile();
    }

    @Test
    void refusesAHostThatLacksAFile() throws Exception {
        URI uri = host(stat("exit 1"));
        assertThatThrownBy(() -> open(uri))
                .isInstanceOf(IOException.class)
                .hasMessageContainingAll(directory.resolve("another").toString(), "no such file", "storage that both");
    }

    @Test
    void refusesAHostWithAnotherFileOfThatName() throws Exception {
        URI uri = host(stat("echo 7 12345"));
        assertThatThrownBy(() -> SshLink.open(uri, List.of(), List.of(file), words))
                .isInstanceOf(IOException.class)
                .hasMessageContainingAll(file.toString(), "another file");
        Files.setLastModifiedTime(file, FileTime.from(java.time.Instant.ofEpochSecond(12345)));
        SshLink.open(uri, List.of(), List.of(file), words).close();
    }

    @Test
    void anInterruptEndsSsh() throws Exception {
        URI uri = host("exec sleep 1000");
        CompletableFuture<Exception> failure = new CompletableFuture<>();
        Thread opening = new Thread(() -> {
            try {
                open(uri).close();
            } catch (IOException | InterruptedException e) {
                failure.complete(e);
            }
        });
        opening.start();
        await().until(() -> asleep().findAny().isPresent());
        opening.interrupt();
        assertThat(failure.get(10, TimeUnit.SECONDS)).isInstanceOf(InterruptedException.class);
        await().until(() -> asleep().findAny().isEmpty());
    }

    private static Stream<ProcessHandle> asleep() {
        return ProcessHandle.current()
                .children()
                .filter(process -> process.info().commandLine().orElse("").endsWith("sleep 1000"));
    }

    @Test
    void saysWhatSshSaid() throws Exception {
        URI uri = host("echo 'Permission denied (publickey).' >&2; exit 255");
        assertThatThrownBy(() -> open(uri))
                .isInstanceOf(IOException.class)
                .hasMessageContainingAll("Permission denied (publickey)", "without asking");
    }
}
