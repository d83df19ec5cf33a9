package dev.construir.disk.write;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.construir.disk.read.DiskReader;
import dev.construir.ext.AccessControlList;
import dev.construir.tar.TarArchive;
import dev.construir.tar.TarArchive.Header;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AccessListTest {
    private static final AccessListText.Names NAMES = new AccessListText.Names() {
        @Override
        public OptionalLong user(String name) {
            return name.equals("alice") ? OptionalLong.of(1000) : OptionalLong.empty();
        }

        @Override
        public OptionalLong group(String name) {
            return name.equals("staff") ? OptionalLong.of(50) : OptionalLong.empty();
        }
    };

    private static final String WHOLE = "user::rw-\nuser:1000:r--\ngroup::r-x\ngroup:50:-w-\nmask::rwx\nother::r--\n";

    @TempDir
    Path dir;

    private final List<String> warnings = new ArrayList<>();

    /** The forms of GNU tar, star, bsdtar, Solaris and setfacl. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                WHOLE,
                "user::rw-,user:1000:r--,group::r-x,group:50:-w-,mask::rwx,other::r--",
                "user::rw-,user:alice:r--:1000,group::r-x,group:nobody:-w-:50,mask::rwx,other::r--",
                "user::rw-,group::r-x,other::r--,user:alice:r--,group:staff:-w-,mask::rwx",
                "# file: a\nuser::rw-\nuser:alice:r--\t#effective:r--\ngroup::r-x\ngroup:staff:-w-\nmask::rwx\nother::r--",
                "user::rw-,user:alice:r--,group::r-x,group:staff:-w-,mask:rwx,other:r--",
                "u::6,u:alice:4,g::5,g:staff:2,m::7,o::4",
                "default:user::rw-,d:user:alice:r--,default:group::r-x,default:group:staff:-w-,default:mask::rwx,default:other::r--"
            })
    void everyFormIsRead(String text) throws Exception {
        AccessControlList list = AccessListText.parse(text, NAMES);
        assertThat(list.value()).isEqualTo(AccessListText.parse(WHOLE, NAMES).value());
        assertThat(AccessControlList.ofValue(list.value()).value()).isEqualTo(list.value());
        assertThat(list.mode(04111)).isEqualTo(04674);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "user::rw-",
                "user::rw-,group::r--",
                "user::rw-,group::r--,other::r--,user:1:r--",
                "user::rw-,group::r--,other::r--,other::r--",
                "user::rw-,group::r--,other::r--,mask::r--,user:1:r--,user:1:rw-",
                "user::rw-,group::r--,other::r--,what::r--",
                "user::rw-,group::r--,other::rq-",
                "user::rw-,group::r--,other::",
                "owner@:rwx::allow",
                "\0"
            })
    void whatIsNoListIsRefused(String text) {
        assertThatThrownBy(() -> AccessListText.parse(text, NAMES)).isInstanceOf(IllegalArgumentException.class);
    }

    /** Nobody has more rights without the list than with it. */
    @ParameterizedTest
    @CsvSource({
        "'user::rw-,user:1:rw-,group::r--,mask::rw-,other::r--', 644",
        "'user::rwx,user:1:rwx,group::rwx,mask::r-x,other::---', 750",
        "'user::rwx,user:1:---,group::rwx,mask::rwx,other::r--', 700",
        "'user::rwx,group::rwx,group:1:---,mask::rwx,other::r--', 770",
        "'user::rw-,group::rw-,other::r--', 664"
    })
    void withoutTheListNobodyGains(String text, String mode) throws Exception {
        assertThat(Integer.toOctalString(AccessListText.parse(text, NAMES).modeWithout(0777)))
                .isEqualTo(mode);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 3, 4, 5, 11, 20})
    void bytesThatAreNoListAreRefused(int length) {
        assertThatThrownBy(() -> AccessControlList.ofValue(new byte[length]))
                .isInstanceOf(IllegalArgumentException.class);
    }

    /** The kernel asks entries as they stand, and none behind that for the others. */
    @Test
    void entriesThatAreInNoOrderAreRefused() throws Exception {
        byte[] list =
                AccessListText.parse("user::rw-,group::rw-,other::---", NAMES).value();
        byte[] turned = list.clone();
        System.arraycopy(list, 4 + 8, turned, 4 + 16, 8);
        System.arraycopy(list, 4 + 16, turned, 4 + 8, 8);
        assertThatThrownBy(() -> AccessControlList.ofValue(turned))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("order");
    }

    @Test
    void defaultListsThatAreLostAreCountedApart() throws Exception {
        TarArchive archive = new TarArchive()
                .pax('x', "SCHILY.acl.default=user::rwx,user:no such user:rwx,group::---,mask::rwx,other::---")
                .add(Header.of('5', "d").text(100, "0000755\0"));
        try (DiskReader disk = DiskReader.open(image(PackOptions.DEFAULT, archive))) {
            assertThat(disk.extendedAttributes("/d")).isEmpty();
        }
        assertThat(warnings)
                .containsExactly("1 default access control list left out (no such user has no number); what is made in"
                        + " those directories gets the rights that its maker asks for");
    }

    private Path image(PackOptions options, TarArchive archive) throws IOException {
        return Images.create(
                dir.resolve("disk.img"),
                "1M",
                disk -> disk.tar("/", archive.stream(), options.withWarnings(warnings::add)));
    }

    private static TarArchive withList(String list) {
        return new TarArchive().pax('x', "SCHILY.acl.access=" + list).file("f", "");
    }

    @Test
    void listsOfArchivesAreKept() throws Exception {
        TarArchive archive = withList(WHOLE)
                .pax('x', "SCHILY.acl.access=user::rwx,group::r-x,other::---", "SCHILY.acl.default=" + WHOLE)
                .add(TarArchive.Header.of('5', "d"));
        Path image = image(PackOptions.DEFAULT, archive);
        byte[] value = AccessListText.parse(WHOLE, NAMES).value();
        try (DiskReader disk = DiskReader.open(image)) {
            assertThat(disk.extendedAttributes("/f")).containsOnlyKeys("system.posix_acl_access");
            assertThat(disk.extendedAttributes("/f").get("system.posix_acl_access"))
                    .isEqualTo(value);
            assertThat(disk.find("/f").orElseThrow().attributes().mode()).isEqualTo(0674);
            assertThat(disk.extendedAttributes("/d")).containsOnlyKeys("system.posix_acl_default");
            assertThat(disk.extendedAttributes("/d").get("system.posix_acl_default"))
                    .isEqualTo(value);
            assertThat(disk.find("/d").orElseThrow().attributes().mode()).isEqualTo(0750);
        }
        assertThat(warnings).isEmpty();
    }

    /** What an earlier entry granted would be granted by nobody. */
    @ParameterizedTest
    @ValueSource(strings = {"d", "."})
    void aDirectoryThatComesAgainHasNoListsOfBefore(String name) throws Exception {
        TarArchive archive = new TarArchive()
                .pax(
                        'x',
                        "SCHILY.acl.access=" + WHOLE,
                        "SCHILY.acl.default=" + WHOLE,
                        "SCHILY.xattr.user.big=" + "x".repeat(900))
                .add(Header.of('5', name))
                .file("d/f", "x")
                .add(Header.of('5', name).text(100, "0000750\0"));
        Path image = image(PackOptions.DEFAULT, archive);
        String path = name.equals(".") ? "/" : "/d";
        try (DiskReader disk = DiskReader.open(image)) {
            assertThat(disk.extendedAttributes(path)).isEmpty();
            assertThat(disk.find(path).orElseThrow().attributes().mode()).isEqualTo(0750);
        }
    }

    @Test
    void namesHaveTheNumbersOfTheArchive() throws Exception {
        TarArchive archive = new TarArchive()
                .pax('x', "uname=the builder", "uid=1234")
                .file("of", "")
                .pax('x', "SCHILY.acl.access=user::rw-,user:the builder:r--,group::r--,mask::r--,other::---")
                .file("f", "");
        Map<String, byte[]> attributes;
        try (DiskReader disk = DiskReader.open(image(PackOptions.DEFAULT, archive))) {
            attributes = disk.extendedAttributes("/f");
        }
        assertThat(attributes.get("system.posix_acl_access"))
                .isEqualTo(AccessListText.parse("u::rw-,u:1234:r--,g::r--,m::r--,o::---", NAMES)
                        .value());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "user::rw-,user:no such user:rw-,group::r--,mask::rw-,other::r--; 644; no such user has no number",
                "user::rw-,user:1000:---,group::rw-,other::rw-; 600; the mask",
                "garbage; 600; garbage"
            })
    void whatCannotBeKeptIsCounted(String list, String mode, String reason) throws Exception {
        byte[] archive = withList(list).bytes();
        System.arraycopy("0000664".getBytes(StandardCharsets.US_ASCII), 0, archive, 1024 + 100, 7);
        int sum = Integer.parseInt(new String(archive, 1024 + 148, 6, StandardCharsets.US_ASCII), 8) + 2;
        System.arraycopy(String.format("%06o", sum).getBytes(StandardCharsets.US_ASCII), 0, archive, 1024 + 148, 6);
        TarArchive whole = new TarArchive().raw(archive);
        try (DiskReader disk = DiskReader.open(image(PackOptions.DEFAULT, whole))) {
            assertThat(Integer.toOctalString(
                            disk.find("/f").orElseThrow().attributes().mode()))
                    .isEqualTo(mode);
            assertThat(disk.extendedAttributes("/f")).isEmpty();
        }
        assertThat(warnings).hasSize(1).first().asString().contains("1 access control list left out", reason);
        Files.delete(dir.resolve("disk.img"));
        assertThatThrownBy(() ->
                        image(PackOptions.DEFAULT.withForeignAttributes(PackOptions.ForeignAttributes.REFUSE), whole))
                .isInstanceOf(IOException.class)
                .hasMessageContainingAll("\"f\" (at byte 1024", "access control list");
    }

    /**
     * Linux gives user attributes to files and directories, access lists to all but links, and default lists to
     * directories.
     */
    @Test
    void whatAnEntryOfItsKindCannotHaveIsCounted() throws Exception {
        String[] records = {
            "SCHILY.xattr.user.x=1",
            "SCHILY.xattr.trusted.x=1",
            "SCHILY.acl.access=" + WHOLE,
            "SCHILY.acl.default=" + WHOLE
        };
        TarArchive archive = new TarArchive()
                .pax('x', records)
                .add(Header.of('2', "link").target("file"))
                .pax('x', records)
                .add(Header.of('6', "pipe"))
                .pax('x', records)
                .file("file", "");
        PackOptions options = PackOptions.DEFAULT.withDevices(PackOptions.Devices.CREATE);
        try (DiskReader disk = DiskReader.open(image(options, archive))) {
            assertThat(disk.extendedAttributes("/link")).containsOnlyKeys("trusted.x");
            assertThat(disk.extendedAttributes("/pipe")).containsOnlyKeys("trusted.x", "system.posix_acl_access");
            assertThat(disk.extendedAttributes("/file"))
                    .containsOnlyKeys("trusted.x", "user.x", "system.posix_acl_access");
        }
        assertThat(warnings)
                .containsExactly("6 extended attributes left out, as Linux gives such to entries of other kinds only: "
                        + "user.x, system.posix_acl_access, system.posix_acl_default");
        Files.delete(dir.resolve("disk.img"));
        assertThatThrownBy(() -> image(options.withForeignAttributes(PackOptions.ForeignAttributes.REFUSE), archive))
                .isInstanceOf(IOException.class)
                .hasMessageContainingAll("\"link\" (at byte", "user.x", "of other kinds");
    }

    @Test
    void foreignAttributesAreCountedInOneLine() throws Exception {
        TarArchive archive = new TarArchive();
        for (int i = 0; i < 3; i++) {
            archive.pax(
                            'x',
                            "SCHILY.xattr.com.apple.provenance=x",
                            "LIBARCHIVE.xattr.com.apple.provenance=eA",
                            "SCHILY.xattr.system.nfs4_acl=x",
                            "SCHILY.xattr.user.kept=y")
                    .file("f" + i, "");
        }
        try (DiskReader disk = DiskReader.open(image(PackOptions.DEFAULT, archive))) {
            assertThat(disk.extendedAttributes("/f2")).containsOnlyKeys("user.kept");
        }
        assertThat(warnings)
                .containsExactly("6 extended attributes left out, as the disk cannot keep them: "
                        + "com.apple.provenance, system.nfs4_acl");
        Files.delete(dir.resolve("disk.img"));
        assertThatThrownBy(() ->
                        image(PackOptions.DEFAULT.withForeignAttributes(PackOptions.ForeignAttributes.REFUSE), archive))
                .isInstanceOf(IOException.class)
                .hasMessageContainingAll("\"f0\" (at byte", "com.apple.provenance");
    }

    @Test
    void aMissingMarkOfTheEndIsReported() throws Exception {
        byte[] archive = new TarArchive().file("f", "x").unended();
        Images.create(
                dir.resolve("disk.img"),
                "1M",
                disk -> disk.tar(
                        "/",
                        new java.io.ByteArrayInputStream(archive),
                        PackOptions.DEFAULT.withWarnings(warnings::add)));
        assertThat(warnings).hasSize(1).first().asString().contains("no mark of its end");
    }
}
