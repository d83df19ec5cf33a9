package dev.construir.image;

import dev.construir.DataSize;
import dev.construir.DiskFormatException;
import dev.construir.ImageFormat;
import dev.construir.block.BlockSource;
import dev.construir.block.FileSource;
import dev.construir.disk.read.DiskImage;
import dev.construir.format.ForeignFormat;
import dev.construir.machine.Architecture;
import dev.construir.machine.Boot;
import dev.construir.qcow2.Qcow2Image;
import dev.construir.text.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.Properties;

/**
 * A base system that machines boot and never modify: a disk, and how to start it.
 *
 * <pre>{@code
 * RootImage root = RootImage.in(Path.of("debian"));
 * System.out.println(root.name() + " " + root.digest());
 * }</pre>
 *
 * <p>A directory with a file {@value #PROPERTIES}, which names {@code disk}, {@code format} ({@code raw} or {@code
 * qcow2}), {@code architecture} and, for direct kernel boot, {@code kernel}, {@code initrd} and {@code commandLine};
 * files are named relative to the directory. It may also say {@code memory}, such as {@code 96M}. Or a bare disk file
 * that boots through its own boot loader.
 *
 * @param name a name for messages
 * @param disk the disk's file
 * @param format the disk's format
 * @param architecture the architecture it is made for
 * @param boot how it is started
 * @param memory the least memory it boots with, if that is known; machines with less are refused
 * @since 0.1
 */
