package dev.construir.tar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.CRC32;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GzipInputTest {
    private static final byte[] EMPTY = gzip(new byte[0]);

    private static byte[] gzip(byte[] content) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (OutputStream out = new GZIPOutputStream(bytes)) {
            out.write(content);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return bytes.toByteArray();
    }

    private static byte[] joined(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static byte[] unpacked(byte[] file) throws IOException {
        return Unpacking.of(new ByteArrayInputStream(file)).readAllBytes();
    }

    @Test
    void membersFollowEachOther() throws Exception {
        byte[] large = new byte[300_000];
        new Random(1).nextBytes(large);
        assertThat(unpacked(joined(gzip(large), EMPTY, gzip(ascii("abc"))))).isEqualTo(joined(large, ascii("abc")));
        assertThat(unpacked(EMPTY)).isEmpty();
        try (InputStream bytes = Unpacking.of(new ByteArrayInputStream(gzip(new byte[] {-1})))) {
            assertThat(bytes.read()).isEqualTo(255);
            assertThat(bytes.read()).isEqualTo(-1);
        }
    }

    @Test
    void emptyMembersTakeNoRoomOnTheStack() throws Exception {
        ByteArrayOutputStream many = new ByteArrayOutputStream();
        for (int i = 0; i < 100_000; i++) {
            many.writeBytes(EMPTY);
        }
        many.writeBytes(gzip(ascii("abc")));
        assertThat(unpacked(many.toByteArray())).isEqualTo(ascii("abc"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\0", "\0\0\0\0", "other bytes", "\u001f", "\u001fx"})
    void whatFollowsIsNoPartOfIt(String rest) throws Exception {
        assertThat(unpacked(joined(gzip(ascii("abc")), ascii(rest)))).isEqualTo(ascii("abc"));
    }

    @Test
    void headersMayHaveMore() throws Exception {
        byte[] packed = gzip(ascii("abc"));
        byte[] header = joined(
                new byte[] {0x1f, (byte) 0x8b, 8, 2 | 4 | 8 | 16, 1, 2, 3, 4, 0, 3, 5, 0},
                ascii("extra"),
                ascii("name\0"),
                ascii("comment\0"));
        CRC32 crc = new CRC32();
        crc.update(header);
        byte[] sum = {(byte) crc.getValue(), (byte) (crc.getValue() >> 8)};
        byte[] rest = Arrays.copyOfRange(packed, 10, packed.length);
        assertThat(unpacked(joined(header, sum, rest))).isEqualTo(ascii("abc"));
        sum[0]++;
        assertThatThrownBy(() -> unpacked(joined(header, sum, rest)))
                .hasMessageContaining("header has a wrong checksum");
    }

    @Test
    void whatIsNotWholeIsRefused() {
        byte[] packed = gzip(ascii("abc"));
        for (int length = 2; length < packed.length; length++) {
            byte[] cut = Arrays.copyOf(packed, length);
            assertThatThrownBy(() -> unpacked(cut))
                    .isInstanceOf(EOFException.class)
                    .hasMessage("the archive is cut off: what gzip packed has no end");
        }
        for (int at = packed.length - 8; at < packed.length; at++) {
            byte[] damaged = packed.clone();
            damaged[at]++;
            assertThatThrownBy(() -> unpacked(damaged)).hasMessageContaining("a wrong checksum or length");
        }
        for (int at : new int[] {2, 3}) {
            byte[] unknown = packed.clone();
            unknown[at] |= (byte) 0x80;
            assertThatThrownBy(() -> unpacked(unknown)).hasMessageContaining("packed in an unknown way");
        }
        byte[] wrong = packed.clone();
        wrong[10] = 7; // no kind of block
        assertThatThrownBy(() -> unpacked(wrong)).hasMessageContaining("cannot be unpacked");
    }
}
