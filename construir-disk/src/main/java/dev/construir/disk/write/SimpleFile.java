package dev.construir.disk.write;

import dev.construir.block.FileInput;
import dev.construir.disk.Attributes;
import dev.construir.text.Reason;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Map;

/** Files that callers put on a disk by a line of code: texts, and copies of single files of the host. */
final class SimpleFile {
    private static final String NEEDED = "unix:mode,size,lastModifiedTime";

    private final byte[] content;

    private SimpleFile(byte[] content) {
        this.content = content;
    }

    static SimpleFile ofText(String text) {
        try {
            ByteBuffer encoded = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(text));
            byte[] content = new byte[encoded.remaining()];
            encoded.get(content);
            return new SimpleFile(content);
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException("not a text: it has half a surrogate pair, which is no character", e);
        }
    }

    DiskBuilder add(DiskBuilder disk, String path, int mode) throws IOException {
        return disk.file(
                path, Attributes.ofRoot(mode, Instant.EPOCH), content.length, new ByteArrayInputStream(content));
    }

    static DiskBuilder copy(DiskBuilder disk, String path, Path source) throws IOException {
        if (!Files.exists(source)) {
            throw new NoSuchFileException(source.toString(), null, Reason.unreadable(source));
        }
        if (!Files.isRegularFile(source)) { // a pipe would be waited for, and a device read for ever
            throw new FileSystemException(source.toString(), null, Reason.unreadable(source));
        }
        Map<String, Object> found = Files.readAttributes(source, NEEDED);
        int mode = (Integer) HostTree.get(found, "mode") & 07777;
        Instant modified = ((FileTime) HostTree.get(found, "lastModifiedTime")).toInstant();
        try (FileInput content = FileInput.open(source)) {
            return disk.file(path, Attributes.ofRoot(mode, modified), (Long) HostTree.get(found, "size"), content);
        }
    }
}
