package dev.construir.tar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.construir.tar.TarArchive.Header;
import dev.construir.tar.TarEntry.Kind;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TarReaderTest {
    /** What was read of an entry. */
    private record Read(TarEntry entry, String content) {
        String path() {
            return text(entry.path());
        }
    }

    private static String text(ByteBuffer bytes) {
        return StandardCharsets.ISO_8859_1.decode(bytes.duplicate()).toString();
    }

    private static TarReader reader(InputStream archive) {
        return new TarReader(archive, name -> name.startsWith("user.") || name.startsWith("security."));
    }

    private static List<Read> read(byte[] archive) throws IOException {
        TarReader tar = reader(new ByteArrayInputStream(archive));
        List<Read> all = new ArrayList<>();
        for (TarEntry entry = tar.next(); entry != null; entry = tar.next()) {
            all.add(new Read(entry, new String(tar.content().readAllBytes(), StandardCharsets.ISO_8859_1)));
        }
        assertThat(tar.next()).isNull();
        return all;
    }

    private static Read one(TarArchive archive) throws IOException {
        List<Read> all = read(archive.bytes());
        assertThat(all).hasSize(1);
        return all.get(0);
    }

    @Test
    void kindsAreReported() throws Exception {
        List<Read> all = read(new TarArchive()
                .file("file", "content")
                .add(Header.of('\0', "old/"))
                .add(Header.of('5', "dir"))
                .add(Header.of('2', "symlink").target("file"))
                .add(Header.of('1', "hardlink").target("file").size(7))
                .add(Header.of('7', "contiguous"))
                .add(Header.of('6', "pipe"))
                .bytes());

        assertThat(all)
                .extracting(read -> read.entry().kind())
                .containsExactly(
                        Kind.FILE,
                        Kind.DIRECTORY,
                        Kind.DIRECTORY,
                        Kind.SYMBOLIC_LINK,
                        Kind.HARD_LINK,
                        Kind.FILE,
                        Kind.PIPE);
        assertThat(all.get(0).content()).isEqualTo("content");
        assertThat(text(all.get(3).entry().target())).isEqualTo("file");
        assertThat(text(all.get(4).entry().target())).isEqualTo("file");
        assertThat(all.get(1).entry().offset()).isEqualTo(1024);
    }

    @Test
    void contentNeedNotBeRead() throws Exception {
        TarReader tar = reader(new TarArchive().file("a", "x".repeat(600)).file("b", "y".repeat(700)).stream());
        assertThat(tar.next()).isNotNull();
        assertThat(tar.content().read()).isEqualTo('x');
        assertThat(tar.next()).isNotNull();
        assertThat(tar.content().readNBytes(2)).asString().isEqualTo("yy");
        assertThat(tar.next()).isNull();
    }

    @ParameterizedTest
    @CsvSource({
        "0000017, 15",
        "'     17 ', 15",
        "'17 \0', 15",
        "'', 0",
        "'        ', 0",
        "'\u0080\0\0\0\0\0\u0001\u0002', 258",
        "'\u0080\0\0\0\u00ff\u00ff\u00ff\u00ff', 4294967295",
        "'\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00fe', -2",
        "'\u00c0\0\0\0\0\0\0\0', -4611686018427387904"
    })
    void numbersAreReadInBothForms(String field, long value) throws Exception {
        Header header = Header.of('0', "f").bytes(108, new byte[8]).text(108, field);
        assertThat(one(new TarArchive().add(header)).entry().uid()).isEqualTo(value);
    }

    @ParameterizedTest
    @ValueSource(strings = {"9", "0x1", "1 2", "-1", "1\0002"})
    void numbersMustBeNumbers(String field) {
        Header header = Header.of('0', "f").bytes(108, new byte[8]).text(108, field);
        assertThatThrownBy(() -> one(new TarArchive().file("first", "").add(header)))
                .isInstanceOf(IOException.class)
                .hasMessage("the header at byte 512 of the archive has a owner that is no number");
    }

    @Test
    void numbersMustFit() {
        byte[] tooBig = {(byte) 0x80, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0};
        assertThatThrownBy(() -> one(new TarArchive().add(Header.of('0', "f").bytes(124, tooBig))))
                .hasMessageContaining("size that is no number");
        byte[] negative = new byte[12];
        Arrays.fill(negative, (byte) -1);
        assertThatThrownBy(() -> one(new TarArchive().add(Header.of('0', "f").bytes(124, negative))))
                .hasMessageContaining("impossible size, -1");
        byte[] big = {(byte) 0x80, 0, 0, 0, 0x7f, -1, -1, -1, -1, -1, -1, -1};
        assertThatThrownBy(() -> one(new TarArchive().add(Header.of('0', "f").bytes(124, big))))
                .hasMessageContaining("impossible size");
    }

    @ParameterizedTest
    @ValueSource(strings = {"\u0080\0\0\0\u007f\0\0\0\0\0\0\0", "\u00ff\u00ff\u00ff\u00ff\u0080\0\0\0\0\0\0\0"})
    void timesMustFit(String field) {
        Header header = Header.of('0', "f").text(136, field);
        assertThatThrownBy(() -> one(new TarArchive().file("first", "").add(header)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("the header at byte 512 of the archive has the time")
                .hasMessageContaining("seconds");
    }

    @Test
    void longNamesComeInEveryForm() throws Exception {
        String name = "d/".repeat(100) + "end";
        String target = "t".repeat(300);
        assertThat(one(new TarArchive().add(Header.of('0', "end").text(345, "some/prefix")))
                        .path())
                .isEqualTo("some/prefix/end");
        Read gnu = one(new TarArchive()
                .extension('L', name + "\0")
                .extension('K', target + "\0")
                .add(Header.of('2', "cut").target("cut")));
        assertThat(gnu.path()).isEqualTo(name);
        assertThat(text(gnu.entry().target())).isEqualTo(target);
        Read pax = one(new TarArchive()
                .pax('x', "path=" + name, "linkpath=" + target)
                .add(Header.of('2', "cut").target("cut")));
        assertThat(pax.path()).isEqualTo(name);
        assertThat(text(pax.entry().target())).isEqualTo(target);
        assertThat(one(new TarArchive().add(Header.of('0', "n".repeat(100)).text(257, "ustar  \0")))
                        .path())
                .isEqualTo("n".repeat(100));
    }

    @Test
    void paxRecordsHoldForOneEntryAndGlobalOnesForAll() throws Exception {
        List<Read> all = read(new TarArchive()
                .pax('g', "uid=7", "mtime=5", "comment=of all")
                .pax('x', "uid=4000000000", "gid=3", "size=3", "mtime=-1.25", "SCHILY.xattr.user.a=b=\n", "other=x")
                .add(Header.of('0', "a"), "abc".getBytes(StandardCharsets.US_ASCII))
                .file("b", "")
                .bytes());

        TarEntry first = all.get(0).entry();
        assertThat(all.get(0).content()).isEqualTo("abc");
        assertThat(first.uid()).isEqualTo(4_000_000_000L);
        assertThat(first.gid()).isEqualTo(3);
        assertThat(first.modified()).isEqualTo(Instant.ofEpochSecond(-2, 750_000_000));
        assertThat(first.extras().attributes()).containsOnlyKeys("user.a");
        assertThat(first.extras().attributes().get("user.a")).isEqualTo(new byte[] {'b', '=', '\n'});
        TarEntry second = all.get(1).entry();
        assertThat(second.uid()).isEqualTo(7);
        assertThat(second.gid()).isZero();
        assertThat(second.modified()).isEqualTo(Instant.ofEpochSecond(5));
        assertThat(second.extras().attributes()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "5, 5, 0",
        "1.5, 1, 500000000",
        "1.123456789999, 1, 123456789",
        "-1.0000000001, -2, 999999999",
        "-0.5, -1, 500000000",
        "7., 7, 0"
    })
    void timesHaveFractions(String text, long seconds, int nanoseconds) throws Exception {
        assertThat(one(new TarArchive().pax('x', "mtime=" + text).file("f", ""))
                        .entry()
                        .modified())
                .isEqualTo(Instant.ofEpochSecond(seconds, nanoseconds));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "99 path=x | no right length",
                "0 path=x | no right length",
                "9 path=xy | no right length",
                "path=x | no right length",
                "x path=x | no number",
                "99999999999999999999 a=b | no right length",
                "8 pathx | no key",
                "9 uid=-5 | no number",
                "9 uid=1x | no number",
                "33 uid=1000000000000000000000000 | no number",
                "30 mtime=999999999999999999.5 | no number"
            })
    void paxRecordsMustBeWhole(String records, String message) {
        String text = records + "\n";
        assertThatThrownBy(() -> read(new TarArchive()
                        .file("first", "")
                        .extension('x', text)
                        .file("f", "")
                        .bytes()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("the pax header at byte 512 of the archive")
                .hasMessageContaining(message);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "path=x",
                "size=3",
                "linkpath=x",
                "SCHILY.xattr.user.a=b",
                "GNU.sparse.map=0,1",
                "GNU.sparse.offset=3",
                "SCHILY.realsize=3",
                "RHT.security.selinux=x"
            })
    void globalRecordsMustMakeSense(String record) {
        assertThatThrownBy(() -> read(new TarArchive().pax('g', record).bytes()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("all entries that follow");
    }

    @ParameterizedTest
    @CsvSource({"x, 268435456", "g, 268435456", "L, 1048576", "K, 1048576"})
    void extendedHeadersAreBounded(char type, long most) {
        byte[] archive =
                new TarArchive().add(Header.of(type, "f").size(3L << 30)).unended();
        assertThatThrownBy(() -> read(archive))
                .isInstanceOf(IOException.class)
                .hasMessage("the extended header at byte 0 of the archive has 3221225472 bytes; at most " + most
                        + " are read");
    }

    @Test
    void extendedHeadersOfOneEntryAreBoundedTogether() {
        TarArchive archive = new TarArchive();
        for (char name = 'a'; name < 'e'; name++) {
            archive.pax('x', "SCHILY.xattr.user." + name + "=" + "v".repeat(300_000));
        }
        assertThatThrownBy(() -> read(archive.file("f", "").bytes()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("the pax header at byte 901632 of the archive")
                .hasMessageContaining("at most 1048576");
    }

    @ParameterizedTest
    @ValueSource(chars = {'M', 'N', 'Z', '\1'})
    void unknownTypesAreRefused(char type) {
        assertThatThrownBy(() -> read(new TarArchive().add(Header.of(type, "f")).bytes()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("\"f\" (at byte 0 of the archive) is of the type '");
    }

    /** Except a cut between two entries, which looks like the end. */
    @ParameterizedTest
    @ValueSource(ints = {1, 5, 100})
    void whatDoesNotBeginAsAnArchiveIsNone(int lines) {
        byte[] text = "#!/bin/sh\n# no archive, but a text\n".repeat(lines).getBytes(StandardCharsets.US_ASCII);
        assertThatThrownBy(() -> new TarReader(new ByteArrayInputStream(text), key -> false).next())
                .isInstanceOf(IOException.class)
                .hasMessage("it is no tar archive: it does not begin as one does; name a directory or an archive");
    }

    @Test
    void everyCutIsNoticed() throws Exception {
        byte[] whole = new TarArchive()
                .file("a", "x".repeat(600))
                .pax('x', "mtime=1.5")
                .file("b", "y")
                .bytes();
        assertThat(read(whole)).hasSize(2);
        for (int length = 1; length < whole.length - 1024; length += 1 + length % 97) {
            byte[] cut = Arrays.copyOf(whole, length);
            if (length != 1536) {
                assertThatThrownBy(() -> read(cut))
                        .as("cut off at %d", length)
                        .isInstanceOf(EOFException.class)
                        .hasMessageContaining("the archive is cut off: it ends at byte " + length);
            }
        }
        assertThatThrownBy(() -> read(new byte[0]))
                .isInstanceOf(EOFException.class)
                .hasMessageContaining("is empty");
    }

    @ParameterizedTest
    @CsvSource({"0, false", "512, false", "1024, true", "10240, true"})
    void theMarkOfTheEndMayBeMissing(int zeros, boolean marked) throws Exception {
        byte[] archive = new TarArchive().file("a", "x").raw(new byte[zeros]).unended();
        TarReader tar = reader(new ByteArrayInputStream(archive));
        assertThat(tar.next()).isNotNull();
        assertThat(tar.next()).isNull();
        assertThat(tar.isEndMarked()).isEqualTo(marked);
    }

    @Test
    void bytesBehindTheEndAreNoPartOfIt() throws Exception {
        byte[] garbage = new byte[12_345];
        new Random(3).nextBytes(garbage);
        TarArchive archive = new TarArchive().file("a", "x").raw(new byte[1024]).raw(garbage);
        assertThat(read(archive.unended())).extracting(Read::path).containsExactly("a");
        byte[] lone =
                new TarArchive().file("a", "x").raw(new byte[512]).raw(garbage).unended();
        assertThat(read(lone)).extracting(Read::path).containsExactly("a");
    }

    /** Some writers pad the last record with their buffer, old headers included. */
    @Test
    void oldHeadersInTheLastRecordAreNoPartOfIt() throws Exception {
        TarArchive archive = new TarArchive();
        for (int i = 0; i < 25; i++) {
            archive.file("f" + i, "");
        }
        byte[] first = archive.raw(new byte[1024]).unended();
        byte[] left = Arrays.copyOfRange(first, 27 * 512 - 10_240, 10_240);
        assertThat(read(archive.raw(left).unended())).hasSize(25);
    }

    @Test
    void anotherArchiveBehindTheEndIsNotLost() {
        byte[] archive =
                new TarArchive().file("a", "").raw(new byte[1024]).file("b", "").bytes();
        assertThatThrownBy(() -> read(archive))
                .hasMessageContaining("the archive ends at byte 512, and another one follows");
    }

    @Test
    void whatBeginsWithZerosIsNoArchive() throws Exception {
        assertThat(read(new byte[10_240])).isEmpty();
        byte[] disk = new byte[4096];
        disk[3000] = 1;
        assertThatThrownBy(() -> read(disk)).hasMessageContaining("begins with zeros");
        disk[1024 + 56] = 0x53;
        disk[1024 + 57] = (byte) 0xef;
        assertThatThrownBy(() -> read(disk)).hasMessageContaining("disk image");
    }

    @ParameterizedTest
    @CsvSource({
        "28b52ffd00, zstd",
        "425a68393141592653590000, bzip2",
        "04224d18, lz4",
        "504b0304, zip archive",
        "377abcaf271c, 7z archive",
        "526172211a0700, RAR archive",
        "303730373031, cpio archive",
        "c771, cpio archive",
        "4c5a495001, lzip",
        "213c617263683e0a64656269616e2d62696e617279, Debian package",
        "213c617263683e0a2f, ar archive",
        "78617221, xar archive",
        "edabeedb, RPM package",
        "5d00008000ffffffffffffffff00, lzma",
        "5d000080000100000000000000, lzma",
        "1f9d90, by compress",
        "502a4d18, zstd",
        "1f8b08, gzip",
        "7f454c46, program"
    })
    void foreignFormatsAreNamed(String beginning, String name) {
        byte[] bytes = HexFormat.of().parseHex(beginning);
        for (int length : List.of(bytes.length, 700)) {
            assertThatThrownBy(() -> read(Arrays.copyOf(bytes, length)))
                    .isInstanceOf(IOException.class)
                    .hasMessageStartingWith("it is ")
                    .hasMessageContaining(name)
                    .hasMessageContaining("not a tar archive; ");
        }
    }

    /** By POSIX no content follows, whatever the size. */
    @ParameterizedTest
    @ValueSource(chars = {'2', '3', '4', '5', '6'})
    void sizesOfWhatHasNoContentMeanNothing(char type) throws Exception {
        for (String size : List.of("00000002000\0", "77777777777\0", "no number!!!")) {
            List<Read> all = read(new TarArchive()
                    .pax('x', "size=4096")
                    .add(Header.of(type, "d").target("t").text(124, size))
                    .file("f", "content")
                    .bytes());
            assertThat(all).extracting(Read::path).containsExactly("d", "f");
            assertThat(all.get(1).content()).isEqualTo("content");
        }
    }

    /** Writers repeat the size of a file in the header of its other names, and some its content. */
    @ParameterizedTest
    @CsvSource({"1, h", "0, d/", "\0, d/"})
    void contentOfDoubtfulEntriesIsSkippedIfItIsThere(String type, String name) throws Exception {
        char kind = type.isEmpty() ? 0 : type.charAt(0);
        Header header = Header.of(kind == '\\' ? 0 : kind, name).target("t").size(600);
        byte[] content = new byte[600];
        Arrays.fill(content, (byte) 'x');
        for (TarArchive archive : List.of(new TarArchive().add(header), new TarArchive().add(header, content))) {
            List<Read> all = read(archive.file("f", "content").bytes());
            assertThat(all).extracting(Read::path).containsExactly(name, "f");
            assertThat(all.get(0).content()).isEmpty();
        }
        assertThat(read(new TarArchive().add(header).bytes())).hasSize(1);
    }

    /** Contents that look like a header, like the end of an archive, or like an archive. */
    @ParameterizedTest
    @CsvSource({"1, h", "0, d/", "\0, d/"})
    void contentWhoseSizeIsStatedIsSkippedWhateverItIs(String type, String name) throws Exception {
        char kind = type.isEmpty() || type.charAt(0) == '\\' ? 0 : type.charAt(0);
        byte[] entry = new TarArchive().file("inner", "evil").unended();
        byte[] zeros = Arrays.copyOf(new byte[512], 600);
        zeros[550] = 'x';
        for (byte[] content : List.of(entry, zeros, new TarArchive().raw(entry).bytes())) {
            List<Read> all = read(new TarArchive()
                    .pax('x', "size=" + content.length)
                    .add(Header.of(kind, name).target("t").size(content.length), content)
                    .file("f", "content")
                    .bytes());
            assertThat(all).extracting(Read::path).containsExactly(name, "f");
            assertThat(all.get(1).content()).isEqualTo("content");
        }
        TarArchive damaged = new TarArchive().pax('x', "size=1x").add(Header.of(kind, name));
        assertThatThrownBy(() -> one(damaged)).hasMessageContaining("size is no number");
    }

    @Test
    void fieldsCountOnlyWhereTheyHaveAMeaning() throws Exception {
        List<Read> all = read(new TarArchive()
                .file("f", "")
                .add(Header.of('1', "h")
                        .target("f")
                        .text(100, "garbage!garbage!garbage!")
                        .text(136, "no time at all!!"))
                .add(Header.of('2', "s").target("f").text(100, "garbage!").text(329, "garbage!garbage!"))
                .add(Header.of('0', "g").target("garbage").text(329, "garbage!garbage!"))
                .bytes());
        assertThat(all).extracting(Read::path).containsExactly("f", "h", "s", "g");
        assertThat(text(all.get(3).entry().target())).isEmpty();
        assertThat(all.get(3).entry().major()).isZero();
    }

    @Test
    void devicesHaveNumbers() throws Exception {
        TarEntry device = one(new TarArchive()
                        .add(Header.of('4', "d").text(329, "0000010\0").text(337, "0000401\0")))
                .entry();
        assertThat(device.kind()).isEqualTo(Kind.BLOCK_DEVICE);
        assertThat(device.major()).isEqualTo(8);
        assertThat(device.minor()).isEqualTo(257);
        TarEntry pax = one(new TarArchive()
                        .pax('x', "SCHILY.devmajor=300", "SCHILY.devminor=70000")
                        .add(Header.of('3', "d")))
                .entry();
        assertThat(List.of(pax.major(), pax.minor())).containsExactly(300L, 70_000L);
    }

    @ParameterizedTest
    @CsvSource({
        "SCHILY.xattr.user.k%3Dv, user.k=v",
        "SCHILY.xattr.user.k%25v, user.k%v",
        "SCHILY.xattr.user.k%2541, user.k%41",
        "SCHILY.xattr.user.k%41%, user.k%41%",
        "SCHILY.xattr.user.k%3d, user.k%3d",
        "LIBARCHIVE.xattr.user.k%3Dv, user.k=v",
        "LIBARCHIVE.xattr.user.k%41%20v, user.kA v"
    })
    void namesOfAttributesAreDecoded(String key, String name) throws Exception {
        String value = key.startsWith("LIB") ? "dmFsdWU" : "value";
        assertThat(one(new TarArchive().pax('x', key + "=" + value).file("f", ""))
                        .entry()
                        .extras()
                        .attributes())
                .containsOnlyKeys(name)
                .hasEntrySatisfying(name, bytes -> assertThat(bytes).asString().isEqualTo("value"));
    }

    @Test
    void attributesInTwoFormsAreThereOnce() throws Exception {
        TarExtras extras = one(new TarArchive()
                        .pax(
                                'x',
                                "SCHILY.xattr.user.k=v=1", // written by bsdtar; looks like the attribute k
                                "SCHILY.xattr.user.p%25=2",
                                "SCHILY.xattr.user.only=3",
                                "LIBARCHIVE.xattr.user.k%3Dv=MQ",
                                "LIBARCHIVE.xattr.user.p%2525=Mg",
                                "RHT.security.selinux=a:b")
                        .file("f", ""))
                .entry()
                .extras();
        assertThat(extras.attributes()).containsOnlyKeys("user.k=v", "user.p%25", "user.only", "security.selinux");
        assertThat(extras.attributes().get("security.selinux")).asString().isEqualTo("a:b\0");
    }

    /** Resource forks of macOS have megabytes. */
    @Test
    void unwantedAttributesOfAnySizeAreSkipped() throws Exception {
        TarExtras extras = one(new TarArchive()
                        .pax(
                                'x',
                                "SCHILY.xattr.com.apple.ResourceFork=" + "x".repeat(3 << 20),
                                "LIBARCHIVE.xattr.com.apple.ResourceFork=eA",
                                "SCHILY.xattr.user.a=b",
                                "SCHILY.acl.ace=owner@:rwx::allow")
                        .file("f", ""))
                .entry()
                .extras();
        assertThat(extras.attributes()).containsOnlyKeys("user.a");
        assertThat(extras.leftOut().count()).isEqualTo(1);
        assertThat(extras.leftOut().describe()).isEqualTo("com.apple.ResourceFork");
        assertThat(extras.hasForeignList()).isTrue();
    }

    @Test
    void anythingElseIsNoArchive() {
        byte[] bytes = new byte[2048];
        new Random(1).nextBytes(bytes);
        assertThatThrownBy(() -> read(bytes)).isInstanceOf(IOException.class);
        byte[] damaged = new TarArchive().file("a", "").file("b", "").bytes();
        damaged[512] ^= 1;
        assertThatThrownBy(() -> read(damaged))
                .hasMessageContaining("no tar archive, or a damaged one: the header at byte 512 has the checksum");
    }

    @Test
    void signedChecksumsOfOldProgramsAreKnown() throws Exception {
        byte[] archive = new TarArchive().file("\u00e4", "").bytes();
        int sum = Integer.parseInt(new String(archive, 148, 6, StandardCharsets.US_ASCII), 8) - 256;
        System.arraycopy(String.format("%06o", sum).getBytes(StandardCharsets.US_ASCII), 0, archive, 148, 6);
        assertThat(read(archive)).extracting(Read::path).containsExactly("\u00e4");
    }

    @Test
    void sparseFilesOfEveryFormHaveTheirHoles() throws Exception {
        String expected = "\0".repeat(1000) + "abc" + "\0".repeat(2000) + "de" + "\0".repeat(995);
        byte[] stored = "abcde".getBytes(StandardCharsets.US_ASCII);
        Header old = Header.of('S', "f")
                .text(257, "ustar  \0")
                .size(5)
                .text(386, String.format("%011o\0%011o\0", 1000, 3))
                .text(410, String.format("%011o\0%011o\0", 3003, 2))
                .text(434, String.format("%011o\0%011o\0", 4000, 0))
                .text(483, String.format("%011o\0", 4000));
        assertThat(one(new TarArchive().add(old, stored)).content()).isEqualTo(expected);
        Read zero = one(new TarArchive()
                .pax(
                        'x',
                        "GNU.sparse.size=4000",
                        "GNU.sparse.numblocks=2",
                        "GNU.sparse.offset=1000",
                        "GNU.sparse.numbytes=3",
                        "GNU.sparse.offset=3003",
                        "GNU.sparse.numbytes=2")
                .add(Header.of('0', "f").size(5), stored));
        assertThat(zero.content()).isEqualTo(expected);
        Read one = one(new TarArchive()
                .pax('x', "GNU.sparse.name=real", "GNU.sparse.size=4000", "GNU.sparse.map=1000,3,3003,2")
                .add(Header.of('0', "GNUSparseFile.0/f").size(5), stored));
        assertThat(one.content()).isEqualTo(expected);
        assertThat(one.path()).isEqualTo("real");
        byte[] map = Arrays.copyOf("2\n1000\n3\n3003\n2\n".getBytes(StandardCharsets.US_ASCII), 517);
        System.arraycopy(stored, 0, map, 512, 5);
        Read latest = one(new TarArchive()
                .pax('x', "GNU.sparse.major=1", "GNU.sparse.minor=0", "GNU.sparse.realsize=4000")
                .add(Header.of('0', "f").size(517), map));
        assertThat(latest.content()).isEqualTo(expected);
        assertThat(latest.entry().size()).isEqualTo(4000);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "1000,3,900,2; piece of 2 bytes at 900",
                "1000,3,4000,2; sparse file of 4000 bytes",
                "1000,3; the archive holds 5",
                "1000,999999999999999999; sparse file",
                "0,x; no number"
            })
    void mapsMustMakeSense(String map, String message) {
        assertThatThrownBy(() -> one(new TarArchive()
                        .pax('x', "GNU.sparse.size=4000", "GNU.sparse.map=" + map)
                        .add(Header.of('0', "f").size(5), new byte[5])))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(message);
    }

    @Test
    void sparseFilesMayBeNothingButAHole() throws Exception {
        for (List<String> records : List.of(
                List.of("GNU.sparse.size=4000"),
                List.of("GNU.sparse.size=4000", "GNU.sparse.numblocks=0"),
                List.of("GNU.sparse.realsize=4000", "GNU.sparse.numblocks=0", "GNU.sparse.map="))) {
            Read all = one(
                    new TarArchive().pax('x', records.toArray(new String[0])).file("f", ""));
            assertThat(all.entry().size()).isEqualTo(4000);
            assertThat(all.content()).isEqualTo("\0".repeat(4000));
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "GNU.sparse.numblocks=0; nothing says how large it is",
                "GNU.sparse.map=0,5; nothing says how large it is",
                "GNU.sparse.major=1; nothing says how large it is",
                "GNU.sparse.size=4000; holds 5",
                "GNU.sparse.size=4000,GNU.sparse.numblocks=1; of 1 pieces, and its map has 0",
                "GNU.sparse.size=4000,GNU.sparse.offset=7; of 0 pieces, and its map has 0 and a half",
                "SCHILY.realsize=4000; as star or Solaris write it",
                "SUN.holesdata= 0 5; as star or Solaris write it"
            })
    void sparseFilesAreWholeOrRefused(String records, String message) {
        byte[] content = records.contains("major") ? Arrays.copyOf(new byte[] {'0', '\n'}, 512) : new byte[5];
        TarArchive archive = new TarArchive()
                .pax('x', records.split(",(?=GNU)"))
                .add(Header.of('0', "f").size(content.length), content);
        assertThatThrownBy(() -> one(archive)).isInstanceOf(IOException.class).hasMessageContaining(message);
    }

    @Test
    void aMapMustNotEndWithinAPiece() {
        TarArchive archive = new TarArchive()
                .pax('x', "GNU.sparse.size=4000", "GNU.sparse.map=0,5,4000")
                .file("f", "12345");
        assertThatThrownBy(() -> one(archive)).hasMessageContaining("its map has 1 and a half");
    }

    @Test
    void starsOwnHeadersOfSparseFilesAreRefused() {
        TarArchive archive = new TarArchive()
                .add(Header.of('S', "f").text(452, "00000007640\0").text(508, "tar\0"));
        assertThatThrownBy(() -> one(archive)).hasMessageContaining("as star or Solaris write it");
    }

    /** An endless archive, whose reader is interrupted while it skips content. */
    private static final class Endless extends InputStream {
        private final InputStream beginning;
        private final byte[] rest;
        private long read;

        Endless(byte[] beginning, byte[] rest) {
            this.beginning = new ByteArrayInputStream(beginning);
            this.rest = rest;
        }

        @Override
        public int read() throws IOException {
            int next = beginning.read();
            if (next >= 0) {
                return next;
            }
            if (read++ == 1 << 20) {
                Thread.currentThread().interrupt();
            }
            assertThat(read).as("bytes that were read after the interrupt").isLessThan(2 << 20);
            return rest[(int) (read % rest.length)] & 0xff;
        }

        @Override
        public int read(byte[] bytes, int from, int length) throws IOException {
            int count = Math.min(length, 1000);
            for (int i = from; i < from + count; i++) {
                bytes[i] = (byte) read();
            }
            return count;
        }
    }

    private static byte[] gzip(byte[] content) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (OutputStream out = new GZIPOutputStream(bytes)) {
            out.write(content);
        }
        return bytes.toByteArray();
    }

    @Test
    void anInterruptEndsWhatHasNoEnd() throws Exception {
        byte[] nothing = new TarArchive().extension('x', "").unended();
        byte[] rotated = new byte[nothing.length]; // as the first byte that is repeated is the second one
        System.arraycopy(nothing, 0, rotated, 1, nothing.length - 1);
        byte[] member = gzip(new byte[0]);
        byte[] rotatedMember = new byte[member.length];
        System.arraycopy(member, 0, rotatedMember, 1, member.length - 1);
        rotatedMember[0] = member[member.length - 1];
        for (InputStream archive : List.of(
                new Endless(new TarArchive().file("f", "x").bytes(), new byte[1]),
                new Endless(
                        new TarArchive().add(Header.of('V', "v").size(7L << 30)).unended(), new byte[1]),
                new Endless(nothing, rotated),
                new Endless(member, rotatedMember))) {
            assertThatThrownBy(() -> {
                        TarReader tar = reader(Unpacking.of(archive));
                        while (tar.next() != null) {}
                    })
                    .isInstanceOf(ClosedByInterruptException.class);
            assertThat(Thread.interrupted()).isTrue();
        }
    }

    @Test
    void namesOfAttributesThatAreNoTextAreLeftOut() throws Exception {
        TarExtras extras = one(new TarArchive()
                        .pax(
                                'x',
                                "SCHILY.xattr.user.\u00ff\u00fe=one",
                                "SCHILY.xattr.user.\u00fe\u00ff=two",
                                "LIBARCHIVE.xattr.user.%FF=eA",
                                "SCHILY.xattr.=none",
                                "SCHILY.xattr.user.\u00c3\u00a4=text",
                                "SCHILY.xattr.user.\u00ef\u00bf\u00bd=text")
                        .file("f", ""))
                .entry()
                .extras();
        assertThat(extras.attributes()).containsOnlyKeys("user.\u00e4", "user.\ufffd");
        assertThat(extras.leftOut().count()).isEqualTo(4);
        assertThat(extras.leftOut().describe())
                .startsWith("user.\u00ff\u00fe (not UTF-8), user.\u00fe\u00ff (not UTF-8)");
    }

    @Test
    void messagesAreShort() {
        String path = "a\n".repeat(300_000);
        assertThatThrownBy(() -> one(new TarArchive().pax('x', "path=" + path).add(Header.of('Z', "f"))))
                .message()
                .startsWith("\"a?a?a?")
                .contains(" ... ", "is of the type 'Z'")
                .hasSizeLessThan(1200);
        assertThatThrownBy(() -> one(new TarArchive()
                        .pax('x', "LIBARCHIVE.xattr.user." + "n".repeat(200) + "=A")
                        .file("f", "")))
                .message()
                .contains("is no Base64")
                .hasSizeLessThan(250);
    }

    /** Any bytes give entries or an IOException, in little time and memory. */
    @Test
    void damagedArchivesAreReadOrRefused() throws Exception {
        byte[] whole = new TarArchive()
                .file("a", "x".repeat(600))
                .pax('x', "mtime=1.5", "GNU.sparse.size=4000", "GNU.sparse.map=1000,3")
                .file("b", "abc")
                .extension('L', "long\0")
                .add(Header.of('2', "l").target("a"))
                .bytes();
        Random random = new Random(5);
        int refused = 0;
        for (int i = 0; i < 3000; i++) {
            byte[] damaged = whole.clone();
            int block = random.nextInt(whole.length / 512) * 512;
            for (int n = random.nextInt(4); n >= 0; n--) {
                damaged[block + random.nextInt(512)] = (byte) random.nextInt(256);
            }
            if (random.nextBoolean()) {
                mendChecksum(damaged, block);
            }
            TarReader tar = reader(new ByteArrayInputStream(damaged));
            try {
                while (tar.next() != null) {
                    InputStream content = tar.content();
                    assertThat(content.readNBytes(10_000).length).isLessThanOrEqualTo(10_000);
                }
            } catch (IOException e) {
                assertThat(e).hasMessageContaining("archive");
                refused++;
            }
        }
        assertThat(refused).isBetween(900, 2999);
    }

    private static void mendChecksum(byte[] archive, int block) {
        Arrays.fill(archive, block + 148, block + 156, (byte) ' ');
        int sum = 0;
        for (int i = block; i < block + 512; i++) {
            sum += archive[i] & 0xff;
        }
        byte[] text = String.format("%06o\0 ", sum).getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(text, 0, archive, block + 148, text.length);
    }
}
