package dev.construir.fuzz;

import dev.construir.tar.TarArchive;
import dev.construir.tar.TarArchive.Header;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Small tar archives of all formats, which a fuzzer begins with. */
final class TarSeeds {
    private static final List<String> KINDS = List.of(
            "--format=v7",
            "--format=ustar",
            "--format=gnu --sparse",
            "--format=pax --sparse --sparse-version=0.0",
            "--format=pax --sparse --sparse-version=0.1",
            "--format=pax --sparse --sparse-version=1.0 --pax-option=SCHILY.xattr.user.name=value");

    private TarSeeds() {}

    static List<byte[]> archives() throws IOException, InterruptedException {
        List<byte[]> archives = new ArrayList<>();
        Path directory = Files.createTempDirectory("seeds");
        try {
            Path tree = tree(directory.resolve("tree"));
            for (String kind : KINDS) {
                if (kind.contains("gnu")) { // from here on they go beyond 100 bytes
                    Path deep = Files.createDirectory(tree.resolve("n".repeat(120)));
                    Files.createSymbolicLink(deep.resolve("target"), Path.of("t".repeat(120)));
                }
                Path archive = directory.resolve("archive.tar");
                List<String> words =
                        new ArrayList<>(List.of("tar", "-b", "1", "--owner=0", "--group=0", "--sort=name"));
                words.addAll(List.of(kind.split(" ")));
                words.addAll(List.of("-C", tree.toString(), "-cf", archive.toString(), "."));
                Seeds.run(words);
                archives.add(Files.readAllBytes(archive));
            }
        } finally {
            Outside.remove(directory);
        }
        archives.add(others());
        archives.add(deep());
        return archives;
    }

    /** Lists, attributes of three forms, duplicates and devices: what the system's tar cannot be told to write. */
    private static byte[] others() {
        return new TarArchive()
                .pax(
                        'x',
                        "SCHILY.acl.access=user::rw-,user:1:r--:1,group::r--,mask::r--,other::r--",
                        "SCHILY.xattr.user.a%3Db=c",
                        "LIBARCHIVE.xattr.user.a%3Db=Yw",
                        "LIBARCHIVE.xattr.com.apple.x=Yw",
                        "RHT.security.selinux=a:b")
                .file("a", "1")
                .add(Header.of('1', "b").target("a").size(1))
                .pax('x', "SCHILY.acl.default=user::rwx,group::r-x,other::r-x")
                .add(Header.of('5', "d").size(512))
                .file("a", "2".repeat(30_000))
                .add(Header.of('2', "a").target("t".repeat(70)))
                .file("d/f", "")
                .add(Header.of('4', "a").text(329, "0000010\0").text(337, "0000001\0"))
                .pax('x', "SCHILY.devmajor=300", "SCHILY.devminor=70000")
                .add(Header.of('3', "c"))
                .add(Header.of('6', "p"))
                .add(Header.of('5', "e"))
                .file("e", "3")
                .bytes();
    }

    private static byte[] deep() {
        return new TarArchive()
                .pax('x', "path=" + "d/".repeat(1000) + "f")
                .file("f", "x")
                .bytes();
    }

    private static Path tree(Path tree) throws IOException {
        Path deep = Files.createDirectories(tree.resolve("some/directories"));
        Files.writeString(deep.resolve("file"), "content");
        Files.createLink(tree.resolve("again"), deep.resolve("file"));
        Files.createSymbolicLink(tree.resolve("link"), Path.of("some/directories/file"));
        try (RandomAccessFile sparse =
                new RandomAccessFile(tree.resolve("sparse").toFile(), "rw")) {
            for (int i = 1; i <= 6; i++) { // more than an old header has room for
                sparse.seek(i * 20_480L);
                sparse.write(i);
            }
            sparse.setLength(150_000);
        }
        return tree;
    }
}
