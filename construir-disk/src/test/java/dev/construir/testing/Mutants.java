package dev.construir.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import dev.construir.DataSize;
import dev.construir.disk.DiskEntry;
import dev.construir.disk.ReadLimits;
import dev.construir.disk.read.DiskReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Random;
import java.util.function.ToIntFunction;
import java.util.stream.IntStream;

/** Damages a disk, again and again, and reads it whole. */
public final class Mutants {
    private static final int EXTRACTIONS_EVERY = 10;
    private static final int MOST_CHANGES = 8;
    /** In each directory, as each path is looked up from the root on. */
    private static final int BY_PATH = 40;

    private static final int PIECE = 1024;
    /** What a guest wrote from a random source has hardly any zeros, and structures have many. */
    private static final int ZEROS_OF_STRUCTURES = PIECE / 32;

    private static final ReadLimits LIMITS = new ReadLimits(DataSize.ofMebibytes(2), 500, 20, 1000);

    private final Path image;
    private final ToIntFunction<Random> position;
    private final Path target;
    private final ReadLimits limits;

    /**
     * Takes a disk.
     *
     * @param image an image of one file system, which is changed and put back
     * @param position chooses a byte to change
     * @param target where some of them are extracted to
     */
    public Mutants(Path image, ToIntFunction<Random> position, Path target) {
        this(image, position, target, LIMITS);
    }

    private Mutants(Path image, ToIntFunction<Random> position, Path target, ReadLimits limits) {
        this.image = image;
        this.position = position;
        this.target = target;
        this.limits = limits;
    }

    /**
     * Takes a disk whose structures are damaged, and not what looks like random content.
     *
     * @param image an image of one file system, which is changed and put back
     * @param limits how much is read at most
     * @param target where some of them are extracted to
     * @return the mutants
     * @throws IOException if the image cannot be read
     */
    public static Mutants ofStructures(Path image, ReadLimits limits, Path target) throws IOException {
        byte[] disk = Files.readAllBytes(image);
        int[] candidates = IntStream.range(1, disk.length / PIECE) // not what comes before the superblock
                .filter(piece -> isStructure(disk, piece * PIECE))
                .flatMap(piece -> IntStream.range(piece * PIECE, (piece + 1) * PIECE))
                .filter(at -> disk[at] != 0 || disk[at - 1] != 0) // zeros are rarely worth changing
                .toArray();
        return new Mutants(image, random -> candidates[random.nextInt(candidates.length)], target, limits);
    }

    private static boolean isStructure(byte[] disk, int from) {
        long zeros =
                IntStream.range(from, from + PIECE).filter(at -> disk[at] == 0).count();
        return zeros >= ZEROS_OF_STRUCTURES && zeros < PIECE;
    }

    /**
     * Damages and reads.
     *
     * @param random says what is damaged
     * @param rounds how often
     * @return how many were refused; all others were read
     * @throws IOException if the image cannot be changed
     * @throws InterruptedException if the thread is interrupted
     */
    public int refused(Random random, int rounds) throws IOException, InterruptedException {
        int refused = 0;
        try (RandomAccessFile disk = new RandomAccessFile(image.toFile(), "rw")) {
            for (int round = 0; round < rounds; round++) {
                int[] places = IntStream.range(0, 1 + random.nextInt(MOST_CHANGES))
                        .map(i -> position.applyAsInt(random))
                        .distinct()
                        .toArray();
                byte[] before = new byte[places.length];
                for (int i = 0; i < places.length; i++) {
                    disk.seek(places[i]);
                    before[i] = disk.readByte();
                    disk.seek(places[i]);
                    disk.write(random.nextInt(3) == 0 ? -random.nextInt(2) : random.nextInt());
                }
                if (!isRead(round)) {
                    refused++;
                }
                for (int i = 0; i < places.length; i++) {
                    disk.seek(places[i]);
                    disk.write(before[i]);
                }
            }
        }
        return refused;
    }

    private boolean isRead(int round) throws InterruptedException {
        try (DiskReader disk = DiskReader.open(image, limits)) {
            readAll(disk, "/", 0);
            disk.snapshot();
            if (round % EXTRACTIONS_EVERY == 0) {
                disk.copyTo(target);
            }
            return true;
        } catch (IOException e) {
            return false;
        } catch (RuntimeException | StackOverflowError | OutOfMemoryError e) {
            return fail("round " + round, e);
        }
    }

    private static void readAll(DiskReader disk, String path, int depth) throws IOException {
        for (DiskEntry entry : disk.list(path).stream().limit(BY_PATH).toList()) {
            readAttributes(disk, entry.path());
            switch (entry.kind()) {
                case DIRECTORY -> {
                    if (depth < 5) {
                        readAll(disk, entry.path(), depth + 1);
                    }
                }
                case FILE -> {
                    try (InputStream in = disk.open(entry.path())) {
                        in.readNBytes(100_000);
                    } catch (NoSuchFileException e) {
                        // The name was damaged into one that is shown like another's.
                    }
                }
                case SYMBOLIC_LINK -> disk.readLink(entry.path());
                default -> assertThat(entry.links()).isPositive();
            }
        }
    }

    private static void readAttributes(DiskReader disk, String path) throws IOException {
        try {
            disk.extendedAttributes(path)
                    .forEach((name, value) ->
                            assertThat(name.length() + value.length).isPositive());
        } catch (NoSuchFileException e) {
            // As above.
        }
    }
}
