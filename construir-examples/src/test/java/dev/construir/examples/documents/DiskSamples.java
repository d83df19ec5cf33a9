package dev.construir.examples.documents;

import dev.construir.DataSize;
import dev.construir.disk.Attributes;
import dev.construir.disk.DiskEntry;
import dev.construir.disk.Partition;
import dev.construir.disk.SparseCopy;
import dev.construir.disk.compress.CompressOptions;
import dev.construir.disk.compress.CompressReport;
import dev.construir.disk.compress.CompressedImage;
import dev.construir.disk.edit.DiskEditor;
import dev.construir.disk.read.DiskImage;
import dev.construir.disk.read.DiskReader;
import dev.construir.disk.read.ExtractOptions;
import dev.construir.disk.read.Selection;
import dev.construir.disk.write.DiskOptions;
import dev.construir.disk.write.JobDisk;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;

/** Holds what the javadoc of the disk module's entry types shows, so that it compiles. */
final class DiskSamples {
    private DiskSamples() {}

    static void writing() throws IOException {
        JobDisk.create(
                Path.of("job.img"),
                DiskOptions.of(DataSize.parse("64M")),
                disk -> disk.file("data.txt", "hello").copy("src", Path.of("project")));
    }

    static void reading() throws IOException {
        try (DiskReader disk = DiskReader.open(Path.of("job.img"))) {
            for (DiskEntry entry : disk.list("/")) {
                System.out.println(entry.path());
            }
            try (InputStream log = disk.open("/construir.log")) {
                log.transferTo(System.out);
            }
        }
    }

    static void partitions() throws IOException {
        DiskImage image = DiskImage.of(Path.of("debian.qcow2"));
        for (Partition partition : image.partitions()) {
            System.out.println(partition);
        }
    }

    static void editing() throws IOException {
        byte[] content = "hello\n".getBytes(StandardCharsets.UTF_8);
        try (DiskEditor editor = DiskEditor.open(Path.of("job.img"))) {
            editor.removeIfExists("/old.txt");
            Attributes attributes = Attributes.ofRoot(0644, Instant.now());
            editor.file("/new.txt", attributes, content.length, new ByteArrayInputStream(content));
        }
    }

    static void compressing() throws IOException, InterruptedException {
        CompressReport report =
                CompressedImage.write(Path.of("job.img"), Path.of("job.img.xz"), CompressOptions.DEFAULT);
    }

    static void copying() throws IOException {
        SparseCopy.copy(Path.of("job.img"), Path.of("copy.img"));
    }

    static void selecting(DiskReader disk) throws IOException, InterruptedException {
        Selection classes = Selection.matching(List.of("target/*.class"));
        disk.copyTo("/", Path.of("out"), new ExtractOptions(classes, ExtractOptions.Links.INSIDE));
    }

    static DataSize amounts() {
        DataSize size = DataSize.parse("512M");
        return size;
    }
}
