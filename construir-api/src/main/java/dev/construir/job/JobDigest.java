package dev.construir.job;

import dev.construir.block.FileInput;
import dev.construir.block.Sha256;
import dev.construir.scratch.Scratch;
import dev.construir.scratch.ScratchDirectory;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** The digest of what determines a job's result: its disk, resources, network and outputs. */
final class JobDigest {
    private static final int BLOCK = 4096;
    private static final int CHUNK = 64 * BLOCK;
    private static final byte[] ZEROS = new byte[BLOCK];

    private JobDigest() {}

    static String of(Job job) throws IOException {
        Sha256 digest = new Sha256();
        digest.updateText("construir job 1");
        digest.updateNumber(job.resources().cpus());
        digest.updateNumber(job.resources().memory().bytes());
        digest.updateText(job.network().toString());
        List<String> globs = job.outputs() instanceof Outputs.Matching matching ? matching.globs() : List.of();
        digest.updateText(job.outputs().getClass().getSimpleName());
        digest.updateNumber(globs.size());
        globs.forEach(digest::updateText);
        try (Scratch scratch = Scratch.open(Scratch.defaultRoot().resolve("digests"), leftover -> {});
                ScratchDirectory directory = scratch.directory("job")) {
            Path disk = directory.path().resolve("job.img");
            job.createDisk(disk, job.resources().disk());
            updateBlocks(digest, disk);
        }
        return digest.finish();
    }

    // Blocks of zeros count only by their place, so that it does not matter which of them are holes.
    private static void updateBlocks(Sha256 digest, Path disk) throws IOException {
        try (FileInput in = FileInput.open(disk)) {
            byte[] chunk = new byte[CHUNK];
            long position = 0;
            for (int length = in.readNBytes(chunk, 0, CHUNK); length > 0; length = in.readNBytes(chunk, 0, CHUNK)) {
                for (int at = 0; at < length; at += BLOCK) {
                    updateBlock(digest, position + at, chunk, at, Math.min(BLOCK, length - at));
                }
                position += length;
                long hole = in.hole() / BLOCK * BLOCK;
                in.skipHole(hole);
                position += hole;
                if (Thread.currentThread().isInterrupted()) {
                    throw new ClosedByInterruptException();
                }
            }
            digest.updateNumber(position);
        }
    }

    private static void updateBlock(Sha256 digest, long position, byte[] bytes, int at, int length) {
        if (!Arrays.equals(bytes, at, at + length, ZEROS, 0, length)) {
            digest.updateNumber(position);
            digest.update(bytes, at, length);
        }
    }
}
