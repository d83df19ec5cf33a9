package dev.construir.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.construir.DataSize;
import dev.construir.ImageFormat;
import dev.construir.machine.Architecture;
import dev.construir.machine.Boot;
import dev.construir.qcow2.Qcow2Maker;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RootImageTest {
    private static final String WHOLE = """
            name=debian-12
            disk=root.qcow2
            format=qcow2
            architecture=x86_64
            kernel=vmlinuz
            initrd=initrd.img
            commandLine=console=ttyS0 quiet
            """;

    @TempDir
    Path directory;

    @BeforeEach
    void files() throws IOException {
        new Qcow2Maker().make(directory.resolve("root.qcow2"), new byte[] {1});
        for (String name : new String[] {"vmlinuz", "initrd.img"}) {
            Files.writeString(directory.resolve(name), name);
        }
    }

    private void describe(String text) throws IOException {
        Files.writeString(directory.resolve(RootImage.PROPERTIES), text);
    }

    @Test
    void readsADirectory() throws Exception {
        describe(WHOLE);
        assertThat(RootImage.at(directory))
                .isEqualTo(new RootImage(
                        "debian-12",
                        directory.resolve("root.qcow2"),
                        ImageFormat.QCOW2,
                        Architecture.X86_64,
                        new Boot.Kernel(
                                directory.resolve("vmlinuz"), directory.resolve("initrd.img"), "console=ttyS0 quiet")));
    }

    @Test
    void knowsHowMuchMemoryItNeeds() throws Exception {
        describe(WHOLE);
        RootImage.in(directory).checkMemory(DataSize.ofMebibytes(64)); // it does not say
        describe(WHOLE + "\nmemory=96M\n");
        RootImage image = RootImage.in(directory);
        assertThat(image.memory()).contains(DataSize.ofMebibytes(96));
        image.checkMemory(DataSize.ofMebibytes(96));
        assertThatThrownBy(() -> image.checkMemory(DataSize.ofMebibytes(95)))
                .isInstanceOf(BadImageException.class)
                .hasMessage("a machine of 95M has too little memory for the root image debian-12, which needs at least "
                        + "96M; give it more with --memory");
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "-1", "2048G", "99999999999999999G", "much", "1 M"})
    void refusesAnAbsurdNeedOfMemory(String memory) throws Exception {
        describe(WHOLE + "\nmemory=" + memory + "\n");
        assertThatThrownBy(() -> RootImage.in(directory))
                .isInstanceOf(BadImageException.class)
                .hasMessageContaining("says memory=" + memory + ", which cannot be used: ");
    }

    @Test
    void staysWhatItWasWhenALinkLeadsElsewhere() throws Exception {
        describe(WHOLE);
        Path link = Files.createSymbolicLink(directory.resolve("link"), directory);
        RootImage image = RootImage.at(link);
        assertThat(image).isEqualTo(RootImage.at(directory));
        assertThat(image.disk()).isEqualTo(directory.toRealPath().resolve("root.qcow2"));
    }

    @Test
    void withoutAKernelTheFirmwareBoots() throws Exception {
        describe(WHOLE.replaceAll("(?m)^(kernel|initrd|commandLine).*\n", ""));
        assertThat(RootImage.in(directory).boot()).isEqualTo(new Boot.Firmware());
    }

    @Test
    void takesABareDisk() throws Exception {
        byte[] sector = new byte[512];
        sector[510] = 0x55;
        sector[511] = (byte) 0xaa;
        Path raw = Files.write(directory.resolve("disk.img"), sector);
        assertThat(RootImage.at(raw).format()).isEqualTo(ImageFormat.RAW);
        Path qcow2 = new Qcow2Maker().make(directory.resolve("disk.qcow2"), sector);
        assertThat(RootImage.at(qcow2).format()).isEqualTo(ImageFormat.QCOW2);
    }

    @Test
    void aBareDiskThatNoFirmwareCanBootIsRefused() throws Exception {
        for (int size : new int[] {1, 511, 4096}) {
            Path raw = Files.write(directory.resolve("disk.img"), new byte[size]);
            assertThatThrownBy(() -> RootImage.at(raw))
                    .isInstanceOf(BadImageException.class)
                    .hasMessageContaining(raw + ": it has no boot sector")
                    .hasMessageContaining("name the directory of an image");
        }
        Path qcow2 = new Qcow2Maker().make(directory.resolve("disk.qcow2"), new byte[4096]);
        assertThatThrownBy(() -> RootImage.at(qcow2))
                .isInstanceOf(BadImageException.class)
                .hasMessageContaining(qcow2 + ": it has no boot sector");
    }

    @Test
    void saysWhatIsMissing() throws Exception {
        assertThatThrownBy(() -> RootImage.in(directory))
                .isInstanceOf(BadImageException.class)
                .hasMessageContaining(directory.toString())
                .hasMessageContaining("construir image build");
        describe(WHOLE.replace("format=qcow2\n", ""));
        assertThatThrownBy(() -> RootImage.in(directory)).hasMessageContaining("\"format\"");
        describe(WHOLE);
        Files.delete(directory.resolve("vmlinuz"));
        assertThatThrownBy(() -> RootImage.in(directory))
                .hasMessageContaining(directory.resolve("vmlinuz").toString())
                .hasMessageContaining("no such file");
        assertThatThrownBy(() -> RootImage.at(directory.resolve("nothing"))).hasMessageContaining("no such file");
        assertThatThrownBy(() -> RootImage.at(directory.resolve("x".repeat(300))))
                .hasMessageContaining("the name is longer than the host allows; see that the name is right");
    }

    @Test
    void saysWhatStandsInThePlaceOfAFile() throws Exception {
        describe(WHOLE);
        for (String role : new String[] {"disk root.qcow2", "kernel vmlinuz", "initrd initrd.img"}) {
            String name = role.substring(role.indexOf(' ') + 1);
            Path file = directory.resolve(name);
            Files.delete(file);
            Files.createDirectory(file);
            assertThatThrownBy(() -> RootImage.in(directory))
                    .isInstanceOf(BadImageException.class)
                    .hasMessageStartingWith("the " + role.split(" ", 2)[0] + " of a root image cannot be used: " + file)
                    .hasMessageContaining("it is a directory; name a disk image");
            Files.delete(file);
            Files.createSymbolicLink(file, Path.of("nowhere"));
            assertThatThrownBy(() -> RootImage.in(directory))
                    .hasMessageContaining("it is a symbolic link to what is not there");
            Files.delete(file);
            files();
        }
        assertThatThrownBy(() -> RootImage.at(Path.of("/dev/null")))
                .hasMessageContaining("it is a pipe, a socket or a device");
    }

    @Test
    void aDescriptionThatIsNoneIsNotReadForEver() throws Exception {
        Path description = directory.resolve(RootImage.PROPERTIES);
        Files.createSymbolicLink(description, Path.of("/dev/zero"));
        assertUnreadable("not a regular file");
        Files.delete(description);
        Files.createDirectory(description);
        assertUnreadable("not a regular file");
        Files.delete(description);
        Files.write(description, new byte[1 << 20]);
        assertUnreadable("more than 65536 bytes");
        Files.write(description, new byte[] {'n', '=', (byte) 0xff});
        assertUnreadable("no text in UTF-8");
        Files.delete(description);
        assertUnreadable("there is no such file");
    }

    private void assertUnreadable(String why) {
        assertThatThrownBy(() -> RootImage.in(directory))
                .isInstanceOf(BadImageException.class)
                .hasMessageStartingWith("no root image in " + directory + ": image.properties cannot be read: ")
                .hasMessageContaining(why)
                .hasMessageEndingWith("or a disk file")
                .hasMessageNotContaining("Exception");
    }

    @Test
    void everyKeyThatIsNeededIsAskedFor() throws Exception {
        for (String key : new String[] {"disk", "format", "architecture", "initrd", "commandLine"}) {
            describe(WHOLE.replaceAll("(?m)^" + key + "=.*\n", ""));
            assertThatThrownBy(() -> RootImage.in(directory))
                    .isInstanceOf(BadImageException.class)
                    .hasMessageContaining("does not say \"" + key + "\"")
                    .hasMessageContaining("build the image again");
        }
        describe(WHOLE.replace("disk=root.qcow2", "disk=\\u0000"));
        assertThatThrownBy(() -> RootImage.in(directory))
                .isInstanceOf(BadImageException.class)
                .hasMessageContaining("disk=\\x00, which cannot be used");
    }

    @Test
    void saysWhatIsNotKnown() throws Exception {
        describe(WHOLE.replace("=qcow2\narch", "=vmdk\narch"));
        assertThatThrownBy(() -> RootImage.in(directory)).hasMessageContaining("format=vmdk");
        describe(WHOLE.replace("x86_64", "m68k"));
        assertThatThrownBy(() -> RootImage.in(directory)).hasMessageContaining("architecture=m68k");
        describe("disk=\\u12");
        assertThatThrownBy(() -> RootImage.in(directory)).isInstanceOf(BadImageException.class);
    }

    @Test
    void refusesADiskThatIsNotWhatItIsDeclaredToBe() throws Exception {
        Path disk = directory.resolve("root.qcow2");
        byte[] good = new Qcow2Maker().make(new byte[100_000]);
        good[7 + 8] = 1; // a backing file
        describe(WHOLE);
        assertRefused(good, disk, "backing file", "qemu-img convert");
        assertRefused("a raw disk".getBytes(StandardCharsets.UTF_8), disk, "does not start like one", "declared");
        byte[] data = new byte[200_000];
        Arrays.fill(data, (byte) 1);
        byte[] whole = new Qcow2Maker().make(data);
        assertRefused(Arrays.copyOf(whole, 80), disk, "not copied whole");
        assertRefused(Arrays.copyOf(whole, 150_000), disk, "not copied whole");
        assertRefused(Arrays.copyOf(whole, whole.length - 65_536), disk, "not copied whole");
        assertRefused(new byte[0], disk, "does not start like one");

        Path raw = directory.resolve("disk.img");
        for (byte[] bytes : new byte[][] {{}, whole}) {
            Files.write(raw, bytes);
            assertThatThrownBy(() -> RootImage.at(raw))
                    .isInstanceOf(BadImageException.class)
                    .hasMessageContaining(raw.toString())
                    .hasMessageContaining(bytes.length == 0 ? "empty" : "by a name that ends in .qcow2");
        }
        assertNotRaw(raw, "KDMV", "a VMDK image; convert it");
        assertNotRaw(raw, "\u00fd7zXZ\0", "compressed by xz; unpack it: xz -dc");
        assertNotRaw(raw, "\u001f\u008b\b", "compressed by gzip");
    }

    private static void assertNotRaw(Path raw, String start, String what) throws IOException {
        Files.write(raw, Arrays.copyOf(start.getBytes(StandardCharsets.ISO_8859_1), 4096));
        assertThatThrownBy(() -> RootImage.at(raw))
                .isInstanceOf(BadImageException.class)
                .hasMessageContaining(raw + ": it is declared raw, and it is " + what);
    }

    private void assertRefused(byte[] bytes, Path disk, String... why) throws IOException {
        Files.write(disk, bytes);
        for (Path path : new Path[] {directory, disk}) {
            assertThatThrownBy(() -> RootImage.at(path))
                    .isInstanceOf(BadImageException.class)
                    .hasMessageContaining(disk.toString())
                    .hasMessageContainingAll(why);
        }
    }
}
