package dev.construir.ext;

import java.nio.ByteBuffer;

/**
 * The beginning of a journal. It follows {@code Documentation/filesystems/ext4/journal.rst} of the Linux kernel.
 *
 * @param known whether it is one
 * @param start the block of the journal at which replaying begins; 0 if there is nothing to replay
 */
public record JournalHeader(boolean known, int start) {
    private static final int MAGIC = 0xc03b3998;

    /**
     * Reads a header.
     *
     * @param block the journal's first block
     * @return the header
     */
    public static JournalHeader decode(byte[] block) {
        ByteBuffer in = ByteBuffer.wrap(block);
        return new JournalHeader(in.getInt(0) == MAGIC, in.getInt(0x1c));
    }
}
