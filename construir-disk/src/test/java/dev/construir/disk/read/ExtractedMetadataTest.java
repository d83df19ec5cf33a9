package dev.construir.disk.read;

import static org.assertj.core.api.Assertions.assertThat;

import dev.construir.disk.Attributes;
import dev.construir.disk.write.DiskBuilder;
import dev.construir.disk.write.DiskContent;
import dev.construir.disk.write.Images;
import dev.construir.host.HostLink;
import dev.construir.host.HostName;
import dev.construir.host.ModificationTime;
import dev.construir.host.SystemCalls;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of rights, times and link texts that Java or the host cannot have. */
class ExtractedMetadataTest {
    private static final int OWNER = 0x01;
    private static final int USER = 0x02;
    private static final int OWNING_GROUP = 0x04;
    private static final int MASK = 0x10;
    private static final int OTHERS = 0x20;
    private static final String ACCESS = "system.posix_acl_access";
    private static final String DEFAULT = "system.posix_acl_default";

    @TempDir
    Path dir;

    private Path target = Path.of("");

    @BeforeEach
    void prepare() {
        target = dir.resolve("target");
    }

    /** Returns the value that getxattr(2) has for a list of user 1234 with all rights. */
    private static byte[] list(int owner, int group, int mask, int others) {
        return list(new int[][] {
            {OWNER, owner, -1}, {USER, 7, 1234}, {OWNING_GROUP, group, -1}, {MASK, mask, -1}, {OTHERS, others, -1}
        });
    }

    private static byte[] list(int[][] entries) {
        ByteBuffer list = ByteBuffer.allocate(4 + entries.length * 8)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(2);
        for (int[] entry : entries) {
            list.putShort((short) entry[0]).putShort((short) entry[1]).putInt(entry[2]);
        }
        return list.array();
    }

    private static void empty(DiskBuilder disk, String path, int mode) throws IOException {
        disk.file(path, Images.mode(mode), 0, InputStream.nullInputStream());
    }

    private ExtractReport extract(DiskContent content) throws IOException, InterruptedException {
        Path image = Images.create(dir.resolve("disk.img"), "1M", content);
        try (DiskReader disk = DiskReader.open(image)) {
            return disk.copyTo(target);
        }
    }

