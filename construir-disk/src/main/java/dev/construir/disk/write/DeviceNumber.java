package dev.construir.disk.write;

import dev.construir.ext.Inode;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Numbers of devices as the kernel keeps them in inodes: small ones in 16 bits, others in 32. */
final class DeviceNumber {
    private static final int MAX_MAJOR = 0xfff;
    private static final int MAX_MINOR = 0xf_ffff;
    private static final int SMALL = 0x100;

    private DeviceNumber() {}

    /**
     * Returns what stands in the inode in place of a map.
     *
     * @throws IllegalArgumentException if no device has such a number
     */
    static ByteBuffer encode(long major, long minor) {
        if (major < 0 || major > MAX_MAJOR || minor < 0 || minor > MAX_MINOR) {
            throw new IllegalArgumentException(
                    "a device has the numbers 0:0 to " + MAX_MAJOR + ":" + MAX_MINOR + ", not " + major + ":" + minor);
        }
        ByteBuffer map = ByteBuffer.allocate(Inode.MAP_SIZE).order(ByteOrder.LITTLE_ENDIAN);
        boolean small = major < SMALL && minor < SMALL;
        return small
                ? map.putInt(0, (int) ((major << 8) | minor))
                : map.putInt(Integer.BYTES, (int) ((minor & 0xff) | (major << 8) | ((minor & ~0xff) << 12)));
    }
}
