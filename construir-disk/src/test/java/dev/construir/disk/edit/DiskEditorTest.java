package dev.construir.disk.edit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;

import dev.construir.DiskFormatException;
import dev.construir.disk.Attributes;
import dev.construir.disk.DiskEntry;
import dev.construir.disk.DiskFullException;
import dev.construir.disk.FreeSpace;
import dev.construir.disk.ReadLimits;
import dev.construir.disk.read.DiskReader;
import dev.construir.disk.write.Images;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DiskEditorTest {
    private static final int BLOCK = 1024;
    private static final int INODE = 256;
    /** How much of a structure is damaged: the fields that matter. */
    private static final int LENGTH = 128;

    @TempDir
    Path dir;

    private Path image() throws IOException {
        return Images.create(dir.resolve("disk.img"), "256K", disk -> {
            disk.directory("d", Images.mode(0755));
            Images.file(disk, "d/file", Images.bytes(1, 20_000));
            disk.hardLink("d/second", "d/file");
            Images.file(disk, "construir.status", "run=job-0123456789ab");
            disk.symbolicLink("fast", Images.mode(0777), "d/file");
            disk.symbolicLink("slow", Images.mode(0777), "s".repeat(100));
        });
    }

    private static void file(DiskEditor disk, String path, byte[] content) throws IOException {
        disk.file(path, Images.mode(0600), content.length, new ByteArrayInputStream(content));
    }

    @Test
    void whatIsRemovedIsGoneAndItsRoomIsFree() throws Exception {
        Path image = image();
        try (DiskEditor disk = DiskEditor.open(image)) {
            FreeSpace before = disk.free();
            disk.remove("/construir.status");
            disk.remove("/fast");
            assertThat(disk.free()).isEqualTo(new FreeSpace(before.bytes() + BLOCK, before.inodes() + 2));
            disk.remove("/d/file");
            assertThat(disk.free().bytes()).isEqualTo(before.bytes() + BLOCK);
            disk.remove("d//second");
            disk.remove("slow");
            int blocks = 20 + 1; // with the indirect one
            assertThat(disk.free())
                    .isEqualTo(new FreeSpace(before.bytes() + (2L + blocks) * BLOCK, before.inodes() + 4));
            assertThat(disk.removeIfExists("/construir.status")).isFalse();
            assertThat(disk.removeIfExists("/none/construir.status")).isFalse();
        }
        try (DiskReader disk = DiskReader.open(image)) {
            assertThat(disk.list("/")).extracting(DiskEntry::path).containsExactly("/lost+found", "/d");
            assertThat(disk.list("/d")).isEmpty();
        }
    }

    @Test
    void attributesAreThoseGivenOrStay() throws Exception {
        Path image = image();
        Attributes given = new Attributes(04711, 70_000, 80_000, Images.TIME);
        Instant later = Instant.ofEpochSecond(5_000_000_000L, 7);
        try (DiskEditor disk = DiskEditor.open(image)) {
            disk.file("/d/new", given, 3, new ByteArrayInputStream(new byte[] {1, 2, 3}));
            disk.file("/construir.status", given, 0, new ByteArrayInputStream(new byte[0]));
            disk.replace("/d/second", later, 1, new ByteArrayInputStream(new byte[] {7}));
        }
        try (DiskReader disk = DiskReader.open(image)) {
            assertThat(disk.find("/d/new").orElseThrow().attributes()).isEqualTo(given);
            assertThat(disk.find("/construir.status").orElseThrow().attributes())
                    .isEqualTo(given);
            DiskEntry file = disk.find("/d/file").orElseThrow();
            assertThat(file.attributes()).isEqualTo(new Attributes(0644, 0, 0, later));
            assertThat(file.links()).isEqualTo(2);
            assertThat(disk.open("/d/file").readAllBytes()).containsExactly(7);
        }
    }

    @Test
    void whatCannotBeDoneChangesNothing() throws Exception {
        Path image = image();
        byte[] before = Files.readAllBytes(image);
        try (DiskEditor disk = DiskEditor.open(image)) {
            assertThatThrownBy(() -> disk.remove("/d"))
                    .isInstanceOf(FileSystemException.class)
                    .hasMessageContaining("/d: is a directory");
            assertThatThrownBy(() -> disk.remove("/")).hasMessageContaining("is the root");
            assertThatThrownBy(() -> disk.remove("/none")).isInstanceOf(NoSuchFileException.class);
            assertThatThrownBy(() -> disk.remove("/construir.status/x")).isInstanceOf(NotDirectoryException.class);
            assertThatThrownBy(() -> disk.remove("/d/../x")).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> file(disk, "/none/x", before)).isInstanceOf(NoSuchFileException.class);
            assertThatThrownBy(() -> file(disk, "/d", before)).isInstanceOf(FileAlreadyExistsException.class);
            assertThatThrownBy(() -> file(disk, "/fast", before))
                    .isInstanceOf(FileAlreadyExistsException.class)
                    .hasMessageContaining("is no regular file");
            assertThatThrownBy(() -> disk.replace("/x", Images.TIME, 0, new ByteArrayInputStream(before)))
                    .isInstanceOf(NoSuchFileException.class);
            assertThatThrownBy(() -> disk.file("/x", Images.mode(0), -1, new ByteArrayInputStream(before)))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThat(Files.readAllBytes(image)).isEqualTo(before);
            assertThatThrownBy(() -> disk.file("/x", Images.mode(0), 5, new ByteArrayInputStream(new byte[4])))
                    .isInstanceOf(EOFException.class)
                    .hasMessage("/x ends after 4 of 5 bytes");
            assertThatThrownBy(() -> disk.file("/x", Images.mode(0), 5, new ByteArrayInputStream(new byte[6])))
                    .hasMessageContaining("longer than the 5 bytes");
            assertThatThrownBy(() -> file(disk, "/x", Images.bytes(1, 300_000))).isInstanceOf(DiskFullException.class);
            Thread.currentThread().interrupt();
            assertThatThrownBy(() -> disk.remove("/fast")).isInstanceOf(ClosedByInterruptException.class);
            assertThat(Thread.interrupted()).isTrue();
            assertThat(disk.free().inodes()).isPositive();
        }
        byte[] after = Files.readAllBytes(image);
        assertThat(Arrays.copyOf(after, metadata(before))).isEqualTo(Arrays.copyOf(before, metadata(before)));
    }

    /** Returns where the first block that is free stands, before which nothing may have changed. */
    private static int metadata(byte[] image) {
        int bitmap = (image[2 * BLOCK] & 0xff) * BLOCK;
        int block = 1;
        while ((image[bitmap + (block - 1) / 8] & (1 << ((block - 1) % 8))) != 0) {
            block++;
        }
        return block * BLOCK;
    }

    @Test
    void anImageInUseIsRefused() throws Exception {
        Path image = image();
        DiskEditor disk = DiskEditor.open(image);
        assertThatThrownBy(() -> DiskEditor.open(image)).hasMessageContaining("is in use");
        disk.close();
        DiskEditor.open(image).close();
        assertThatThrownBy(() -> DiskEditor.open(dir)).isInstanceOf(NoSuchFileException.class);
    }

    /** Blocks that hold metadata, that are free, or twice in a map; an inode that is reserved; an unclean disk. */
    @Test
    void whatLiesIsRefusedBeforeAnythingIsWritten() throws Exception {
        assertRefused(inode("/d/file", 0x28, 3), "which holds the block bitmap of group 0");
        assertRefused(inode("/d/file", 0x28, 1), "which holds copies of superblock and descriptors of group 0");
        assertRefused(inode("/d/file", 0x2c, 250), "names block 250, which is free");
        assertRefused(inode("/d/file", 0x28, 256), "names block 256 of 256");
        assertRefused(image -> copyPointer(image, 0x28, 0x2c), "which is free");
        assertRefused(image -> copyPointer(image, 0x28 + 48, 0x28 + 52), "twice");
        assertRefused(inode("/d/file", 0x28, 0), "sectors, but its map has");
        assertRefused(inode("/d/file", 0x20, 0x80800), "is encrypted");
        assertRefused(
                image -> {
                    inode("/d/file", 0x68, 30).to(image);
                    inode("/d/file", 0x1c, 44).to(image);
                },
                "attribute block at byte 30720 is damaged");
        assertRefused(superblock(0x3a, 0), "was not unmounted cleanly");
        assertRefused(superblock(0xe8, 12), "was not unmounted cleanly");
        assertRefused(superblock(0x5c, 0x1000000), "hinder a change: compatible bit 0x1000000");
        assertRefused(superblock(0x64, 0x100), "hinder a change: quota");
        assertRefused(superblock(0x64, 0x203), "hinder a change: bigalloc");
        assertRefused(superblock(0x64, 0x410), "checksum");
        assertRefused(superblock(0x54, 20), "belongs to the file system itself");
        assertRefused(image -> put(image, 2 * BLOCK + 0x0c, 0x00110011), "but the group's descriptor says 17");
        assertRefused(image -> put(image, 2 * BLOCK + 0x04, 3), "would hold both");
        assertRefused(image -> put(image, 2 * BLOCK + 0x08, 0x7fffffff), "the inodes of group 0 would be in");
    }

    @FunctionalInterface
    private interface Damage {
        void to(Path image) throws IOException;
    }

    private static Damage inode(String path, int field, int value) {
        return image -> {
            long inode;
            try (DiskReader disk = DiskReader.open(image)) {
                inode = disk.find(path).orElseThrow().inode();
            }
            Images.patchInode(image, inode, field, value);
        };
    }

    private static Damage superblock(int field, int value) {
        return image -> put(image, BLOCK + field, value);
    }

    private static void copyPointer(Path image, int from, int to) throws IOException {
        byte[] bytes = Files.readAllBytes(image);
        long inode;
        try (DiskReader disk = DiskReader.open(image)) {
            inode = disk.find("/d/file").orElseThrow().inode();
        }
        int table = bytes[2 * BLOCK + 8] & 0xff;
        int at = table * BLOCK + (int) (inode - 1) * 256 + from;
        int pointer = (bytes[at] & 0xff) | (bytes[at + 1] & 0xff) << 8;
        Images.patchInode(image, inode, to, pointer);
    }

    private static void put(Path image, long at, int value) throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
            file.seek(at);
            file.writeInt(Integer.reverseBytes(value));
        }
    }

    private void assertRefused(Damage damage, String why) throws IOException {
        Files.deleteIfExists(dir.resolve("disk.img"));
        Path image = image();
        try (DiskEditor disk = DiskEditor.open(image)) {
            disk.remove("/d/second");
        }
        damage.to(image);
        byte[] before = Files.readAllBytes(image);
        assertThatThrownBy(() -> {
                    try (DiskEditor disk = DiskEditor.open(image)) {
                        disk.remove("/d/file");
                    }
                })
                .isInstanceOf(DiskFormatException.class)
                .hasMessageContaining(why);
        assertThat(Files.readAllBytes(image)).isEqualTo(before);
    }

    @Test
    void ofAMutatedDiskOnlyIoExceptionsCome() throws Exception {
        byte[] original = Files.readAllBytes(image());
        Assertions.assertTimeoutPreemptively(Duration.ofSeconds(60), () -> mutate(original, 600));
    }

    /**
     * Damages a disk of what {@link #image} makes, in many ways, and each time changes what then still can be changed.
     */
    static void mutate(byte[] original, int rounds) {
        Random random = new Random(20_260_101);
        int[] places = places(original);
        int refused = 0;
        for (int round = 0; round < rounds; round++) {
            byte[] mutant = original.clone();
            for (int i = random.nextInt(8); i >= 0; i--) {
                int at = places[random.nextInt(places.length)] + random.nextInt(LENGTH);
                mutant[at] = (byte) (random.nextBoolean() ? random.nextInt() : mutant[at] ^ (1 << random.nextInt(8)));
            }
            EditableBytes disk = new EditableBytes(mutant, Integer.MAX_VALUE);
            try (DiskEditor editor = DiskEditor.on(disk, ReadLimits.DEFAULT)) {
                editor.remove("/d/second");
                editor.remove("/d/file");
                file(editor, "/construir.status", Images.bytes(round, 3000));
                editor.remove("/slow");
                file(editor, "/d/new", Images.bytes(round, 15_000));
                editor.free();
            } catch (IOException e) {
                refused++;
                assertThat(e).hasMessageNotContaining("cut off in the middle");
            } catch (RuntimeException | StackOverflowError | OutOfMemoryError e) {
                fail("round " + round, e);
            }
        }
        assertThat(refused).isBetween(rounds / 10, rounds - 1);
    }

    /**
     * Returns where the superblock, the group, its bitmaps, some inodes, directories and what maps files stand, at
     * least what matters of them.
     */
    private static int[] places(byte[] image) {
        int group = 2 * BLOCK;
        int table = block(image, group + 8);
        IntStream inodes = IntStream.range(11, 18).map(inode -> table + (inode - 1) * INODE);
        IntStream blocks = IntStream.range(5, 100)
                .map(block -> block * BLOCK)
                .filter(at -> image[at + 1] == 0 && image[at + 3] == 0 && image[at] != 0);
        IntStream others =
                IntStream.of(BLOCK, BLOCK + 512, group, block(image, group), block(image, group + 4), table + INODE);
        return IntStream.concat(others, IntStream.concat(inodes, blocks)).toArray();
    }

    private static int block(byte[] image, int at) {
        return ((image[at] & 0xff) | (image[at + 1] & 0xff) << 8) * BLOCK;
    }
}
