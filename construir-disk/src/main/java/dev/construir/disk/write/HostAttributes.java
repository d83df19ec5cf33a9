package dev.construir.disk.write;

import dev.construir.ext.AccessControlList;
import dev.construir.ext.DiskPath;
import dev.construir.ext.ExtendedAttribute;
import dev.construir.host.HostName;
import dev.construir.host.SystemCalls;
import dev.construir.tar.LeftOut;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Reads attributes of files and directories of the host, where its file systems have such: {@code user.*}, and access
 * control lists and capabilities where the C library can be called, as Java sees no others. The labels of the host's
 * security modules, which every file of such a host has, are not looked at; other attributes of its own policy are left
 * out as well, and that is said.
 */
final class HostAttributes {
    private static final String PREFIX = "user.";
    private static final List<String> LABELS =
            List.of("security.selinux", "security.SMACK64", "security.apparmor", "security.ima", "security.evm");
    private static final List<String> POLICY = List.of("security.", "trusted.");
    private static final String NO_TEXT = "not UTF-8";
    /** No disk has room for more, so no more is read. */
    private static final int MAX_VALUE = 1 << 16;

    /** Which devices have file systems that can say what attributes there are. */
    private final Map<Long, Boolean> supported = new HashMap<>();

    private boolean asked;
    private Optional<SystemCalls> calls = Optional.empty();

    /** What an entry has that a disk can keep, and what it cannot. */
    record Found(Map<String, byte[]> attributes, LeftOut leftOut) {
        static final Found NOTHING = new Found(Map.of(), new LeftOut());
    }

    /** Returns whether access control lists and capabilities were seen, or nothing was asked for. */
    boolean seesLists() {
        return !asked || calls.isPresent();
    }

    /** Reads what an entry of a device has; what is neither a file nor a directory is not opened for that. */
    Found of(Path path, long device, boolean canBeOpened) throws IOException {
        if (!asked) {
            calls = SystemCalls.available();
            asked = true;
        }
        if (calls.isEmpty()) {
            return canBeOpened ? user(path, device) : Found.NOTHING;
        }
        return all(path, calls.get());
    }

    private static Found all(Path path, SystemCalls calls) throws IOException {
        byte[] file = HostName.ofPath(path);
        List<byte[]> names = calls.attributeNames(file);
        return names.isEmpty() ? Found.NOTHING : found(names, name -> calls.attribute(file, name));
    }

    /** Finds values. */
    interface Values {
        public Optional<byte[]> of(byte[] name) throws IOException;
    }

    /** Separates what is kept and what is not. */
    static Found found(List<byte[]> names, Values values) throws IOException {
        Map<String, byte[]> attributes = new LinkedHashMap<>();
        LeftOut leftOut = new LeftOut();
        for (byte[] each : names) {
            String name = new String(each, StandardCharsets.UTF_8);
            boolean isText = Arrays.equals(name.getBytes(StandardCharsets.UTF_8), each);
            boolean kept = name.startsWith(PREFIX)
                    || name.equals(ExtendedAttribute.CAPABILITIES)
                    || name.equals(AccessControlList.ACCESS)
                    || name.equals(AccessControlList.DEFAULT);
            if (!isText) {
                leftOut.add(new String(each, StandardCharsets.ISO_8859_1), NO_TEXT);
            } else if (kept) {
                values.of(each).ifPresent(value -> attributes.put(name, value));
            } else if (POLICY.stream().noneMatch(name::startsWith)) {
                leftOut.add(name);
            } else if (LABELS.stream().noneMatch(name::startsWith)) {
                leftOut.add(name, "the host's own");
            }
        }
        return new Found(attributes, leftOut);
    }

    private Found user(Path path, long device) throws IOException {
        UserDefinedFileAttributeView view =
                Files.getFileAttributeView(path, UserDefinedFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
        if (view == null || !supported.computeIfAbsent(device, first -> canList(view))) {
            return Found.NOTHING;
        }
        List<String> names = view.list();
        if (names.isEmpty()) {
            return Found.NOTHING;
        }
        Map<String, byte[]> attributes = new LinkedHashMap<>();
        LeftOut leftOut = new LeftOut();
        for (String name : names) {
            if (name.contains(DiskPath.REPLACED)) { // Java does not find it by this name
                leftOut.add(PREFIX + name, NO_TEXT);
                continue;
            }
            int size = view.size(name);
            if (size > MAX_VALUE) {
                throw new FileSystemException(
                        path.toString(), null, "its attribute " + PREFIX + name + " has " + size + " bytes");
            }
            ByteBuffer value = ByteBuffer.allocate(size);
            view.read(name, value);
            byte[] bytes = new byte[value.flip().remaining()];
            value.get(bytes);
            attributes.put(PREFIX + name, bytes);
        }
        return new Found(attributes, leftOut);
    }

    /** The first entry of a device stands for all: what cannot be read for other reasons cannot be packed either. */
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
