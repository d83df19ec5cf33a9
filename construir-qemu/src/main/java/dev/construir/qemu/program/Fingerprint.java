package dev.construir.qemu.program;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Map;
import java.util.TreeMap;

/** Texts that change when a file does. */
public final class Fingerprint {
    private Fingerprint() {}

    /**
     * Returns the fingerprint of a program, which a replacement changes.
     *
     * @param file the program
     * @return its path, size and time of change
     * @throws IOException if it cannot be looked at
     */
    public static String ofProgram(Path file) throws IOException {
        Path real = file.toRealPath();
        BasicFileAttributes attributes = Files.readAttributes(real, BasicFileAttributes.class);
        return real + " " + attributes.size() + " "
                + attributes.lastModifiedTime().toMillis();
    }

    /**
     * Returns the fingerprint of a device and of what this user may do with it.
     *
     * @param device the device's file
     * @return its number, inode, mode, and the access to it
     */
    public static String ofDevice(Path device) {
        String access = (Files.isReadable(device) ? "r" : "-") + (Files.isWritable(device) ? "w" : "-");
        try {
            Map<String, Object> attributes =
                    Files.readAttributes(device, "unix:dev,rdev,ino,mode,uid,gid", LinkOption.NOFOLLOW_LINKS);
            return device + " " + new TreeMap<>(attributes) + " " + access;
        } catch (IOException | UnsupportedOperationException | IllegalArgumentException e) {
            return device + " absent " + access;
        }
    }
}
