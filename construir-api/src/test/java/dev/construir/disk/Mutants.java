package dev.construir.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import dev.construir.DataSize;
import dev.construir.block.BytesSource;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Random;
import java.util.function.ToIntFunction;

/** Damages copies of a disk and reads them whole. */
final class Mutants {
    private static final int EXTRACTIONS_EVERY = 10;
    private static final ReadLimits LIMITS = new ReadLimits(DataSize.ofMebibytes(2), 500, 20, 1000);

    private final byte[] original;
    private final ToIntFunction<Random> position;
    private final Path target;

    /** Takes a disk, what chooses a byte to change, and where some of them are extracted to. */
    Mutants(byte[] original, ToIntFunction<Random> position, Path target) {
        this.original = original;
        this.position = position;
        this.target = target;
    }

    /** Returns how many were refused; all others were read. */
    int refused(Random random, int rounds) throws InterruptedException {
        int refused = 0;
        for (int round = 0; round < rounds; round++) {
            byte[] mutant = original.clone();
            for (int i = random.nextInt(8); i >= 0; i--) {
                int at = position.applyAsInt(random);
                mutant[at] = random.nextInt(3) == 0 ? (byte) -random.nextInt(2) : (byte) random.nextInt();
            }
            try (DiskReader disk = Ext2Reader.on(new BytesSource(mutant), LIMITS)) {
                readAll(disk, "/", 0);
                disk.snapshot();
                if (round % EXTRACTIONS_EVERY == 0) {
                    disk.copyTo(target);
                }
            } catch (IOException e) {
                refused++;
            } catch (RuntimeException | StackOverflowError | OutOfMemoryError e) {
                fail("round " + round, e);
            }
        }
        return refused;
    }

    private static void readAll(DiskReader disk, String path, int depth) throws IOException {
        for (DiskEntry entry : disk.list(path)) {
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
                    } catch (java.nio.file.NoSuchFileException e) {
                        // The name was damaged into one that is shown like another's.
                    }
                }
                case SYMBOLIC_LINK -> disk.readLink(entry.path());
                case SPECIAL -> assertThat(entry.links()).isPositive();
            }
        }
    }

    private static void readAttributes(DiskReader disk, String path) throws IOException {
        try {
            disk.extendedAttributes(path)
                    .forEach((name, value) ->
                            assertThat(name.length() + value.length).isPositive());
        } catch (java.nio.file.NoSuchFileException e) {
            // As above.
        }
    }
}
