package dev.construir.examples.command;

import dev.construir.DataSize;
import dev.construir.disk.JobDisk;
import dev.construir.job.Job;
import java.io.IOException;
import java.nio.file.Path;

/**
 * A job whose disk is unpacked from an xz-compressed image: what a custom job looks like.
 *
 * @param image the image
 */
record CompressedImageJob(Path image) implements Job {
    @Override
    public String name() {
        return String.valueOf(image.getFileName());
    }

    @Override
    public void createDisk(Path file, DataSize size) throws IOException {
        DiskFiles.unpack(image, file);
        JobDisk.checkFileSystem(file);
    }
}
