package dev.construir.queue;

import dev.construir.DataSize;
import dev.construir.disk.Attributes;
import dev.construir.disk.DiskEntry;
import dev.construir.disk.edit.DiskEditor;
import dev.construir.disk.read.DiskReader;
import dev.construir.job.ForwardingJob;
import dev.construir.job.Job;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * A job with variables: on its disk, a script that sets them replaces {@code bin/construir} and executes it under
 * another name.
 *
 * @param delegate the job without them
 * @param variables their names, which a shell takes as they are, and values
 */
record EnvironmentJob(Job delegate, Map<String, String> variables) implements ForwardingJob {
    static final String PROGRAM = "/bin/construir";
    /** What the script executes. */
    static final String MOVED = "/bin/.construir-program";

    private static final int EXECUTABLE = 0111;

    @Override
    public void createDisk(Path file, DataSize size) throws IOException {
        delegate.createDisk(file, size);
        Path spooled = file.resolveSibling(file.getFileName() + ".program");
        try {
            Optional<DiskEntry> program = spool(file, spooled);
            if (program.isPresent()) {
                replace(file, spooled, program.get().attributes());
            }
        } finally {
            Files.deleteIfExists(spooled);
        }
    }

    /**
     * Copies the program out of the disk, which cannot be read while it is edited. What cannot be executed stays, for
     * the run to report.
     */
    private static Optional<DiskEntry> spool(Path file, Path spooled) throws IOException {
        try (DiskReader disk = DiskReader.open(file)) {
            Optional<DiskEntry> found = disk.find(PROGRAM);
            if (found.isPresent() && found.get().kind() == DiskEntry.Kind.SYMBOLIC_LINK) {
                throw new FileSystemException(
                        PROGRAM,
                        null,
                        "is a symbolic link; a job with variables (env.*) needs the program itself there");
            }
            Optional<DiskEntry> program = found.filter(entry -> entry.kind() == DiskEntry.Kind.FILE
                    && (entry.attributes().mode() & EXECUTABLE) != 0
                    && entry.size() > 0);
            if (program.isPresent()) {
                try (InputStream in = disk.open(program.get())) {
                    Files.copy(in, spooled);
                }
            }
            return program;
        }
    }

    private void replace(Path file, Path spooled, Attributes attributes) throws IOException {
        byte[] script = script().getBytes(StandardCharsets.UTF_8);
        try (DiskEditor disk = DiskEditor.open(file);
                InputStream program = Files.newInputStream(spooled)) {
            disk.file(MOVED, attributes, Files.size(spooled), program);
            disk.file(PROGRAM, attributes, script.length, new ByteArrayInputStream(script));
        }
    }

    private String script() {
        StringBuilder script = new StringBuilder("#!/bin/sh\n");
        variables.forEach((name, value) -> script.append("export ")
                .append(name)
                .append("='")
                .append(value.replace("'", "'\\''"))
                .append("'\n"));
        return script.append("exec /job").append(MOVED).append(" \"$@\"\n").toString();
    }

    @Override
    public String toString() {
        return delegate.toString();
    }
}
