package dev.construir.disk.write;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.construir.disk.read.DiskReader;
import dev.construir.disk.write.PackOptions.ForeignAttributes;
import dev.construir.tar.TarArchive;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What does not fit on a disk of an archive's attributes costs only itself. */
class AttributeRoomTest {
    @TempDir
    Path dir;

    private final List<String> warnings = new ArrayList<>();

    private Path image(TarArchive archive, ForeignAttributes foreign) throws IOException {
        Path image = dir.resolve("disk.img");
        Files.deleteIfExists(image);
        PackOptions options = PackOptions.DEFAULT.withWarnings(warnings::add).withForeignAttributes(foreign);
        return Images.create(image, "1M", disk -> disk.tar("/", archive.stream(), options));
    }

    private void assertRefused(TarArchive archive, String reason) {
        assertThatThrownBy(() -> image(archive, ForeignAttributes.REFUSE))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(reason)
                .message()
                .containsOnlyOnce("\"f\" (at byte")
                .satisfies(
                        message -> assertThat(message.split("cannot be kept")).hasSizeLessThanOrEqualTo(2));
    }

    @Test
    void largeAttributesAreLeftOut() throws Exception {
        TarArchive archive = new TarArchive()
                .pax('x', "SCHILY.xattr.user.big=" + "b".repeat(10_000), "SCHILY.xattr.user.small=s")
                .file("f", "content");
        try (DiskReader disk = DiskReader.open(image(archive, ForeignAttributes.LEAVE_OUT))) {
            assertThat(disk.extendedAttributes("/f")).containsOnlyKeys("user.small");
            assertThat(disk.open("/f").readAllBytes()).hasSize(7);
        }
        assertThat(warnings)
                .containsExactly(
                        "1 extended attribute left out, as an entry has room for 1024 bytes of them: user.big (10000"
                                + " bytes)");
        assertRefused(archive, "do not fit the inode and the one block of 1024 bytes");
    }

    @Test
    void largeListsAreLeftOutAndNobodyGains() throws Exception {
        String users = IntStream.range(1000, 2000)
                .mapToObj(user -> "user:" + user + ":rwx")
                .collect(Collectors.joining(","));
        TarArchive archive = new TarArchive()
                .pax(
                        'x',
                        "SCHILY.acl.access=user::rwx," + users + ",group::---,mask::rwx,other::r--",
                        "SCHILY.xattr.user.kept=k")
                .file("f", "");
        try (DiskReader disk = DiskReader.open(image(archive, ForeignAttributes.LEAVE_OUT))) {
            assertThat(disk.extendedAttributes("/f")).containsOnlyKeys("user.kept");
            assertThat(disk.find("/f").orElseThrow().attributes().mode()).isEqualTo(0704);
        }
        assertThat(warnings)
                .hasSize(1)
                .first()
                .asString()
                .startsWith("1 access control list left out (it has more entries than there is room for)");
        assertRefused(archive, "more entries than there is room for");
    }

    @Test
    void listsComeBeforeOtherAttributes() throws Exception {
        String list = "user::rw-,user:1000:rw-,group::r--,mask::rw-,other::---";
        TarArchive archive = new TarArchive()
                .pax('x', "SCHILY.xattr.user.a=" + "a".repeat(940), "SCHILY.xattr.user.b=" + "b".repeat(50))
                .file("g", "")
                .pax(
                        'x',
                        "SCHILY.xattr.user.a=" + "a".repeat(940),
                        "SCHILY.xattr.user.b=" + "b".repeat(50),
                        "SCHILY.acl.access=" + list)
                .file("f", "");
        try (DiskReader disk = DiskReader.open(image(archive, ForeignAttributes.LEAVE_OUT))) {
            assertThat(disk.extendedAttributes("/g")).containsOnlyKeys("user.a", "user.b");
            assertThat(disk.extendedAttributes("/f")).containsOnlyKeys("user.a", "system.posix_acl_access");
        }
    }

    @Test
    void anyNumberOfAttributesMayCome() throws Exception {
        String[] records = IntStream.range(0, 20_000)
                .mapToObj(i -> "SCHILY.xattr.user." + i + "=v")
                .toArray(String[]::new);
        TarArchive archive = new TarArchive().pax('x', records).file("f", "");
        int kept;
        try (DiskReader disk = DiskReader.open(image(archive, ForeignAttributes.LEAVE_OUT))) {
            kept = disk.extendedAttributes("/f").size();
        }
        assertThat(kept).isBetween(30, 60);
        assertThat(warnings)
                .hasSize(1)
                .first()
                .asString()
                .startsWith(20_000 - kept + " extended attributes left out, as an entry has room for 1024 bytes");
    }

    @Test
    void aListOfTheWrongOneIsRefused() throws Exception {
        String list = "SCHILY.acl.access=user::rw-,user:the builder:rw-,group::r--,mask::rw-,other::---";
        TarArchive archive = new TarArchive()
                .pax('x', "uname=the builder", "uid=1")
                .file("a", "")
                .pax('x', list)
                .file("b", "")
                .pax('x', "uname=the builder", "uid=2")
                .file("f", "");
        assertThatThrownBy(() -> image(archive, ForeignAttributes.LEAVE_OUT))
                .isInstanceOf(IOException.class)
                .hasMessageContainingAll("\"f\" (at byte", "user the builder of number 2", "that name was 1");
    }

    @Test
    void warningsAreShort() throws Exception {
        TarArchive archive = new TarArchive()
                .pax('x', "SCHILY.acl.access=" + "n".repeat(300_000))
                .file("f", "");
        image(archive, ForeignAttributes.LEAVE_OUT);
        assertThat(warnings).hasSize(1).first().asString().hasSizeLessThan(500);
        assertThatThrownBy(() -> image(archive, ForeignAttributes.REFUSE))
                .message()
                .hasSizeLessThan(500);
    }
}
