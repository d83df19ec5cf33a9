package dev.construir.bench;

import dev.construir.ConstruirException;
import dev.construir.DataSize;
import dev.construir.bench.DiskBenchmark.Side;
import dev.construir.disk.Attributes;
import dev.construir.disk.DiskEntry;
import dev.construir.disk.compress.CompressOptions;
import dev.construir.disk.compress.CompressedImage;
import dev.construir.disk.read.DiskImage;
import dev.construir.disk.read.DiskReader;
import dev.construir.disk.write.DiskOptions;
import dev.construir.disk.write.JobDisk;
import dev.construir.terminal.Formats;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Prepares {@link DiskWork}. mke2fs makes the images that are only read, so that no side reads its own layout.
 */
final class DiskBenchmarkSuite {
    private static final List<String> FORMAT = List.of("-t", "ext2", "-b", "4096", "-I", "256");

    private final Path place;
    private final DiskSamples samples;

    /**
     * Creates a place to prepare one contest in.
     *
     * @param place an empty directory
     * @param samples how much work there is
     */
    DiskBenchmarkSuite(Path place, DiskSamples samples) {
        this.place = place;
        this.samples = samples;
    }

    /** Makes what the work is done on. */
    DiskBenchmark prepare(DiskWork work) throws ConstruirException, IOException, InterruptedException {
        return switch (work) {
            case PACK_SMALL -> pack(samples.small());
            case PACK_BIG -> pack(samples.big());
            case EXTRACT_SMALL -> extract(samples.small());
            case EXTRACT_BIG -> extract(samples.big());
            case LIST -> list(samples.many());
            case CAT_XZ -> catCompressed();
        };
    }

    private DiskBenchmark pack(SampleTree tree) throws ConstruirException, IOException {
        NativeTool mke2fs = mke2fs();
        Path directory = made(tree);
        DiskOptions options = DiskOptions.of(size(tree));
        return new DiskBenchmark(
                "pack " + describe(tree),
                "mke2fs -d",
                new Side() {
                    @Override
                    public void act(Path image) throws IOException {
                        JobDisk.create(image, options, disk -> disk.tree("/", directory));
                    }

                    @Override
                    public void check(Path image) throws IOException {
                        tree.checkOn(image);
                    }
                },
                new Side() {
                    @Override
                    public void act(Path image) throws ConstruirException, IOException, InterruptedException {
                        format(mke2fs, image, tree, directory);
                    }

                    @Override
                    public void check(Path image) throws IOException {
                        tree.checkOn(image);
                    }
                });
    }

    private DiskBenchmark extract(SampleTree tree) throws ConstruirException, IOException, InterruptedException {
        NativeTool debugfs = debugfs();
        Path image = image(tree);
        return new DiskBenchmark(
                "extract " + describe(tree),
                "debugfs rdump",
                new Side() {
                    @Override
                    public void act(Path target) throws IOException, InterruptedException {
                        try (DiskReader disk = DiskReader.open(image)) {
                            disk.copyTo(target);
                        }
                    }

                    @Override
                    public void check(Path target) throws IOException {
                        tree.checkIn(target);
                    }
                },
                new Side() {
                    @Override
                    public void act(Path target) throws ConstruirException, IOException, InterruptedException {
                        Files.createDirectory(target);
                        debugfs.run(said(), "-R", "rdump / " + target, image.toString());
                    }

                    @Override
                    public void check(Path target) throws IOException {
                        tree.checkIn(target);
                    }
                });
    }

    private DiskBenchmark list(SampleTree tree) throws ConstruirException, IOException, InterruptedException {
        NativeTool debugfs = debugfs();
        Path image = image(tree);
        List<String> directories =
                tree.directoryNames().stream().map(name -> "/" + name).toList();
        Path requests = Files.write(
                place.resolve("requests"),
                directories.stream().map(name -> "ls -l " + name).toList());
        return new DiskBenchmark(
                "list " + describe(tree),
                "debugfs ls -l",
                new Side() {
                    private final List<DiskEntry> listed = new ArrayList<>();

                    @Override
                    public void act(Path listing) throws IOException {
                        try (DiskReader disk = DiskReader.open(image)) {
                            for (String directory : directories) {
                                listed.addAll(disk.list(directory));
                            }
                        }
                    }

                    @Override
                    public void check(Path listing) throws IOException {
                        tree.checkCount(image, listed.size());
                        listed.clear();
                    }
                },
                new Side() {
                    @Override
                    public void act(Path listing) throws ConstruirException, IOException, InterruptedException {
                        debugfs.run(listing, "-f", requests.toString(), image.toString());
                    }

                    @Override
                    public void check(Path listing) throws IOException {
                        tree.checkListing(listing);
                    }
                });
    }

