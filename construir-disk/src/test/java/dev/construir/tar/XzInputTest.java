package dev.construir.tar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.XZOutputStream;

class XzInputTest {
    private static final byte[] CONTENT = "what is packed ".repeat(1000).getBytes(StandardCharsets.US_ASCII);
    private static final int STREAM_HEADER = 12;

    @Test
    void readsWhatIsPacked() throws Exception {
        assertThat(new XzInput(new ByteArrayInputStream(packed())).readAllBytes())
                .isEqualTo(CONTENT);
        assertThat(new XzInput(new ByteArrayInputStream(packed())).read()).isEqualTo('w');
    }

    @Test
    void readsStreamsInARow() throws Exception {
        byte[] packed = packed();
        ByteArrayOutputStream row = new ByteArrayOutputStream();
        row.writeBytes(packed);
        row.writeBytes(new byte[8]);
        row.writeBytes(packed);
        row.writeBytes(packed);
        row.writeBytes(new byte[4]);

        assertThat(new XzInput(new ByteArrayInputStream(row.toByteArray())).readAllBytes())
                .hasSize(3 * CONTENT.length);
    }

    @ParameterizedTest
    @ValueSource(strings = {"00", "000000", "2a", "2a2a2a2a", "2a2a2a2a2a2a2a2a", "0000fd377a585a00"})
    void whatStandsBehindItIsCalledSo(String hex) throws Exception {
        ByteArrayOutputStream row = new ByteArrayOutputStream();
        row.writeBytes(packed());
        row.writeBytes(HexFormat.of().parseHex(hex));

        assertThatThrownBy(() -> readAll(row.toByteArray()))
                .hasMessage("the archive is whole, and something that is no xz stands behind it; "
                        + "cut that off, or get the archive again");
    }

    @Test
    void everyCutIsNoticed() throws Exception {
        byte[] packed = packed();
        for (int length = 6; length < packed.length; length++) {
            byte[] cut = Arrays.copyOf(packed, length);
            assertThatThrownBy(() -> readAll(cut))
                    .as("cut off at %d", length)
                    .isInstanceOf(EOFException.class)
                    .hasMessage("the archive is cut off: what xz packed has no end");
        }
    }

    @Test
    void aSecondStreamThatIsCutOffIsNoticed() throws Exception {
        byte[] packed = packed();
        for (int length = 1; length < 20; length++) {
            ByteArrayOutputStream row = new ByteArrayOutputStream();
            row.writeBytes(packed);
            row.write(packed, 0, length);
            assertThatThrownBy(() -> readAll(row.toByteArray()))
                    .as("cut off at %d", length)
                    .isInstanceOf(EOFException.class)
                    .hasMessage("the archive is cut off: what xz packed has no end");
        }
    }

    @Test
    void aCheckThatIsNotKnownIsNoDamage() throws Exception {
        byte[] packed = packed();
        packed[7] = 2; // reserved
        CRC32 sum = new CRC32();
        sum.update(packed, 6, 2);
        ByteBuffer.wrap(packed).order(ByteOrder.LITTLE_ENDIAN).putInt(8, (int) sum.getValue());

        assertThatThrownBy(() -> readAll(packed))
                .hasMessageStartingWith("the archive is packed in a way that is not read here: ");
    }

    @Test
    void whatIsDamagedIsRefused() throws Exception {
        byte[] damaged = packed();
        damaged[damaged.length / 2] ^= 1;

        assertThatThrownBy(() -> readAll(damaged))
                .hasMessageStartingWith("the archive is damaged where xz packed it: ");
    }

    @Test
    void whatTakesTooMuchMemoryIsRefused() throws Exception {
        byte[] large = packed();
        ByteBuffer bytes = ByteBuffer.wrap(large).order(ByteOrder.LITTLE_ENDIAN);
        int size = (large[STREAM_HEADER] + 1) * 4;
        large[STREAM_HEADER + 4] = 34; // a dictionary of 512 MiB
        CRC32 sum = new CRC32();
        sum.update(large, STREAM_HEADER, size - 4);
        bytes.putInt(STREAM_HEADER + size - 4, (int) sum.getValue());

        assertThatThrownBy(() -> readAll(large))
                .hasMessageStartingWith("the archive cannot be unpacked: ")
                .hasMessageEndingWith("; pack it with xz -9 or less");
    }

    @Test
    void theFailureOfWhatIsReadStaysAsItIs() throws Exception {
        InputStream failing = InputStream.nullInputStream();
        failing.close();

        assertThatThrownBy(() -> new XzInput(failing)).hasMessage("Stream closed");
    }

    private static void readAll(byte[] packed) throws IOException {
        new XzInput(new ByteArrayInputStream(packed)).transferTo(OutputStream.nullOutputStream());
    }

    private static byte[] packed() throws IOException {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (OutputStream out = new XZOutputStream(packed, new LZMA2Options(1))) {
            out.write(CONTENT);
        }
        return packed.toByteArray();
    }
}