public record RootImage(
        String name, Path disk, ImageFormat format, Architecture architecture, Boot boot, Optional<DataSize> memory) {
    private static final int LONGEST = 64 << 10; // of a description, in bytes
    private static final DataSize MOST_MEMORY = DataSize.ofGibibytes(1024); // that machines have
    private static final int SECTOR = 512;
    private static final byte[] BOOT_SIGNATURE = {0x55, (byte) 0xaa};

    /** The file that describes an image, in its directory. */
    public static final String PROPERTIES = "image.properties";

    /**
     * Creates an image of which it is not known how much memory it needs.
     *
     * @param name see {@link #name()}
     * @param disk see {@link #disk()}
     * @param format see {@link #format()}
     * @param architecture see {@link #architecture()}
     * @param boot see {@link #boot()}
     */
    public RootImage(String name, Path disk, ImageFormat format, Architecture architecture, Boot boot) {
        this(name, disk, format, architecture, boot, Optional.empty());
    }

    /**
     * Checks that nothing is missing.
     *
     * @param name see {@link #name()}
     * @param disk see {@link #disk()}
     * @param format see {@link #format()}
     * @param architecture see {@link #architecture()}
     * @param boot see {@link #boot()}
     * @param memory see {@link #memory()}
     */
    public RootImage {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(disk, "disk");
        Objects.requireNonNull(format, "format");
        Objects.requireNonNull(architecture, "architecture");
        Objects.requireNonNull(boot, "boot");
        Objects.requireNonNull(memory, "memory");
    }

    /**
     * Refuses a machine with less memory than the image needs.
     *
     * @param given the machine's memory
     * @throws BadImageException if it is less; the message names both
     */
    public void checkMemory(DataSize given) throws BadImageException {
        if (memory.isPresent() && given.compareTo(memory.get()) < 0) {
            throw new BadImageException("a machine of " + given + " has too little memory for the root image " + name
                    + ", which needs at least " + memory.get() + "; give it more with --memory");
        }
    }

    /**
     * Reads an image directory. A link that leads to it is followed now: what it leads to later, after the image was
     * built anew for example, is another image.
     *
     * @param directory the directory
     * @return the image
     * @throws BadImageException if the directory holds no image, a file it names cannot be read, or the disk is not of
     *     the format it says: empty, or declared as qcow2 and another format, cut off, with a backing file or data in
     *     another file, encrypted, or corrupt
     */
    public static RootImage in(Path directory) throws BadImageException {
        Path real = real(directory);
        Path file = real.resolve(PROPERTIES);
        Properties properties = new Properties();
        try {
            properties.load(new StringReader(description(file)));
        } catch (IOException e) {
            throw unreadable(file, Reason.of(e), e);
        } catch (IllegalArgumentException e) {
            throw unreadable(file, "it has a \\\\u without four hexadecimal digits", e);
        }
        return new Description(real, file, properties).image();
    }

    private static Path real(Path directory) {
        try {
            return directory.toRealPath();
        } catch (IOException e) {
            return directory.toAbsolutePath(); // what is wrong with it shows when it is read
        }
    }

    /**
     * Takes a bare disk that boots through its own boot loader on this host's architecture. Its name determines its
     * format: {@code .qcow2} is qcow2, everything else raw.
     *
     * @param disk the disk's file
     * @return the image
     * @throws BadImageException if the file cannot be read, is not of that format, as with {@link #in}, or has no boot
     *     sector
     */
    public static RootImage ofDisk(Path disk) throws BadImageException {
        Path file = readable(disk.toAbsolutePath(), "the disk");
        DiskImage named = DiskImage.of(file);
        boolean packed = named.compression() != DiskImage.Compression.NONE; // is refused as raw, with what to do
        ImageFormat format = packed ? ImageFormat.RAW : named.format();
        check(file, source -> {
            checkFormat(file, source, format);
            checkBootSector(source, format);
        });
        return new RootImage(
                String.valueOf(file.getFileName()), file, format, Architecture.host(), new Boot.Firmware());
    }

    /**
     * Takes an image directory or a bare disk, whichever the path names.
     *
     * @param path the directory or the disk
     * @return the image
     * @throws BadImageException if there is no image
     */
    public static RootImage at(Path path) throws BadImageException {
        return Files.isDirectory(path) ? in(path) : ofDisk(path);
    }

    /**
     * Returns a digest of what machines boot: the bytes of disk, kernel and initrd, the disk's format, the architecture
     * and the kernel's command line. The name and the places of the files play no part.
     *
     * <p>All files are read at every call: keep the digest if the image does not change.
     *
     * @return 64 lower-case hexadecimal digits, the same in every process of this version of the library
     * @throws java.nio.channels.ClosedByInterruptException if the thread is interrupted; it stays so
     * @throws IOException if a file cannot be read
     * @since 0.1
     */
    public String digest() throws IOException {
        return RootDigest.of(this);
    }

    /**
     * Returns the disk as what its partitions are listed and its files are read from, without a machine.
     *
     * @return the disk's image
     */
    public DiskImage contents() {
        return new DiskImage(disk, format);
    }

    /** Looks at a disk's bytes. */
    @FunctionalInterface
    private interface Look {
        void at(BlockSource disk) throws IOException;
    }

    private static void check(Path disk, Look look) throws BadImageException {
        try (BlockSource source = new FileSource(disk)) {
            look.at(source);
        } catch (IOException e) {
            throw new BadImageException("the disk of a root image cannot be used: " + disk + ": " + Reason.of(e), e);
        }
    }

    /** Better here than by what a hypervisor says of it, or a machine that does not boot. */
    private static void checkFormat(Path file, BlockSource disk, ImageFormat format) throws IOException {
        Optional<ForeignFormat> found = ForeignFormat.of(file);
        if (found.isPresent() && isMistaken(found.get(), format)) {
            throw new DiskFormatException("it is declared " + format.name().toLowerCase(Locale.ROOT) + ", and it is "
                    + found.get().describe(file));
        }
        if (format == ImageFormat.QCOW2) {
            Qcow2Image.check(disk);
        } else if (disk.size() == 0) {
            throw new DiskFormatException("it is empty; build or download it again");
        }
    }

    /** A machine can boot from file systems and volumes that are not read here. */
    private static boolean isMistaken(ForeignFormat found, ImageFormat format) {
        return switch (found.kind()) {
            case COMPRESSED, ARCHIVE, PROGRAM -> true;
            case DISK -> format == ImageFormat.RAW || found != ForeignFormat.QCOW2;
            case VOLUME, FILE_SYSTEM -> format == ImageFormat.QCOW2;
        };
    }

    /** A firmware that finds none waits, and so would a run, until its limit is reached. */
    private static void checkBootSector(BlockSource disk, ImageFormat format) throws IOException {
        if (Architecture.host() != Architecture.X86_64) {
            return;
        }
        Optional<byte[]> sector = format == ImageFormat.QCOW2
                ? Qcow2Image.beginning(disk, SECTOR)
                : Optional.of(disk.read(0, (int) Math.min(SECTOR, disk.size())));
        if (sector.isPresent() && !isBootable(sector.get())) {
            throw new DiskFormatException("it has no boot sector, and a bare disk boots by its own boot loader; "
                    + "install one on it, or name the directory of an image, with its kernel");
        }
    }

    private static boolean isBootable(byte[] sector) {
        return sector.length == SECTOR
                && Arrays.equals(
                        sector, SECTOR - BOOT_SIGNATURE.length, SECTOR, BOOT_SIGNATURE, 0, BOOT_SIGNATURE.length);
    }

    // A pipe would be waited for, and a device read for ever.
    private static String description(Path file) throws IOException {
        if (Files.exists(file) && !Files.isRegularFile(file)) {
            throw new IOException("it is not a regular file");
        }
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(LONGEST + 1);
            if (bytes.length > LONGEST) {
                throw new IOException("it has more than " + LONGEST + " bytes");
            }
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (NoSuchFileException e) {
            throw new IOException("there is no such file", e);
        }
    }

    private static BadImageException unreadable(Path file, String why, Exception cause) {
        return new BadImageException(
                "no root image in " + file.getParent() + ": " + PROPERTIES + " cannot be read: " + why
                        + "; name a directory made by `construir image build`, or a disk file",
                cause);
    }

    private static Path readable(Path file, String role) throws BadImageException {
        if (!Files.isRegularFile(file) || !Files.isReadable(file)) {
            throw new BadImageException(role + " of a root image cannot be used: " + file + ": " + obstacle(file));
        }
        return file;
    }

    private static String obstacle(Path file) {
        String remedy = !Files.exists(file)
                ? "see that the name is right, or build the image again"
                : Files.isRegularFile(file)
                        ? "see its owner and mode"
                        : "name a disk image, or copy the device into one";
        return Reason.unreadable(file) + "; " + remedy;
    }

    private record Description(Path directory, Path source, Properties properties) {
        RootImage image() throws BadImageException {
            Path disk = file("disk");
            ImageFormat format = parse("format", Description::format);
            check(disk, source -> checkFormat(disk, source, format));
            return new RootImage(
                    properties.getProperty("name", nameOf(directory)),
                    disk,
                    format,
                    parse("architecture", Architecture::of),
                    properties.containsKey("kernel")
                            ? new Boot.Kernel(file("kernel"), file("initrd"), required("commandLine"))
                            : new Boot.Firmware(),
                    properties.containsKey("memory")
                            ? Optional.of(parse("memory", Description::memory))
                            : Optional.empty());
        }

        private static String nameOf(Path directory) {
            return String.valueOf(Objects.requireNonNullElse(directory.getFileName(), directory));
        }

        private static ImageFormat format(String text) {
            return switch (text) {
                case "raw" -> ImageFormat.RAW;
                case "qcow2" -> ImageFormat.QCOW2;
                default -> throw new IllegalArgumentException("a disk is raw or qcow2");
            };
        }

        private static DataSize memory(String text) {
            DataSize memory = DataSize.parse(text);
            if (memory.bytes() == 0 || memory.compareTo(MOST_MEMORY) > 0) {
                throw new IllegalArgumentException("an image needs 1 byte to " + MOST_MEMORY + " of memory");
            }
            return memory;
        }

        private String required(String key) throws BadImageException {
            String value = properties.getProperty(key, "").strip();
            if (value.isEmpty()) {
                throw new BadImageException(
                        source + " does not say \"" + key + "\"; build the image again, or add that line");
            }
            return value;
        }

        private Path file(String key) throws BadImageException {
            return readable(parse(key, directory::resolve), "the " + key);
        }

        private <T> T parse(String key, java.util.function.Function<String, T> parser) throws BadImageException {
            String value = required(key);
            try {
                return parser.apply(value);
            } catch (IllegalArgumentException e) {
                throw new BadImageException(
                        source + " says " + key + "=" + value + ", which cannot be used: " + e.getMessage()
                                + "; build the image again, or mend that line",
                        e);
            }
        }
    }
}
