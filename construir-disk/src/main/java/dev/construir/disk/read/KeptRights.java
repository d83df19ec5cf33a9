package dev.construir.disk.read;

import dev.construir.DiskFormatException;
import dev.construir.ext.AccessControlList;
import dev.construir.ext.AttributeBlock;
import dev.construir.ext.ExtendedAttribute;
import dev.construir.ext.Inode;
import dev.construir.volume.ExtVolume;
import dev.construir.volume.VolumeEntry;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What of an entry's rights the host gets, which has neither its access control lists nor its capabilities. With a
 * list, the group's bits of a mode are no rights of the group, but the most that the list grants to any user or group
 * it names: without it, the group gets what the list grants the group, and neither it nor others get what the list
 * denies to one that it names.
 *
 * @param mode the permission bits, which never grant more than the entry does on the disk
 * @param left what is left out, in the words of reports
 * @param others whether the entry has further extended attributes, which are left out as well
 */
record KeptRights(int mode, List<String> left, boolean others) {
    private static final int PERMISSIONS = 0777;

    /** Looks at an entry's mode and the names of its attributes; of values it reads no more than the one list. */
    static KeptRights of(ExtVolume volume, VolumeEntry entry) throws IOException {
        Inode inode = entry.inode();
        Collector found = new Collector(inode.mode());
        try {
            found.addAll(volume.attributesIn(entry.number()));
            long block = inode.attributeBlock();
            if (block != 0) {
                volume.checkBlocks(block, 1, "the place of the attributes of " + volume.describe(entry.number()));
                found.addAll(AttributeBlock.inBlock(
                        volume.block(block), volume.geometry().offset(block)));
            }
        } catch (DiskFormatException e) {
            // A list may be among what cannot be read.
            found.left("its attributes, and the rights of all but its owner (" + e.getMessage() + ")");
            found.mode = AccessControlList.modeWithoutUnknown(found.mode);
        }
        return found.rights();
    }

    /** A symbolic link's mode grants nothing, and it has no list. */
    static KeptRights ofLink(ExtVolume volume, VolumeEntry entry) throws IOException {
        KeptRights all = of(volume, entry);
        return new KeptRights(all.mode, List.of(), all.others || !all.left.isEmpty());
    }

    private static final class Collector {
        private final int whole;
        private int mode;
        private @Nullable List<String> left;
        private boolean others;
        private boolean listed;

        Collector(int mode) {
            this.whole = mode;
            this.mode = mode & PERMISSIONS;
            if ((mode & 06000) != 0) {
                left("its set-id bits");
            }
            if ((mode & 01000) != 0) {
                left("its sticky bit");
            }
        }

        void left(String what) {
            if (left == null) {
                left = new ArrayList<>();
            }
            left.add(what);
        }

        void addAll(AttributeBlock attributes) throws IOException {
            while (attributes.next()) {
                if (!attributes.isVisible()) {
                    continue;
                }
                switch (attributes.name()) {
                    case AccessControlList.ACCESS -> accessList(attributes);
                    case AccessControlList.DEFAULT -> left("its default access control list");
                    case ExtendedAttribute.CAPABILITIES -> left("its capabilities");
                    default -> others = true;
                }
            }
        }

        /** Linux takes the first, and so does this; what a second one says could only take away more. */
        private void accessList(AttributeBlock attributes) throws IOException {
            String described = "the extended attribute at byte " + attributes.position();
            if (attributes.valueInode() != 0) {
                throw new DiskFormatException(described + " has an access control list in another inode");
            }
            try {
                byte[] value = AccessControlList.decode(attributes.value(), described);
                mode &= AccessControlList.ofValue(value).modeWithout(mode);
            } catch (IllegalArgumentException e) {
                throw new DiskFormatException(
                        described + " is no access control list that a file can have: " + e.getMessage());
            }
            if (!listed) {
                listed = true;
                int before = whole & PERMISSIONS;
                left("its access control list"
                        + (mode == before ? "" : String.format(", and so its mode is %04o, not %04o", mode, before)));
            }
        }

        KeptRights rights() {
            return new KeptRights(mode, left == null ? List.of() : left, others);
        }
    }
}
