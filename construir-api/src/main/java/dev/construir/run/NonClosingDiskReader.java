package dev.construir.run;

import dev.construir.disk.DiskEntry;
import dev.construir.disk.FileSystemInfo;
import dev.construir.disk.read.DiskReader;
import dev.construir.disk.read.DiskSnapshot;
import dev.construir.disk.read.DiskVisitor;
import dev.construir.disk.read.ExtractOptions;
import dev.construir.disk.read.ExtractReport;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A view of a reader whose {@code close()} does nothing: the result owns the reader. */
record NonClosingDiskReader(DiskReader owned) implements DiskReader {
    @Override
    public FileSystemInfo info() {
        return owned.info();
    }

    @Override
    public Optional<DiskEntry> find(String path) throws IOException {
        return owned.find(path);
    }

    @Override
    public DiskEntry follow(String path) throws IOException {
        return owned.follow(path);
    }

    @Override
    public List<DiskEntry> list(String path) throws IOException {
        return owned.list(path);
    }

    @Override
    public void walk(String path, DiskVisitor visitor) throws IOException {
        owned.walk(path, visitor);
    }

    @Override
    public InputStream open(String path) throws IOException {
        return owned.open(path);
    }

    @Override
    public InputStream open(DiskEntry file) throws IOException {
        return owned.open(file);
    }

    @Override
    public String readLink(String path) throws IOException {
        return owned.readLink(path);
    }

    @Override
    public String readLink(DiskEntry link) throws IOException {
        return owned.readLink(link);
    }

    @Override
    public Map<String, byte[]> extendedAttributes(String path) throws IOException {
        return owned.extendedAttributes(path);
    }

    @Override
    public DiskSnapshot snapshot() throws IOException {
        return owned.snapshot();
    }

    @Override
    public ExtractReport copyTo(String path, Path target, ExtractOptions options)
            throws IOException, InterruptedException {
        return owned.copyTo(path, target, options);
    }

    @Override
    public ExtractReport copyTo(DiskEntry entry, Path target, ExtractOptions options)
            throws IOException, InterruptedException {
        return owned.copyTo(entry, target, options);
    }

    @Override
    public void close() {}
}
