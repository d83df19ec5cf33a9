package dev.construir.disk;

import dev.construir.ext.ExtendedAttribute;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Reads the {@code user.*} attributes of files and directories of the host, where its file systems have such. */
final class HostAttributes {
    private static final String PREFIX = "user.";
    /** No disk has room for more, so no more is read. */
    private static final int MAX_VALUE = 1 << 16;

    /** Which devices have file systems that can say what attributes there are. */
    private final Map<Long, Boolean> supported = new HashMap<>();

    /** Reads what an entry of a device has, in the order a disk keeps it in. */
    List<ExtendedAttribute> of(Path path, long device) throws IOException {
        UserDefinedFileAttributeView view =
                Files.getFileAttributeView(path, UserDefinedFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
        if (view == null || !supported.computeIfAbsent(device, first -> canList(view))) {
            return List.of();
        }
        List<String> names = view.list();
        if (names.isEmpty()) {
            return List.of();
        }
        List<ExtendedAttribute> found = new ArrayList<>(names.size());
        for (String name : names) {
            int size = view.size(name);
            if (size > MAX_VALUE) {
                throw new FileSystemException(
                        path.toString(), null, "its attribute " + PREFIX + name + " has " + size + " bytes");
            }
            ByteBuffer value = ByteBuffer.allocate(size);
            view.read(name, value);
            byte[] bytes = new byte[value.flip().remaining()];
            value.get(bytes);
            found.add(ExtendedAttribute.of(PREFIX + name, bytes));
        }
        found.sort(null);
        return found;
    }

    /** The first entry of a device tells it for all: what cannot be read for other reasons cannot be packed either. */
    private static boolean canList(UserDefinedFileAttributeView view) {
        try {
            view.list();
            return true;
        } catch (
                @SuppressWarnings("unused")
                IOException unsupported) {
            return false;
        }
    }
}
