package dev.construir.bench;

import dev.construir.ConstruirException;
import dev.construir.DataSize;
import dev.construir.bench.DiskBenchmark.Side;
import dev.construir.disk.Attributes;
import dev.construir.disk.compress.CompressOptions;
import dev.construir.disk.compress.CompressedImage;
import dev.construir.disk.write.DiskOptions;
import dev.construir.disk.write.JobDisk;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongConsumer;
import java.util.stream.IntStream;

/**
 * Prepares one {@link XzWork}, a disk of this host's files that is made by the library, and knows how large each side's
 * file was.
 */
final class XzBenchmark {
    private static final long MEGABYTE = 1_000_000;
    private static final int IN_DIRECTORY = 500;

    private final Path place;
    private final double scale;
    private final CompressOptions options;
    private final NativeTool xz;
    private long librarySize;
    private long toolSize;

    /**
     * Creates a place to prepare it in.
     *
     * @param place an empty directory
     * @param scale how much work there is, from 0 to 1
     * @param options how the library compresses, and, as far as it can, xz
     */
    XzBenchmark(Path place, double scale, CompressOptions options) throws ConstruirException {
        this.place = place;
        this.scale = scale;
        this.options = options;
        this.xz = NativeTool.find("xz", "xz-utils");
    }

    /** The product of one side. */
    private interface Packing {
        void pack(Path product) throws ConstruirException, IOException, InterruptedException;
    }

    long librarySize() {
        return librarySize;
    }

    long toolSize() {
        return toolSize;
    }

    /** Makes what the work is done on. */
    DiskBenchmark prepare(XzWork work) throws ConstruirException, IOException, InterruptedException {
        String preset = "-" + options.preset();
        return switch (work) {
            case FILES ->
                contest(
                        "1 GB with 400 MB of files",
                        disk(1000, 400, 0),
                        preset,
                        "--block-size=" + options.blockSize().bytes());
            case BUILT -> contest("the same after 300 MB were deleted", disk(1000, 400, 300), preset);
            case SPARSE -> contest("20 GB with 100 MB of files", disk(20_000, 100, 0), "-6");
        };
    }

    private DiskBenchmark contest(String work, Path image, String... how) {
        List<String> words = new ArrayList<>(List.of("-T" + options.threads()));
        words.addAll(List.of(how));
        String reference = "xz " + String.join(" ", words);
        words.addAll(List.of("-c", image.toString()));
        return new DiskBenchmark(
                work,
                reference,
                side(product -> CompressedImage.write(image, product, options), size -> librarySize = size),
                side(product -> xz.run(product, words.toArray(String[]::new)), size -> toolSize = size));
    }

    private static Side side(Packing packing, LongConsumer size) {
        return new Side() {
            @Override
            public void act(Path product) throws ConstruirException, IOException, InterruptedException {
                packing.pack(product);
            }

            @Override
            public void check(Path product) throws IOException {
                size.accept(Files.size(product));
            }
        };
    }

    private Path disk(long megabytes, long kept, long deleted)
            throws ConstruirException, IOException, InterruptedException {
        List<Path> stay;
        List<Path> go;
        try (HostFiles host = new HostFiles()) {
            stay = host.take(bytes(kept));
            go = host.take(bytes(deleted));
        }
        Path image = place.resolve("disk.img");
        JobDisk.create(image, DiskOptions.of(DataSize.ofBytes(bytes(megabytes) / 4096 * 4096)), disk -> {
            for (int i = 0; i < stay.size() + go.size(); i++) {
                Path file = i < stay.size() ? stay.get(i) : go.get(i - stay.size());
                try (InputStream content = Files.newInputStream(file)) {
                    disk.file(name(i), Attributes.ofRoot(0644, Instant.EPOCH), Files.size(file), content);
                }
            }
        });
        if (!go.isEmpty()) {
            List<String> requests = IntStream.range(stay.size(), stay.size() + go.size())
                    .mapToObj(number -> "rm " + name(number))
                    .toList();
            Path script = Files.write(place.resolve("requests"), requests);
            NativeTool.find("debugfs", "e2fsprogs")
                    .run(place.resolve("said"), "-w", "-f", script.toString(), image.toString());
        }
        return image;
    }

    private long bytes(long megabytes) {
        return (long) (megabytes * MEGABYTE * scale);
    }

    private static String name(int number) {
        return "/directory" + number / IN_DIRECTORY + "/file" + number;
    }
}
