package dev.construir.command;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A disk with a boot sector, so that it is taken for a root image, and nothing else. */
public final class BareDisk {
    private BareDisk() {}

    public static Path write(Path file) throws IOException {
        byte[] sector = new byte[512];
        sector[510] = 0x55;
        sector[511] = (byte) 0xaa;
        return Files.write(file, sector);
    }
}
