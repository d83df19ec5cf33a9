package dev.construir.disk.read;

import dev.construir.disk.read.NameCollisions.Name;
import dev.construir.host.HostDirectory;
import dev.construir.host.OpenDirectory;
import dev.construir.volume.VolumeEntry;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Makes the directory of an entry on the host, or opens the one that is there. */
final class DirectoryExtractor implements HostDirectory.Opening {
    private final ExtractTarget target;
    private final ExtractionCounter counter;
    private final VolumeEntry entry;
    private final Name name;
    private final Path hostName;

    DirectoryExtractor(ExtractTarget target, ExtractionCounter counter, VolumeEntry entry, Name name, Path hostName) {
        this.target = target;
        this.counter = counter;
        this.entry = entry;
        this.name = name;
        this.hostName = hostName;
    }

    @Override
    public @Nullable OpenDirectory first(HostDirectory parent) throws IOException {
        try {
            return make(parent, parent.resolve(hostName));
        } catch (FileSystemException e) {
            counter.lose(entry.path(), target.reason(e));
            return null;
        }
    }

    private OpenDirectory make(HostDirectory parent, Path path) throws IOException {
        try {
            Files.createDirectory(path, FileExtractor.PRIVATE_DIRECTORY);
        } catch (FileAlreadyExistsException e) {
            target.checkTwin(path, name);
            if (Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
                return opened(path);
            }
            Files.delete(path);
            Files.createDirectory(path, FileExtractor.PRIVATE_DIRECTORY);
        }
        target.made(parent, hostName);
        name.extracted();
        counter.directory(entry.inode());
        return target.openMade(path);
    }

    private OpenDirectory opened(Path path) throws IOException {
        OpenDirectory held = target.open(path);
        try {
            FileExtractor.open(held);
            name.extracted();
            return held;
        } catch (IOException | RuntimeException e) {
            held.close();
            throw e;
        }
    }

    @Override
    public @Nullable OpenDirectory again(HostDirectory parent, Object key) throws IOException {
        try {
            OpenDirectory held = target.open(parent.resolve(hostName));
            if (held.key().equals(key)) {
                return held;
            }
            held.close();
            counter.lose(entry.path(), "another directory has taken its place");
        } catch (FileSystemException e) {
            counter.lose(entry.path(), target.reason(e));
        }
        return null;
    }

    @Override
    public OpenDirectory above(OpenDirectory below) throws IOException {
        return target.open(below.above());
    }
}