    private String mode(String name) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(target.resolve(name)));
    }

    /** The mask of a list stands in the mode, where the group's rights would be. */
    @ParameterizedTest
    @CsvSource({
        "664, 4, 6, rw-r--r--, ', and so its mode is 0644, not 0664'",
        "674, 7, 4, rw-r--r--, ', and so its mode is 0644, not 0674'",
        "664, 0, 6, rw----r--, ', and so its mode is 0604, not 0664'",
        "664, 6, 6, rw-rw-r--, ''"
    })
    void theGroupGetsWhatTheListGrantsIt(String mode, int group, int mask, String expected, String said)
            throws Exception {
        ExtractReport report = extract(disk -> {
            empty(disk, "file", Integer.parseInt(mode, 8));
            disk.extendedAttributes("file", Map.of(ACCESS, list(6, group, mask, 4)));
        });
        assertThat(report.skipped()).containsExactly("/file: its access control list" + said);
        assertThat(report.lost()).isZero();
        assertThat(mode("file")).isEqualTo(expected);
    }

    /**
     * The kernel asks the entry of a user that is named, and no other: without it, the user is one of the group or of
     * the others.
     */
    @ParameterizedTest
    @CsvSource({"2, rw-------", "8, rw-r-----"})
    void nobodyGetsWhatTheListDenies(int tag, String expected) throws Exception {
        extract(disk -> {
            empty(disk, "file", 0664);
            int[][] entries = {{OWNER, 6, -1}, {OWNING_GROUP, 4, -1}, {MASK, 6, -1}, {OTHERS, 4, -1}};
            int[][] all = new int[5][];
            System.arraycopy(entries, 0, all, 0, 4);
            all[4] = new int[] {tag, 0, 1000};
            Arrays.sort(all, Comparator.comparingInt(entry -> entry[0]));
            disk.extendedAttributes("file", Map.of(ACCESS, list(all)));
        });
        assertThat(mode("file")).isEqualTo(expected);
    }

    /** Without a mask, in no order, and with an entry for one that there is not. */
    @ParameterizedTest
    @ValueSource(strings = {"01 02 04 20", "01 04 20 10 02", "01 04 20 40", "01 04", ""})
    void listsThatNoFileCanHaveLeaveTheOwnerAlone(String tags) throws Exception {
        ExtractReport report = extract(disk -> {
            empty(disk, "file", 0664);
            int[][] entries = Arrays.stream(tags.split(" "))
                    .filter(tag -> !tag.isEmpty())
                    .map(tag -> new int[] {Integer.parseInt(tag, 16), 6, 1000})
                    .toArray(int[][]::new);
            disk.extendedAttributes("file", Map.of(ACCESS, list(entries)));
        });
        assertThat(mode("file")).isEqualTo("rw-------");
        assertThat(report.skipped())
                .singleElement()
                .asString()
                .startsWith(
                        "/file: its attributes, and the rights of all but its owner (the extended attribute at byte ");
    }

    @Test
    void directoriesAreNoDifferent() throws Exception {
        ExtractReport report = extract(disk -> {
            disk.directory("dir", Images.mode(0775));
            disk.extendedAttributes("dir", Map.of(ACCESS, list(7, 5, 7, 5), DEFAULT, list(7, 5, 7, 0)));
        });
        assertThat(report.skipped())
                .containsExactly("/dir: its access control list, and so its mode is 0755, not 0775 and its default"
                        + " access control list");
        assertThat(mode("dir")).isEqualTo("rwxr-xr-x");
    }

    @Test
    void capabilitiesAreNamedAndOtherAttributesCounted() throws Exception {
        ExtractReport report = extract(disk -> {
            empty(disk, "ping", 04755);
            empty(disk, "plain", 0644);
            disk.symbolicLink("link", Images.mode(0777), "plain");
            disk.extendedAttributes("ping", Map.of("security.capability", Images.bytes(1, 20)));
            disk.extendedAttributes("plain", Map.of("user.a", new byte[2], "security.selinux", new byte[4]));
            disk.extendedAttributes("link", Map.of("trusted.a", new byte[1]));
        });
        assertThat(report.skipped()).containsExactly("/ping: its set-id bits and its capabilities");
        assertThat(report.attributes()).isEqualTo(2);
        assertThat(report.lost()).isZero();
    }

    @Test
    void whatMayBeAListLeavesTheOwnerAlone() throws Exception {
        Path image = Images.create(dir.resolve("disk.img"), "1M", disk -> {
            empty(disk, "file", 0664);
            Images.file(disk, "other", "x");
        });
        Images.patchInode(image, 12, 0x68, 7); // no block of attributes
        try (DiskReader disk = DiskReader.open(image)) {
            ExtractReport report = disk.copyTo(target);
            assertThat(report.files()).isEqualTo(2);
            assertThat(report.skipped())
                    .singleElement()
                    .asString()
                    .startsWith(
                            "/file: its attributes, and the rights of all but its owner (attribute block at byte 7168 is");
        }
        assertThat(mode("file")).isEqualTo("rw-------");
    }

    /** All that ext4 can tell, by nanoseconds. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "1901-12-13T20:45:52.000000001Z",
                "1938-04-24T22:13:19.750Z",
                "1969-12-31T23:59:59.999999999Z",
                "1969-12-31T23:59:59Z",
                "1970-01-01T00:00:00.000000001Z",
                "2038-01-19T03:14:08.123456789Z",
                "2262-04-11T23:47:17.5Z",
                "2446-05-10T22:38:54.999999999Z"
            })
    void timesAreKept(String text) throws Exception {
        Instant time = Instant.parse(text);
        ExtractReport report = extract(disk -> {
            disk.file("dir/file", Attributes.ofRoot(0600, time), 1, new java.io.ByteArrayInputStream(new byte[1]));
            disk.file("closed", Attributes.ofRoot(0, time), 1, new java.io.ByteArrayInputStream(new byte[1]));
            disk.directory("other", Attributes.ofRoot(0500, time));
            Images.file(disk, "other/in", "x");
        });
        assertThat(report.skipped()).isEmpty();
        assertThat(report.files()).isEqualTo(3);
        assertThat(report.changedTimes()).isZero();
        for (String name : new String[] {"dir/file", "closed", "other"}) {
            assertThat(modified(target.resolve(name))).as(name).isEqualTo(time.truncatedTo(ChronoUnit.MICROS));
        }

        Path again = Images.create(dir.resolve("again.img"), "1M", disk -> disk.tree("/", target));
        try (DiskReader disk = DiskReader.open(again)) {
            for (String name : new String[] {"dir/file", "closed", "other"}) {
                Instant packed = disk.find(name).orElseThrow().attributes().modified();
                assertThat(packed.truncatedTo(ChronoUnit.MICROS))
                        .as(name)
                        .isEqualTo(time.truncatedTo(ChronoUnit.MICROS));
            }
        }
    }

    @Test
    void withoutTheCLibraryTimesBehindJavasNanosecondsAreKeptOrCounted() throws Exception {
        Path file = Files.createFile(dir.resolve("file"));
        Instant far = Instant.parse("2400-01-01T00:00:07.25Z");
        BasicFileAttributeView view = Files.getFileAttributeView(file, BasicFileAttributeView.class);
        boolean exact = new ModificationTime(far, Optional::<SystemCalls>empty)
                .set(file, ModificationTime.Follow.NO, view, null);
        assertThat(exact).isEqualTo(modified(file).equals(far));
    }

    /** Java's own cannot tell times far from 1970 by nanoseconds. */
    private static Instant modified(Path file) throws Exception {
        Process stat = new ProcessBuilder("stat", "-c", "%.9Y", file.toString()).start();
        String said = new String(stat.getInputStream().readAllBytes(), StandardCharsets.US_ASCII).strip();
        assertThat(stat.waitFor()).isZero();
        java.math.BigDecimal seconds = new java.math.BigDecimal(said);
        long whole = seconds.setScale(0, java.math.RoundingMode.FLOOR).longValueExact();
        return Instant.ofEpochSecond(
                        whole,
                        seconds.subtract(java.math.BigDecimal.valueOf(whole))
                                .movePointRight(9)
                                .longValueExact())
                .truncatedTo(ChronoUnit.MICROS);
    }

    @Test
    void withoutTheCLibraryAFractionBefore1970IsLeftOut() throws Exception {
        Path file = Files.createFile(dir.resolve("file"));
        BasicFileAttributeView view = Files.getFileAttributeView(file, BasicFileAttributeView.class);
        ModificationTime time =
                new ModificationTime(Instant.parse("1960-01-01T00:00:07.25Z"), Optional::<SystemCalls>empty);
        assertThat(time.set(file, ModificationTime.Follow.NO, view, null)).isFalse();
        assertThat(Files.getLastModifiedTime(file).toInstant()).isEqualTo("1960-01-01T00:00:07Z");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a//b/", "./a", "a/.", "dir/", "dir/../dir//", "name-\u00ff\u00fe/", "a\\b c"})
    void linkTextsAreKeptByteForByte(String text) throws Exception {
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        byte[] placeholder = "x".repeat(bytes.length).getBytes(StandardCharsets.US_ASCII);
        Path image = Images.create(dir.resolve("disk.img"), "1M", disk -> {
            disk.directory("a/b", Images.mode(0755));
            disk.directory("dir", Images.mode(0755));
            disk.symbolicLink("link", Images.mode(0777), new String(placeholder, StandardCharsets.US_ASCII));
        });
        Images.replace(image, "x".repeat(bytes.length), text);
        try (DiskReader disk = DiskReader.open(image)) {
            ExtractReport report = disk.copyTo(target);
            if (report.links() == 0) {
                assertThat(report.skipped()).singleElement().asString().contains("may lead outside");
                return;
            }
            assertThat(report.changedLinks()).isZero();
        }
        assertThat(HostName.target(target.resolve("link"))).isEqualTo(bytes);

        Path again = Images.create(dir.resolve("again.img"), "1M", disk -> disk.tree("/", target));
        assertThat(Files.readString(again, StandardCharsets.ISO_8859_1)).contains(text);
    }

    @Test
    void aLinkOfTextsThatJavaChangesIsMadeAllTheSame() throws Exception {
        byte[] text = "a//b/".getBytes(StandardCharsets.US_ASCII);
        HostLink link = HostLink.of(text, Optional::<SystemCalls>empty);
        assertThat(link.isExact()).isFalse();
        link.create(dir.resolve("link"));
        assertThat(Files.readSymbolicLink(dir.resolve("link"))).isEqualTo(Path.of("a/b"));
        assertThat(HostLink.of("a/b".getBytes(StandardCharsets.US_ASCII), Optional::<SystemCalls>empty)
                        .isExact())
                .isTrue();
    }

    /** Where one of them would lead outside, that is left out. */
    @Test
    void namesOfALinkAreNamesOfOne() throws Exception {
        ExtractReport report = extract(disk -> {
            Images.file(disk, "file", "x");
            disk.symbolicLink("dir/link", Images.mode(0777), "../file");
            disk.hardLink("dir/second", "dir/link").hardLink("dir/third", "dir/link");
            disk.hardLink("outside", "dir/link");
        });
        for (String name : new String[] {"link", "second", "third"}) {
            Path link = target.resolve("dir").resolve(name);
            assertThat(Files.readSymbolicLink(link)).isEqualTo(Path.of("../file"));
            assertThat(Files.getAttribute(link, "unix:nlink", LinkOption.NOFOLLOW_LINKS))
                    .isEqualTo(3);
        }
        assertThat(report.links()).isEqualTo(3);
        assertThat(report.skipped()).singleElement().asString().startsWith("/outside: a symbolic link that may lead");
        assertThat(target.toFile().list()).containsExactlyInAnyOrder("file", "dir");
    }

    @Test
    void anExistingLinkIsReplaced() throws Exception {
        Files.createDirectories(target);
        Files.createSymbolicLink(target.resolve("link"), dir);
        ExtractReport report = extract(disk -> disk.symbolicLink("link", Images.mode(0777), "a//b"));
        assertThat(report.skipped()).isEmpty();
        assertThat(Files.exists(target.resolve("link"), LinkOption.NOFOLLOW_LINKS))
                .isTrue();
        assertThat(HostName.target(target.resolve("link"))).isEqualTo("a//b".getBytes(StandardCharsets.US_ASCII));
    }

    @Test
    void whatIsDamagedOrRefusedIsLostAndWhatIsLeftOutIsNot() throws Exception {
        Path image = Images.create(dir.resolve("disk.img"), "1M", disk -> {
            Images.file(disk, "damaged", Images.bytes(1, 50_000));
            Images.file(disk, "device", "");
            Images.file(disk, "in-the-way", "x");
            disk.symbolicLink("outside", Images.mode(0777), "/etc");
        });
        Images.patchInode(image, 12, 0x28, -1);
        Images.patchInode(image, 13, 0, 0020666);
        Files.createDirectories(target.resolve("in-the-way"));
        try (DiskReader disk = DiskReader.open(image)) {
            ExtractReport report = disk.copyTo(target);
            assertThat(report.skippedTotal()).isEqualTo(4);
            assertThat(report.lost()).isEqualTo(2);
        }
    }
}
