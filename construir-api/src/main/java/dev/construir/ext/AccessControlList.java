package dev.construir.ext;

import dev.construir.DiskFormatException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** POSIX access control lists: the disk keeps them without the numbers that say nothing, programs see them with all. */
public final class AccessControlList {
    private static final int DISK_VERSION = 1;
    private static final int VERSION = 2;
    private static final int OWNER = 0x01;
    private static final int USER = 0x02;
    private static final int OWNING_GROUP = 0x04;
    private static final int GROUP = 0x08;
    private static final int MASK = 0x10;
    private static final int OTHERS = 0x20;
    private static final int ALL = 07;
    private static final int UNDEFINED = -1;

    private AccessControlList() {}

    /**
     * Turns a list as the disk keeps it into the value of the attribute that {@code getxattr(2)} returns.
     *
     * @param disk the bytes on the disk
     * @param name what to call it in messages
     * @return the attribute's value
     * @throws DiskFormatException if it is no such list
     */
    public static byte[] decode(byte[] disk, String name) throws DiskFormatException {
        ByteBuffer in = ByteBuffer.wrap(disk).order(ByteOrder.LITTLE_ENDIAN);
        ByteBuffer out = ByteBuffer.allocate(4 + 2 * disk.length).order(ByteOrder.LITTLE_ENDIAN);
        if (disk.length < 4 || in.getInt() != DISK_VERSION) {
            throw new DiskFormatException(name + ", an access control list, is none of version 1");
        }
        out.putInt(VERSION);
        while (in.hasRemaining()) {
            int tag = in.remaining() < 4 ? 0 : in.getShort();
            boolean named = tag == USER || tag == GROUP;
            if (tag == 0 || in.remaining() < (named ? 6 : 2)) {
                throw new DiskFormatException(name + ", an access control list, is cut off");
            }
            out.putShort((short) tag).putShort(in.getShort()).putInt(named ? in.getInt() : UNDEFINED);
        }
        byte[] value = new byte[out.position()];
        out.flip().get(value);
        return value;
    }

    /**
     * Returns the permission bits that grant owner, owning group and others what a list grants them.
     *
     * @param disk the bytes on the disk
     * @param name what to call it in messages
     * @return the bits, 0 to 0777; of whom the list does not name, none
     * @throws DiskFormatException if it is no such list
     */
    public static int mode(byte[] disk, String name) throws DiskFormatException {
        ByteBuffer in = ByteBuffer.wrap(decode(disk, name)).order(ByteOrder.LITTLE_ENDIAN);
        int owner = 0;
        int group = 0;
        int others = 0;
        int mask = ALL;
        for (int at = Integer.BYTES; at < in.limit(); at += 2 * Integer.BYTES) {
            int granted = in.getShort(at + Short.BYTES) & ALL;
            switch (in.getShort(at)) {
                case OWNER -> owner = granted;
                case OWNING_GROUP -> group = granted;
                case MASK -> mask = granted;
                case OTHERS -> others = granted;
                default -> {} // somebody who is named
            }
        }
        return owner << 6 | (group & mask) << 3 | others;
    }

    /**
     * Turns the value of the attribute that {@code getxattr(2)} returns into a list as the disk keeps it.
     *
     * @param value the attribute's value
     * @return the bytes on the disk
     * @throws IllegalArgumentException if it is no such list
     */
    static byte[] encode(byte[] value) {
        ByteBuffer in = ByteBuffer.wrap(value).order(ByteOrder.LITTLE_ENDIAN);
        if (value.length % 8 != 4 || in.getInt() != VERSION) {
            throw new IllegalArgumentException("an access control list has the version 2 and entries of 8 bytes, as"
                    + " getxattr(2) returns them; this one is of " + value.length + " bytes");
        }
        ByteBuffer out = ByteBuffer.allocate(value.length).order(ByteOrder.LITTLE_ENDIAN);
        out.putInt(DISK_VERSION);
        while (in.hasRemaining()) {
            short tag = in.getShort();
            out.putShort(tag).putShort(in.getShort());
            int whose = in.getInt();
            if (tag == USER || tag == GROUP) {
                out.putInt(whose);
            }
        }
        byte[] disk = new byte[out.position()];
        out.flip().get(disk);
        return disk;
    }
}
