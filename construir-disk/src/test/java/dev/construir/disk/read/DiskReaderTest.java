package dev.construir.disk.read;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.construir.DataSize;
import dev.construir.DiskFormatException;
import dev.construir.block.BlockSource;
import dev.construir.block.BytesSource;
import dev.construir.disk.DiskEntry;
import dev.construir.disk.ReadLimits;
import dev.construir.disk.edit.DiskEditor;
import dev.construir.disk.write.Images;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.NotLinkException;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DiskReaderTest {
    @TempDir
    Path dir;

    private Path image = Path.of("");

    /** Inodes: 11 lost+found, 12 dir, 13 file, 14 link, 15 long link, 16 status. */
    @BeforeEach
    void create() throws IOException {
        image = Images.create(dir.resolve("disk.img"), "1M", disk -> {
            Images.file(disk, "dir/file", Images.bytes(1, 200_000));
            disk.symbolicLink("link", Images.mode(0777), "dir/file");
            disk.symbolicLink("long", Images.mode(0777), "x".repeat(100));
            Images.file(disk, "construir.status", "state=ended\n");
        });
    }

    @Test
    void readsWhileTheThreadIsInterrupted() throws Exception {
        Thread.currentThread().interrupt();
        try (DiskReader disk = DiskReader.open(image)) {
            assertThat(disk.find("/construir.status")).isPresent();
            try (InputStream in = disk.open("/construir.status")) {
                assertThat(in.readAllBytes()).asString().isEqualTo("state=ended\n");
            }
            assertThat(disk.list("/")).hasSize(5);
            assertThat(Thread.currentThread().isInterrupted()).isTrue();
        } finally {
            assertThat(Thread.interrupted()).isTrue();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "0020666, CHARACTER_DEVICE",
        "0060666, BLOCK_DEVICE",
        "0010666, PIPE",
        "0140666, SOCKET",
        "0150666, UNKNOWN",
        "0000666, UNKNOWN"
    })
    void list_entry_hasItsKind(String mode, DiskEntry.Kind kind) throws Exception {
        Images.patchInode(image, 16, 0, Integer.parseInt(mode, 8));

        try (DiskReader disk = DiskReader.open(image)) {
            assertThat(disk.find("/construir.status").orElseThrow().kind()).isEqualTo(kind);
        }
    }

    @Test
    void read_ofAMissingPath_namesIt() throws Exception {
        try (DiskReader disk = DiskReader.open(image)) {
            assertThatThrownBy(() -> disk.open("/nothing")).isInstanceOf(NoSuchFileException.class);
            assertThatThrownBy(() -> disk.open("/dir")).isInstanceOf(NoSuchFileException.class);
            assertThatThrownBy(() -> disk.list("/nothing")).isInstanceOf(NoSuchFileException.class);
            assertThatThrownBy(() -> disk.list("/link")).isInstanceOf(NotDirectoryException.class);
            assertThatThrownBy(() -> disk.readLink("/dir")).isInstanceOf(NotLinkException.class);
            DiskEntry directory = disk.find("/dir").orElseThrow();
            assertThatThrownBy(() -> disk.readLink(directory))
                    .isInstanceOf(NotLinkException.class)
                    .hasMessage("/dir: it is no symbolic link");
        }
    }

    @Test
    void refusesWhatIsNoFileSystem() throws Exception {
        Path empty = Files.createFile(dir.resolve("empty"));
        Path zeros = Files.write(dir.resolve("zeros"), new byte[100_000]);

        assertThatThrownBy(() -> DiskReader.open(empty)).isInstanceOf(DiskFormatException.class);
        assertThatThrownBy(() -> DiskReader.open(zeros))
                .isInstanceOf(DiskFormatException.class)
                .hasMessageContaining("superblock at byte 1024");
        assertThatThrownBy(() -> DiskReader.open(dir.resolve("none"))).isInstanceOf(IOException.class);
    }

    @Test
    void meetsItsLimits() throws Exception {
        try (DiskReader disk = DiskReader.open(image, new ReadLimits(DataSize.ofBytes(199_999), 4, 5, 4096))) {
            assertThatThrownBy(() -> disk.list("/"))
                    .isInstanceOf(DiskFormatException.class)
                    .hasMessageContaining("4");
            assertThatThrownBy(() -> disk.open("/dir/file"))
                    .isInstanceOf(DiskFormatException.class)
                    .hasMessageContaining("200000");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "13, 0x28, 0x7fffffff, /dir/file, names block 2147483647 of 1024",
        "13, 0x28, 1023, /dir/file, ''",
        "13, 0x58, -5, /dir/file, names block 4294967291 of 1024",
        "13, 0x6c, 0x7fffffff, /dir/file, the limit is 64G",
        "13, 0x6c, 0xffffffff, /dir/file, impossible size",
        "13, 0x20, 0x80000, /dir/file, extent tree of inode 13",
        "13, 0x1a, 0, /dir/file, which is free",
        "15, 0x04, 0, /long, target of 0 bytes",
        "15, 0x04, 5000, /long, target of 5000 bytes",
        "15, 0x04, 200, /long, NUL in its target",
        "12, 0x04, 1000, /dir/file, impossible size",
        "12, 0x04, 0x40000000, /dir/file, impossible size",
        "2, 0x00, 0, /dir/file, no directory"
    })
    void namesWhatIsDamaged(long inode, String field, String value, String path, String message) throws Exception {
        Images.patchInode(
                image, inode, Integer.decode(field), Long.decode(value).intValue());

        try (DiskReader disk = DiskReader.open(image)) {
            if (message.isEmpty()) {
                assertThat(disk.open(path).readAllBytes()).hasSize(200_000);
                return;
            }
            assertThatThrownBy(() -> {
                        if (path.equals("/long")) {
                            disk.readLink(path);
                        } else {
                            disk.open(path).readAllBytes();
                        }
                    })
                    .isInstanceOf(DiskFormatException.class)
                    .hasMessageContaining(message);
        }
    }

    @Test
    void namesThatAreNoTextCanStillBeRead() throws Exception {
        Images.replace(image, "construir.status", "construi\u00ff.status");

        try (DiskReader disk = DiskReader.open(image)) {
            String path = disk.list("/").get(4).path();
            assertThat(path).isEqualTo("/construi\ufffd.status");
            assertThat(disk.open(path).readAllBytes()).asString().isEqualTo("state=ended\n");
        }
    }

    @Test
    void namesThatAreNoTextMayBeShownLongerThanTheyAre() throws Exception {
        String name = "n".repeat(255);
        Path longest = Images.create(dir.resolve("longest.img"), "1M", disk -> Images.file(disk, name, "content"));
        Images.replace(longest, name, "\u00ff".repeat(255));
        String shown = "/" + "\ufffd".repeat(255);

        try (DiskReader disk = DiskReader.open(longest)) {
            assertThat(disk.list("/")).extracting(DiskEntry::path).contains(shown);
            assertThat(disk.open(shown).readAllBytes()).asString().isEqualTo("content");
            assertThat(disk.extendedAttributes(shown)).isEmpty();
            assertThat(disk.find(shown.substring(2) + "x")).isEmpty();
            assertThatThrownBy(() -> disk.find(shown + "\ufffd"))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("a name has 1 to 255 bytes");
            assertThatThrownBy(() -> disk.find("n".repeat(256)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("a name has 1 to 255 bytes");
        }
        try (DiskEditor editor = DiskEditor.open(longest)) {
            assertThatThrownBy(() ->
                            editor.file(shown.substring(2) + "x", Images.mode(0644), 0, InputStream.nullInputStream()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("a name has 1 to 255 bytes");
            editor.remove(shown);
            assertThat(editor.removeIfExists(shown)).isFalse();
        }
    }

    @Test
    void filesAreMadeInADirectoryThatIsShownLongerThanItsNameIs() throws Exception {
        String name = "n".repeat(100);
        Path odd = Images.create(dir.resolve("odd.img"), "1M", disk -> Images.file(disk, name + "/old", "content"));
        Images.replace(odd, name, "\u00ff".repeat(100));
        String shown = "/" + "\ufffd".repeat(100);

        try (DiskEditor editor = DiskEditor.open(odd)) {
            editor.file(shown + "/new", Images.mode(0644), 0, InputStream.nullInputStream());
        }
        try (DiskReader disk = DiskReader.open(odd)) {
            assertThat(disk.list(shown)).extracting(DiskEntry::path).containsExactly(shown + "/old", shown + "/new");
        }
    }

    @Test
    void openingWhatIsListedReadsADirectoryAboutOnce() throws Exception {
        int count = 1500;
        Path big = Images.create(dir.resolve("big.img"), "8M", disk -> {
            for (int i = 0; i < count; i++) {
                Images.file(disk, "dir/" + "n".repeat(240) + i, "");
            }
        });
        AtomicLong reads = new AtomicLong();
        try (DiskReader disk =
                ExtReader.on(counted(new BytesSource(Files.readAllBytes(big)), reads), ReadLimits.DEFAULT)) {
            for (DiskEntry entry : disk.list("/dir")) {
                assertThat(disk.find(entry.path()).orElseThrow().inode()).isEqualTo(entry.inode());
            }
            assertThat(reads).hasValueLessThan(10L * count);
            // in no order, too, all are found, and no others
            assertThat(disk.find("/dir/" + "n".repeat(240) + 1)).isPresent();
            assertThat(disk.find("/dir/" + "n".repeat(240) + 1400)).isPresent();
            assertThat(disk.find("/dir/" + "n".repeat(240) + 700)).isPresent();
            assertThat(disk.find("/dir/" + "n".repeat(240))).isEmpty();
        }
    }

    private static BlockSource counted(BlockSource disk, AtomicLong reads) {
        return new BlockSource() {
            @Override
            public long size() {
                return disk.size();
            }

            @Override
            public void read(long offset, byte[] into, int at, int length) throws IOException {
                reads.incrementAndGet();
                disk.read(offset, into, at, length);
            }

            @Override
            public void close() throws IOException {
                disk.close();
            }
        };
    }

    @Test
    void aListOfLongPathsHasItsLimit() throws Exception {
        String deep = "/" + "d".repeat(200) + "/" + "e".repeat(200);
        Path image = Images.create(dir.resolve("long.img"), "1M", disk -> {
            disk.directory(deep + "/one", Images.mode(0755));
            disk.directory(deep + "/two", Images.mode(0755));
        });
        ReadLimits limits = ReadLimits.DEFAULT.withEntries(3);
        try (DiskReader disk = DiskReader.open(image, limits)) {
            assertThatThrownBy(() -> disk.list(deep))
                    .isInstanceOf(DiskFormatException.class)
                    .hasMessageContainingAll("the paths of what is in " + deep, "longer in all than 768 characters");
            assertThat(disk.list("/")).hasSize(2);
        }
    }
}
