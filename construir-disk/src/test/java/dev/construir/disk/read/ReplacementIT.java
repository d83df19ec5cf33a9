package dev.construir.disk.read;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.construir.disk.Ext2Tools;
import dev.construir.disk.write.Images;
import dev.construir.tar.TarArchive;
import dev.construir.tar.TarArchive.Header;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A later entry of an archive takes the place of an earlier one, as on extraction by the system's tar. */
class ReplacementIT {
    @TempDir
    Path dir;

    private static TarArchive archive(String entries) {
        TarArchive archive = new TarArchive();
        for (String each : entries.split(" ")) {
            String[] words = each.split("=", 2);
            char type = words[0].charAt(0);
            String name = words[0].substring(1);
            switch (type) {
                case 'f' -> archive.file(name, words[1]);
                case 'd' -> archive.add(Header.of('5', name).text(100, "0000755\0"));
                case 's' -> archive.add(Header.of('2', name).target(words[1]));
                default -> archive.add(Header.of('1', name).target(words[1]));
            }
        }
        return archive;
    }

    /** What is there in the end: names, kinds, and content or target. */
    private static String described(Path image) throws IOException {
        TreeMap<String, String> found = new TreeMap<>();
        try (DiskReader disk = DiskReader.open(image)) {
            disk.walk("/", entry -> {
                String what = switch (entry.kind()) {
                    case DIRECTORY -> "/";
                    case SYMBOLIC_LINK -> ">" + disk.readLink(entry);
                    default -> "=" + new String(disk.open(entry.path()).readAllBytes(), UTF_8);
                };
                found.put(entry.path().substring(1), what);
                return java.nio.file.FileVisitResult.CONTINUE;
            });
        }
        found.remove("lost+found");
        StringBuilder all = new StringBuilder();
        found.forEach((name, what) -> all.append(' ').append(name).append(what));
        return all.substring(1);
    }

    private static String described(Path root, Consumer<Path> none) throws IOException {
        StringBuilder all = new StringBuilder();
        try (var paths = Files.walk(root)) {
            for (Path path : paths.filter(each -> !each.equals(root)).sorted().toList()) {
                all.append(' ').append(root.relativize(path));
                if (Files.isSymbolicLink(path)) {
                    all.append('>').append(Files.readSymbolicLink(path));
                } else {
                    all.append(Files.isDirectory(path) ? "/" : "=" + Files.readString(path));
                }
            }
        }
        return all.substring(1);
    }

    @ParameterizedTest
    @CsvSource({
        "fa=1 fa=2",
        "fa=1 hb=a fa=2",
        "fa=1 fb=2 hb=a",
        "fa=1 ha=a",
        "fa=1 hb=a fa=3 hb=a",
        "da fa=1",
        "dd dd/e dd/f dd",
        "fa=1 da fa/b=2",
        "da sa=x",
        "sa=x fa=1",
        "de sd=e dd fd/x=1",
        "ff=1 da ha=f",
        "dd fd/a=1 dd fd/b=2",
        "sa=loooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooong fa=1 sa=b"
    })
    void endsAsTarEnds(String entries) throws Exception {
        Path tar = Files.write(dir.resolve("a.tar"), archive(entries).bytes());
        Path extracted = Files.createDirectory(dir.resolve("extracted"));
        Ext2Tools.run("tar", "-C", extracted.toString(), "-xf", tar.toString());
        Path image = Images.create(dir.resolve("i.img"), "1M", disk -> disk.tar("/", archive(entries).stream()));
        Ext2Tools.assertClean(image);
        assertThat(described(image)).isEqualTo(described(extracted, path -> {}));
    }

    @ParameterizedTest
    @CsvSource({"dd fd/x=1 fd=2", "dd fd/x=1 sd=y", "dd fd/x=1 ff=1 hd=f", "flost+found=1"})
    void aDirectoryWithEntriesStays(String entries) {
        assertThatThrownBy(() ->
                        Images.create(dir.resolve("i.img"), "1M", disk -> disk.tar("/", archive(entries).stream())))
                .isInstanceOf(FileAlreadyExistsException.class)
                .hasMessageContaining("which only a directory can replace");
    }

    @Test
    void aFileIsNoDirectoryOnTheWay() {
        assertThatThrownBy(() -> Images.create(
                        dir.resolve("i.img"), "1M", disk -> disk.tar("/", archive("fa=1 fa/b=2").stream())))
                .isInstanceOf(NotDirectoryException.class);
    }

    /** What was replaced gives its room back: a hundred versions of a file take no more than one. */
    @Test
    void whatIsReplacedTakesNoRoom() throws Exception {
        Random random = new Random(4);
        TarArchive archive = new TarArchive();
        String last = "";
        for (int i = 0; i < 100; i++) {
            byte[] bytes = Images.bytes(i, 200_000 + random.nextInt(200_000));
            last = new String(bytes, java.nio.charset.StandardCharsets.ISO_8859_1);
            archive.pax('x', "SCHILY.xattr.user.x=" + "v".repeat(300)).file("big", last);
            archive.file("small" + i % 7, "x".repeat(random.nextInt(3000)));
        }
        Path image = Images.create(dir.resolve("i.img"), "1M", disk -> disk.tar("/", archive.stream()));
        Ext2Tools.assertClean(image);
        try (DiskReader disk = DiskReader.open(image)) {
            assertThat(disk.open("/big").readAllBytes())
                    .isEqualTo(last.getBytes(java.nio.charset.StandardCharsets.ISO_8859_1));
        }
    }

    @Test
    void aTreeCanBePackedOverItself() throws Exception {
        Path tree = Files.createDirectories(dir.resolve("tree/d"));
        Files.writeString(tree.resolve("a"), "1");
        Files.createLink(tree.resolve("b"), tree.resolve("a"));
        Path image = Images.create(dir.resolve("i.img"), "1M", disk -> {
            disk.tree("/", dir.resolve("tree"));
            disk.tree("/", dir.resolve("tree"));
        });
        Ext2Tools.assertClean(image);
        assertThat(described(image)).isEqualTo("d/ d/a=1 d/b=1");
    }
}