    private DiskBenchmark catCompressed() throws ConstruirException, IOException, InterruptedException {
        NativeTool xz = NativeTool.find("xz", "xz-utils");
        NativeTool debugfs = debugfs();
        long bytes = samples.picked().bytes();
        int files = (int) Math.max(1, samples.compressed().bytes() * 9 / 10 / bytes);
        int number = files / 4 * 2;
        String picked = "/file" + number;
        Path compressed = compressed(files);
        return new DiskBenchmark(
                "cat " + Formats.bytes(bytes) + " out of "
                        + Formats.bytes(samples.compressed().bytes()) + " in .xz",
                "xz -dc, debugfs cat",
                new Side() {
                    @Override
                    public void act(Path file) throws IOException {
                        try (DiskReader disk = DiskImage.of(compressed).files();
                                InputStream content = disk.open(picked)) {
                            Files.copy(content, file);
                        }
                    }

                    @Override
                    public void check(Path file) throws IOException {
                        checkPicked(file, number);
                    }
                },
                new Side() {
                    @Override
                    public void act(Path file) throws ConstruirException, IOException, InterruptedException {
                        Path unpacked = place.resolve("unpacked");
                        xz.run(unpacked, "-dc", compressed.toString());
                        debugfs.run(file, "-R", "cat " + picked, unpacked.toString());
                        Files.delete(unpacked);
                    }

                    @Override
                    public void check(Path file) throws IOException {
                        checkPicked(file, number);
                    }
                });
    }

    private void checkPicked(Path file, int number) throws IOException {
        try (InputStream found = Files.newInputStream(file);
                InputStream made = packed(number)) {
            byte[] expected = new byte[1 << 16];
            for (int n = made.readNBytes(expected, 0, expected.length);
                    n > 0;
                    n = made.readNBytes(expected, 0, expected.length)) {
                if (!Arrays.equals(found.readNBytes(n), Arrays.copyOf(expected, n))) {
                    throw new IOException(file + " is not what is on the disk");
                }
            }
        }
    }

    private Path compressed(int files) throws IOException, InterruptedException {
        Path image = place.resolve("image");
        Attributes attributes = Attributes.ofRoot(0644, Instant.EPOCH);
        JobDisk.create(image, DiskOptions.of(samples.compressed()), disk -> {
            for (int i = 0; i < files; i++) {
                disk.file("/file" + i, attributes, samples.picked().bytes(), packed(i));
            }
        });
        Path compressed = place.resolve("image.xz");
        CompressedImage.write(image, compressed, CompressOptions.DEFAULT);
        Files.delete(image);
        return compressed;
    }

    // One half of a system are programs and sources, the other archives that are compressed already.
    private InputStream packed(int number) {
        long bytes = samples.picked().bytes();
        return number % 2 == 0 ? SampleContent.words(number, bytes) : SampleContent.random(number, bytes);
    }

    private static String describe(SampleTree tree) {
        if (tree.files() == 1) {
            return "one file of " + Formats.bytes(tree.bytes());
        }
        return tree.files() + " files in " + tree.directories() + " directories"
                + (tree.bytes() == 0 ? "" : " (" + Formats.bytes(tree.totalBytes()) + ")");
    }

    private static NativeTool mke2fs() throws ConstruirException {
        return NativeTool.find("mke2fs", "e2fsprogs");
    }

    private static NativeTool debugfs() throws ConstruirException {
        return NativeTool.find("debugfs", "e2fsprogs");
    }

    private Path made(SampleTree tree) throws IOException {
        Path directory = place.resolve("tree");
        tree.make(directory);
        return directory;
    }

    private Path image(SampleTree tree) throws ConstruirException, IOException, InterruptedException {
        Path image = place.resolve("image");
        format(mke2fs(), image, tree, made(tree));
        return image;
    }

    private void format(NativeTool mke2fs, Path image, SampleTree tree, Path directory)
            throws ConstruirException, IOException, InterruptedException {
        List<String> words = new ArrayList<>(FORMAT);
        words.addAll(List.of("-q", "-N", Integer.toString(inodes(tree)), "-d", directory.toString()));
        words.addAll(List.of(image.toString(), size(tree).bytes() / 1024 + "k"));
        mke2fs.run(said(), words.toArray(String[]::new));
    }

    private static int inodes(SampleTree tree) {
        return tree.files() + tree.directories() + 64;
    }

    // A quarter more than the files take, and room for the inodes.
    private static DataSize size(SampleTree tree) {
        long blocks = tree.files() * ((tree.bytes() + 4095) / 4096) * 5 / 4 + inodes(tree) / 4;
        return DataSize.ofBytes((64L << 20) + blocks * 4096);
    }

    private Path said() {
        return place.resolve("said");
    }
}
