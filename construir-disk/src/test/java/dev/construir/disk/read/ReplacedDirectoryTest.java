package dev.construir.disk.read;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.construir.disk.HostState;
import dev.construir.disk.read.ExtractOptions.WhenIncomplete;
import dev.construir.disk.write.Images;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Somebody else changes the target of an extraction under its hands. */
@Timeout(value = 60, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ReplacedDirectoryTest {
    private static final int ROUNDS = 30;

    @TempDir
    Path dir;

    private Path target = Path.of("");
    private Path victim = Path.of("");

    @BeforeEach
    void prepare() throws IOException {
        target = Files.createDirectories(dir.resolve("target"));
        victim = Files.createDirectories(dir.resolve("victim"));
        for (String name : new String[] {"file", "second", "sub/file", "sub/second"}) {
            Path file = victim.resolve(name);
            Files.createDirectories(file.resolveSibling("sub"));
            Files.writeString(file, "the host's own");
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        }
        Files.setPosixFilePermissions(victim.resolve("sub"), PosixFilePermissions.fromString("rwx------"));
        for (String name : new String[] {"file", "second", "sub/file", "sub/second", "sub", "."}) {
            Files.setLastModifiedTime(victim.resolve(name), FileTime.from(Instant.ofEpochSecond(1_000_000_000)));
        }
    }

    private Map<String, String> state() throws IOException {
        return HostState.of(victim);
    }

    private Path image() throws IOException {
        return Images.create(dir.resolve("disk.img"), "4M", disk -> {
            for (int i = 0; i < 8; i++) {
                String top = "d" + i;
                disk.directory(top, Images.mode(0777));
                disk.directory(top + "/sub", Images.mode(0777));
                Images.file(disk, top + "/file", "the guest's");
                Images.file(disk, top + "/sub/file", "the guest's");
                disk.hardLink(top + "/second", top + "/file");
                disk.hardLink(top + "/sub/second", top + "/sub/file");
                disk.symbolicLink(top + "/sub/link", Images.mode(0777), "file");
            }
        });
    }

    @Test
    void directoriesThatAreReplacedByLinksAllTheTimeLeadNowhere() throws Exception {
        Path image = image();
        Map<String, String> before = state();
        AtomicBoolean ended = new AtomicBoolean();
        AtomicLong swaps = new AtomicLong();
        Thread attacker = new Thread(() -> {
            for (int i = 0; !ended.get(); i++) {
                Path top = target.resolve("d" + i % 8);
                swaps.addAndGet(swap(i / 8 % 2 == 0 ? top : top.resolve("sub"), i));
            }
        });
        attacker.start();
        long files = 0;
        try (DiskReader disk = DiskReader.open(image)) {
            for (int round = 0; round < ROUNDS || swaps.get() < ROUNDS; round++) {
                files += disk.copyTo(target).files();
            }
        } finally {
            ended.set(true);
            attacker.join();
        }
        assertThat(state()).isEqualTo(before);
        assertThat(files).isPositive();
    }

    /** Puts a link to the victim in the place of a directory. Returns how many times it did. */
    private int swap(Path directory, int number) {
        Path link = dir.resolve("link");
        try {
            if (!Files.isDirectory(directory.resolveSibling(""), LinkOption.NOFOLLOW_LINKS)) {
                return 0; // through a link of our own we would change the victim ourselves
            }
            if (Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
                Files.move(directory, dir.resolve("moved-" + number + "-" + directory.getNameCount()));
            }
            Files.createSymbolicLink(link, directory.endsWith("sub") ? victim.resolve("sub") : victim);
            Files.move(link, directory, StandardCopyOption.ATOMIC_MOVE);
            return 1;
        } catch (IOException e) {
            link.toFile().delete();
            return 0; // the extraction was quicker
        }
    }

    @Test
    void aDirectoryThatIsReplacedMidwayIsGoneOnWithWhereItIs() throws Exception {
        Path image = image();
        Map<String, String> before = state();
        Path moved = dir.resolve("moved");
        Selection replacing = Selection.where(entry -> {
            if (entry.path().equals("/d3/sub/file")) {
                replace(target.resolve("d3"), moved);
            }
            return true;
        });
        try (DiskReader disk = DiskReader.open(image)) {
            ExtractReport report = disk.copyTo("/", target, new ExtractOptions(replacing, ExtractOptions.Links.INSIDE));
            assertThat(report.files()).isEqualTo(32);
        }
        assertThat(state()).isEqualTo(before);
        assertThat(target.resolve("d3")).isSymbolicLink();
        assertThat(moved.resolve("sub/second")).hasContent("the guest's");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(moved)))
                .isEqualTo("rwxrwxrwx");
    }

    private void replace(Path directory, Path moved) {
        try {
            Files.move(directory, moved);
            Files.createSymbolicLink(directory, victim);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Test
    void whatTakesThePlaceOfADirectoryFarAboveIsNotGoneBackTo() throws Exception {
        String deep = "a" + "/b".repeat(40);
        Path image = Images.create(dir.resolve("disk.img"), "4M", disk -> {
            disk.directory(deep, Images.mode(0755));
            Images.file(disk, deep + "/file", "the guest's");
            Images.file(disk, "a/b/file", "the guest's");
            Images.file(disk, "z", "the guest's");
        });
        Map<String, String> before = state();
        Selection replacing = Selection.where(entry -> {
            if (entry.path().equals("/" + deep + "/file")) {
                replace(target.resolve("a/b"), dir.resolve("moved"));
            }
            return true;
        });
        try (DiskReader disk = DiskReader.open(image)) {
            ExtractReport report = disk.copyTo("/", target, new ExtractOptions(replacing, ExtractOptions.Links.INSIDE));
            assertThat(report.files()).isEqualTo(3);
        }
        assertThat(state()).isEqualTo(before);
        assertThat(target.resolve("a/b")).isSymbolicLink();
        assertThat(dir.resolve("moved/file")).hasContent("the guest's");
        assertThat(target.resolve("z")).exists();
    }

    @Test
    void whatIsRemovedIsNotTheVictims() throws Exception {
        Path image = image();
        Map<String, String> before = state();
        Selection replacing = Selection.where(entry -> {
            if (entry.path().equals("/d3/sub/file")) {
                replace(target.resolve("d2"), dir.resolve("moved"));
                throw new IllegalStateException("enough");
            }
            return true;
        });
        ExtractOptions options =
                new ExtractOptions(replacing, ExtractOptions.Links.INSIDE).withWhenIncomplete(WhenIncomplete.REMOVE);
        try (DiskReader disk = DiskReader.open(image)) {
            assertThatThrownBy(() -> disk.copyTo("/", target, options)).hasMessage("enough");
        }
        assertThat(state()).isEqualTo(before);
        try (var left = Files.list(target)) {
            assertThat(left).containsExactly(target.resolve("d2")).allMatch(Files::isSymbolicLink);
        }
    }
}
