package dev.construir.command.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import dev.construir.ConstruirException;
import dev.construir.command.sandbox.UnservedException.State;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
@SuppressWarnings("NullAway.Init")
class NamedSandboxTest {
    @TempDir
    Path temp;

    private Path scratch;

    @BeforeEach
    void nameScratch() {
        scratch = temp.resolve("scratch");
    }

    private NamedSandbox work() throws Exception {
        return NamedSandbox.forNew(scratch, "work");
    }

    private static Claim claim(NamedSandbox place) throws Exception {
        return Claim.of(place, place.newLog());
    }

    private static void connect(NamedSandbox place) throws Exception {
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            place.connect(channel);
        }
    }

    private static void assertUnserved(ThrowingCallable what, State state, String how) {
        assertThatThrownBy(what)
                .asInstanceOf(type(UnservedException.class))
                .returns(state, UnservedException::state)
                .extracting(UnservedException::getMessage)
                .asString()
                .contains(how);
    }

    private void assertRefused(String why) {
        assertThatThrownBy(this::work).isInstanceOf(IOException.class).hasMessageContaining(why);
        assertThatThrownBy(() -> NamedSandbox.of(scratch, "work"))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(why);
        assertThatThrownBy(() -> NamedSandbox.all(scratch))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(why);
    }

    /** Directories of a victim, to which somebody leads by a link. */
    private Path victim() throws IOException {
        Path directory = temp.resolve("victim");
        Files.createDirectories(directory.resolve("work"));
        Files.writeString(directory.resolve("work/precious"), "kept");
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        return directory;
    }

    private static void assertUntouched(Path victim) throws IOException {
        assertThat(victim.resolve("work/precious")).hasContent("kept");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(victim)))
                .isEqualTo("rwxr-xr-x");
        assertThat(victim.resolve("work").toFile().list()).containsExactly("precious");
    }

    @Test
    void directoriesThatAreMade_areThisUsersOnly() throws Exception {
        NamedSandbox place = work();
        claim(place).close();
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(scratch)))
                .isEqualTo("rwx------");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(scratch.resolve("named"))))
                .isEqualTo("rwx------");
        assertThat(place.directory()).doesNotExist();
    }

    @Test
    void aLinkInPlaceOfNamed_isRefusedAndNotFollowed() throws Exception {
        Path victim = victim();
        Files.createDirectory(scratch);
        Files.createSymbolicLink(scratch.resolve("named"), victim);
        assertRefused("is no directory");
        assertUntouched(victim);
    }

    @Test
    void aLinkInPlaceOfTheScratchDirectory_isRefusedAndNotFollowed() throws Exception {
        Path victim = victim();
        Files.createSymbolicLink(scratch, victim);
        assertRefused("is no directory");
        assertUntouched(victim);
        assertThat(victim.resolve("named")).doesNotExist();
    }

    @Test
    void aLinkInPlaceOfASandbox_isRefusedAndNotFollowed() throws Exception {
        Path victim = victim();
        Files.createDirectories(scratch.resolve("named"));
        Files.createSymbolicLink(scratch.resolve("named/work"), victim.resolve("work"));
        assertRefused("is no directory");
        assertUntouched(victim);
    }

    @Test
    void directoriesThatOthersCanWriteTo_areRefusedAndStayAsTheyAre() throws Exception {
        for (Path directory : new Path[] {scratch, scratch.resolve("named")}) {
            Files.createDirectories(directory);
            Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxrwxrwx"));
            assertRefused("can be written to by others");
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(directory)))
                    .isEqualTo("rwxrwxrwx");
            Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx------"));
        }
    }

    @Test
    void remove_leavesWhatIsNotItsOwn() throws Exception {
        NamedSandbox place = work();
        Files.createDirectories(place.directory());
        Files.writeString(place.directory().resolve("precious"), "kept");
        Files.writeString(place.log(), "said");
        place.remove();
        assertThat(place.directory().toFile().list()).containsExactly("precious");
    }

    @Test
    void aPeer_isOfTheUserThatItMustBe() throws Exception {
        NamedSandbox place = work();
        try (Claim claim = claim(place);
                ServerSocketChannel server = claim.listen();
                SocketChannel client = SocketChannel.open(place.address());
                SocketChannel accepted = server.accept()) {
            UserPrincipal self = Files.getOwner(place.directory());
            assertThatCode(() -> Peer.check(client, self)).doesNotThrowAnyException();
            assertThatCode(() -> Peer.check(accepted, self)).doesNotThrowAnyException();
            UserPrincipal other =
                    temp.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName("123456");
            for (SocketChannel end : new SocketChannel[] {client, accepted}) {
                assertThatThrownBy(() -> Peer.check(end, other))
                        .isInstanceOf(Peer.ForeignException.class)
                        .hasMessage("the user " + self.getName());
            }
        }
    }

    @Test
    void aPathThatIsTooLongForASocket_isSaidSo() {
        scratch = temp.resolve("a".repeat(100));
        assertThatThrownBy(this::work)
                .isInstanceOf(ConstruirException.class)
                .hasMessageContaining("at most 106 bytes")
                .hasMessageContaining("--scratch");
    }

    @Test
    void aName_isNoPath() {
        for (String name : new String[] {"..", "a/b", "", "-a"}) {
            assertThatThrownBy(() -> NamedSandbox.of(scratch, name))
                    .isInstanceOf(ConstruirException.class)
                    .hasMessageContaining("is no name for a sandbox");
        }
    }

    @Test
    void aSandboxThatNeverWas_isSaidSo() throws Exception {
        assertThatThrownBy(() -> NamedSandbox.of(scratch, "work"))
                .isInstanceOf(ConstruirException.class)
                .hasMessageContaining("there is no sandbox work");
        assertThat(scratch).doesNotExist();
        assertThat(NamedSandbox.all(scratch)).isEmpty();
    }

    @Test
    void whileItIsBeingOpened_itIsNeitherOpenedAgainNorRemoved() throws Exception {
        NamedSandbox place = work();
        try (Claim claim = claim(place)) {
            assertThat(claim.place()).isEqualTo(place);
            assertUnserved(() -> claim(place), State.BUSY, "is being opened");
            assertUnserved(place::checkFree, State.BUSY, "is being opened");
            assertUnserved(place::remove, State.BUSY, "is being opened");
            assertUnserved(() -> connect(place), State.BUSY, "is being opened");
            try (ServerSocketChannel server = claim.listen()) {
                assertThat(server.isOpen()).isTrue();
                assertThatThrownBy(() -> claim(place)).hasMessageContaining("is open already");
                assertThatThrownBy(place::checkFree).hasMessageContaining("is open already");
                connect(place);
            }
            assertThat(scratch.resolve("named").toFile().list())
                    .as("no log of a claim that failed")
                    .containsExactlyInAnyOrder(".lock", "work");
        }
        assertThatThrownBy(() -> connect(place)).hasMessageContaining("there is no sandbox work");
    }

    @Test
    void afterItEndedByItself_itSaysWhyUntilItIsOpenedAnew() throws Exception {
        NamedSandbox place = work();
        try (Claim claim = claim(place)) {
            claim.ended("its machine ended: " + "because ".repeat(1000));
        }
        assertUnserved(() -> connect(place), State.ENDED, "the sandbox work ended: its machine ended: because");
        assertThat(Files.size(place.directory().resolve("end"))).isLessThan(1000);
        place.checkFree();
        try (Claim claim = claim(place)) {
            assertThat(claim.place().directory().toFile().list()).containsExactlyInAnyOrder("lock", "log");
        }
        assertThat(place.directory()).doesNotExist();
    }

    @Test
    void afterItsKeeperWasKilled_itSaysSoAndIsOpenedAnew() throws Exception {
        NamedSandbox place = work();
        Files.createDirectories(place.directory());
        Files.writeString(place.lock(), "999999");
        ServerSocketChannel.open(StandardProtocolFamily.UNIX)
                .bind(place.address())
                .close();
        assertUnserved(() -> connect(place), State.ENDED, "its keeper was killed");
        try (Claim claim = claim(place);
                ServerSocketChannel server = claim.listen()) {
            assertThat(server.isOpen()).isTrue();
        }
    }

    @Test
    void aKeeperThatDoesNotAnswer_isLeftAfterTheLimit() throws Exception {
        NamedSandbox place = work();
        try (Claim claim = claim(place);
                ServerSocketChannel server = claim.listen()) {
            assertThat(server.isOpen()).isTrue();
            Duration limit = Duration.ofSeconds(1);
            String who = "does not answer within 1 s; its keeper is process "
                    + ProcessHandle.current().pid();
            assertUnserved(() -> KeeperClient.state(place, limit), State.SILENT, who);
            assertUnserved(() -> KeeperClient.close(place, limit, limit), State.SILENT, who);
        }
    }

    @Test
    void anInterrupt_doesNotKeepAPlaceFromBeingCleared() throws Exception {
        NamedSandbox place = work();
        try (Claim claim = claim(place)) {
            assertThat(claim.place().log()).exists();
            Thread.currentThread().interrupt();
        }
        assertThat(Thread.interrupted()).isTrue();
        assertThat(place.directory()).doesNotExist();
    }

    @Test
    void anotherProcessThatHoldsIt_keepsItUntilItsEnd() throws Exception {
        NamedSandbox place = work();
        Process holder = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Holder.class.getName(),
                        scratch.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (BufferedReader said = holder.inputReader()) {
            assertThat(said.readLine()).isEqualTo("held");
            assertUnserved(() -> claim(place), State.BUSY, "is being opened");
            assertUnserved(place::checkFree, State.BUSY, "is being opened");
            assertUnserved(place::remove, State.BUSY, "is being opened");
            assertThat(PlaceLock.holder(place.lock())).contains(Long.toString(holder.pid()));
            assertUnserved(() -> claim(place), State.BUSY, "is being opened");
        } finally {
            int unused = holder.destroyForcibly().waitFor();
        }
        assertUnserved(() -> connect(place), State.ENDED, "its keeper was killed");
        claim(place).close();
        assertThat(place.directory()).doesNotExist();
    }

    /** A process that claims the place {@code work}, and goes on until it is killed. */
    static final class Holder {
        private Holder() {}

        @SuppressWarnings({"resource", "SystemOut"})
        public static void main(String[] arguments) throws Exception {
            Claim claim = claim(NamedSandbox.forNew(Path.of(arguments[0]), "work"));
            System.out.println(PlaceLock.isHeld(claim.place().lock()) ? "held" : "free");
            TimeUnit.MINUTES.sleep(1);
        }
    }
}
