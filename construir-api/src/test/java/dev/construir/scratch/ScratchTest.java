package dev.construir.scratch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ScratchTest {
    @TempDir
    Path temp;

    private final List<Path> swept = new ArrayList<>();

    private Path root() {
        return temp.resolve("root");
    }

    private static List<Path> in(Path directory) throws IOException {
        try (var files = Files.list(directory)) {
            return files.toList();
        }
    }

    @Test
    void directoriesArePrivateAndGoWithTheirOwner() throws Exception {
        try (Scratch scratch = Scratch.open(root(), swept::add)) {
            ScratchDirectory directory = scratch.directory("job");
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(directory.path())))
                    .isEqualTo("rwx------");
            Files.createDirectories(directory.path().resolve("a/b"));
            Files.createSymbolicLink(directory.path().resolve("link"), temp);
            directory.close();
            assertThat(directory.path()).doesNotExist();
            directory.close();
            scratch.directory("left-to-the-owner");
        }
        assertThat(in(root())).isEmpty();
        assertThat(temp).exists();
    }

    @Test
    void theLivingAreLeftAlone() throws Exception {
        try (Scratch one = Scratch.open(root(), swept::add);
                ScratchDirectory directory = one.directory("job");
                Scratch two = Scratch.open(root(), swept::add)) {
            assertThat(directory.path()).exists();
            assertThat(two.directory("job").path()).exists();
            assertThat(swept).isEmpty();
        }
    }

    @Test
    void whatAKilledProcessLeftIsSweptAndOnlyThat() throws Exception {
        Process owner = fork();
        try (BufferedReader out = owner.inputReader(StandardCharsets.UTF_8)) {
            Path directory = Path.of(out.readLine());
            try (Scratch meanwhile = Scratch.open(root(), swept::add)) {
                assertThat(directory).exists();
            }
            owner.destroyForcibly().waitFor();
            try (Scratch after = Scratch.open(root(), swept::add)) {
                assertThat(directory).doesNotExist();
                assertThat(swept).containsExactly(directory);
                assertThat(in(root())).hasSize(1);
            }
        } finally {
            owner.destroyForcibly().waitFor();
        }
    }

    @Test
    void whatCannotBeEndedStaysUntilItIs() throws Exception {
        Process owner = fork();
        try (BufferedReader out = owner.inputReader(StandardCharsets.UTF_8)) {
            Path directory = Path.of(out.readLine());
            owner.destroyForcibly().waitFor();
            Scratch.open(root(), leftover -> {
                        throw new IOException("out of reach");
                    })
                    .close();
            assertThat(directory).exists();
            Scratch.open(root(), swept::add).close();
            assertThat(swept).containsExactly(directory);
            assertThat(in(root())).isEmpty();
        } finally {
            owner.destroyForcibly().waitFor();
        }
    }

    @Test
    void whatIsLeftToTheNextProcessStaysForIt() throws Exception {
        try (Scratch scratch = Scratch.open(root(), swept::add)) {
            try (ScratchDirectory directory = scratch.directory("m")) {
                Files.writeString(directory.path().resolve("note"), "a machine");
                directory.bequeath();
            }
        }
        Path own = in(root()).get(0);
        Path dead = root().resolve("999999-1-dead");
        Files.move(own, dead); // this process is not the next one
        Scratch.open(root(), swept::add).close();
        assertThat(swept).hasSize(1).allMatch(directory -> directory.startsWith(dead));
        assertThat(in(root())).isEmpty();
    }

    @Test
    void foreignFilesInTheRootAreLeftAlone() throws Exception {
        Files.createDirectories(root());
        Files.setPosixFilePermissions(root(), PosixFilePermissions.fromString("rwx------"));
        Files.createDirectory(root().resolve("somebody"));
        Files.writeString(root().resolve("notes-1-x"), "mine");
        Scratch.open(root(), swept::add).close();
        assertThat(in(root())).hasSize(2);
    }

    @Test
    void refusesARootThatOthersCanWriteTo() throws Exception {
        Files.createDirectories(root());
        Files.setPosixFilePermissions(root(), PosixFilePermissions.fromString("rwxrwxrwx"));
        assertThatThrownBy(() -> Scratch.open(root(), swept::add))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(root().toString())
                .hasMessageContaining("chmod 700");
    }

    @Test
    void refusesARootThatOthersCouldReplace() throws Exception {
        Path open = Files.createDirectory(temp.resolve("open"));
        Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rwxrwxrwx"));
        assertThatThrownBy(() -> Scratch.open(open.resolve("root"), swept::add))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(open.toString())
                .hasMessageContaining("everybody");
    }

    @Test
    void refusesARootThatIsALink() throws Exception {
        Files.createSymbolicLink(root(), temp);
        assertThatThrownBy(() -> Scratch.open(root(), swept::add)).hasMessageContaining("is no directory");
    }

    private Process fork() throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Owner.class.getName(),
                        root().toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    /** Opens a scratch directory and waits to be killed. */
    static final class Owner {
        private Owner() {}

        public static void main(String[] arguments) throws Exception {
            Scratch scratch = Scratch.open(Path.of(arguments[0]), leftover -> {});
            System.out.println(scratch.directory("job").path());
            System.in.read();
        }
    }

    @Test
    void find_ofWhatIsOurs_returnsItsRealPath() throws Exception {
        assertThat(Scratch.find(root())).isEmpty();
        assertThat(root()).doesNotExist();
        Files.createDirectory(root(), ScratchRoot.PRIVATE);
        assertThat(Scratch.find(root())).contains(root().toRealPath());
    }

    @Test
    void find_ofALinkOrWhatOthersCanWriteTo_refusesItAndChangesNothing() throws Exception {
        Path ours = Files.createDirectory(temp.resolve("ours"), ScratchRoot.PRIVATE);
        Files.createSymbolicLink(root(), ours);
        assertThatThrownBy(() -> Scratch.find(root()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("is no directory");
        Files.setPosixFilePermissions(ours, PosixFilePermissions.fromString("rwxrwx---"));
        assertThatThrownBy(() -> Scratch.find(ours))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("can be written to by others");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(ours)))
                .isEqualTo("rwxrwx---");
        Path below = Files.createDirectory(ours.resolve("below"), ScratchRoot.PRIVATE);
        Files.setPosixFilePermissions(ours, PosixFilePermissions.fromString("rwxrwxrwx"));
        assertThatThrownBy(() -> Scratch.find(below))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("can be written to by everybody");
    }

    @Test
    void checkOwners_forAnotherUser_refusesIt() throws Exception {
        Files.createDirectory(root(), ScratchRoot.PRIVATE);
        ScratchRoot ours = ScratchRoot.existing(root());
        assertThatThrownBy(() -> ours.checkOwners(123_456))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("belongs to");
    }
}
