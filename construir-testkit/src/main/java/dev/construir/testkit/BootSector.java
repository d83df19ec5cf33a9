package dev.construir.testkit;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HexFormat;

/**
 * Guests of a few bytes of 8086 code, which the BIOS starts at 0:0x7c00. Each prints {@code construir: ready} on the
 * first serial port and then does what its name says.
 *
 * @since 0.1
 */
public enum BootSector {
    /** Writes the ACPI sleep type of S5 and its enable bit to the power management's control register, then halts. */
    POWER_OFF("b80020ba0406eff4ebfd"),
    /** Writes to the reset control register, then halts. */
    RESET("baf90cb006eef4ebfd"),
    /** Halts with interrupts off. */
    HANG("f4ebfd"),
    /** Jumps to itself. */
    SPIN("ebfe"),
    /** Prints x, call by call of the routine at 0x80, for ever. */
    FLOOD("b078e86300ebf9"),
    /** Prints x 65,536 times, then does as POWER_OFF. */
    PRINT("31c9b078e86100e2f9b80020ba0406eff4ebfd"),
    /** Prints what the serial port receives until that is the byte 4, then does as POWER_OFF. */
    ECHO("bafd03eca80174fbbaf803ec3c047405e85500ebebb80020ba0406eff4ebfd"),
    /** Writes to the port of the ISA pvpanic device, then halts. */
    PANIC("ba0505b001eef4ebfd"),
    /** Writes 127 sectors to the first disk by the BIOS (int 0x13, function 0x43), advances, and so on for ever. */
    FILL_FIRST_DISK("be407cb443b000b280fbcd13830648" + "7c7febed"),
    /** Writes 127 sectors to the second disk, advances, and so on for ever. */
    FILL_SECOND_DISK("be407cb443b000b281fbcd13830648" + "7c7febed");

    // Clear interrupts, segments and direction; then print the text at 0x60 up to its zero byte.
    private static final String START = "fa31c08ed88ed0bc007cfc" + "be607c" + "ac84c07405e86a00ebf6";
    // Disk address packet: 127 sectors, from memory at 1000:0, to sector 0.
    private static final String PACKET = "10007f00" + "00000010" + "0000000000000000";
    // Waits for the serial port's transmitter and writes al to it.
    private static final String PUT = "50bafd03eca82074fb58baf803eec3";
    private static final int LENGTH = 1 << 20; // the BIOS boots from nothing smaller

    private final String code;

    BootSector(String code) {
        this.code = code;
    }

    /**
     * Writes a raw disk that starts with this sector.
     *
     * @param file the file to create
     * @return the file
     * @throws IOException if it cannot be made
     */
    public Path write(Path file) throws IOException {
        return write(file, LENGTH);
    }

    /**
     * Writes a raw disk of a length that starts with this sector.
     *
     * @param file the file to create
     * @param length the disk's length in bytes
     * @return the file
     * @throws IOException if it cannot be made
     */
    public Path write(Path file, long length) throws IOException {
        byte[] sector = new byte[512];
        put(sector, 0, START + code);
        put(sector, 0x40, PACKET);
        byte[] text = "construir: ready\n".getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(text, 0, sector, 0x60, text.length);
        put(sector, 0x80, PUT);
        put(sector, 510, "55aa");
        try (RandomAccessFile image = new RandomAccessFile(file.toFile(), "rw")) {
            image.write(sector);
            image.setLength(length);
        }
        return file;
    }

    private static void put(byte[] sector, int offset, String hex) {
        byte[] bytes = HexFormat.of().parseHex(hex);
        System.arraycopy(bytes, 0, sector, offset, bytes.length);
    }
}
