package dev.construir.job;

import dev.construir.disk.Attributes;
import dev.construir.disk.write.DiskBuilder;
import dev.construir.disk.write.DiskContent;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;

/** A shell script that is a job's {@code bin/construir}. Immutable. */
final class Script implements DiskContent {
    static final String PATH = "bin/construir";

    private static final int MAX_SIZE = 1 << 20;

    private final byte[] bytes;

    private Script(byte[] bytes) {
        this.bytes = bytes;
    }

    static Script of(String shell) {
        int nul = shell.indexOf('\0');
        if (nul >= 0) {
            throw new IllegalArgumentException(
                    "not a script: character " + (nul + 1) + " is a NUL; put what is no text into a file on the disk");
        }
        byte[] bytes = utf8("#!/bin/sh\n" + shell + "\n");
        if (bytes.length > MAX_SIZE) {
            throw new IllegalArgumentException("a script of " + bytes.length + " bytes; the limit is " + MAX_SIZE
                    + ": put it into a file of a directory, and run that");
        }
        return new Script(bytes);
    }

    private static byte[] utf8(String text) {
        try {
            ByteBuffer encoded = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(text));
            byte[] bytes = new byte[encoded.remaining()];
            encoded.get(bytes);
            return bytes;
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException("not a script: it has half a surrogate pair, which is no character", e);
        }
    }

    @Override
    public void writeTo(DiskBuilder disk) throws IOException {
        Attributes executable = Attributes.ofRoot(0755, Instant.EPOCH);
        disk.file(PATH, executable, bytes.length, new ByteArrayInputStream(bytes));
    }
}
