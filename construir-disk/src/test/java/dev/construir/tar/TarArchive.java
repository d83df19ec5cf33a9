package dev.construir.tar;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Builds archives byte by byte, valid and invalid ones. */
public final class TarArchive {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    /** A header before it has its checksum. */
    public static final class Header {
        private final byte[] block = new byte[512];

        private Header(char type, String name) {
            text(0, name).text(100, "0000644\0").text(108, "0000000\0").text(116, "0000000\0");
            text(124, "00000000000\0").text(136, "00000000000\0").text(257, "ustar\00000");
            block[156] = (byte) type;
        }

        public static Header of(char type, String name) {
            return new Header(type, name);
        }

        public Header size(long size) {
            return text(124, String.format("%011o\0", size));
        }

        public Header target(String target) {
            return text(157, target);
        }

        public Header text(int at, String text) {
            return bytes(at, text.getBytes(StandardCharsets.ISO_8859_1));
        }

        public Header bytes(int at, byte[] bytes) {
            System.arraycopy(bytes, 0, block, at, bytes.length);
            return this;
        }

        private byte[] finish() {
            Arrays.fill(block, 148, 156, (byte) ' ');
            int sum = 0;
            for (byte b : block) {
                sum += b & 0xff;
            }
            text(148, String.format("%06o\0 ", sum));
            return block;
        }
    }

    public TarArchive add(Header header, byte[] content) {
        return raw(header.finish()).raw(content).raw(new byte[-content.length & 511]);
    }

    public TarArchive add(Header header) {
        return add(header, new byte[0]);
    }

    public TarArchive file(String name, String content) {
        return add(Header.of('0', name).size(content.length()), content.getBytes(StandardCharsets.ISO_8859_1));
    }

    /** Adds a pax header of records as {@code key=value}. */
    public TarArchive pax(char type, String... records) {
        StringBuilder text = new StringBuilder();
        for (String record : records) {
            int length = record.length() + 2;
            int digits =
                    String.valueOf(length + String.valueOf(length).length()).length();
            text.append(length + digits).append(' ').append(record).append('\n');
        }
        return extension(type, text.toString());
    }

    public TarArchive extension(char type, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        return add(Header.of(type, "extension").size(bytes.length), bytes);
    }

    public TarArchive raw(byte[] bytes) {
        out.writeBytes(bytes);
        return this;
    }

    public byte[] unended() {
        return out.toByteArray();
    }

    public byte[] bytes() {
        return raw(new byte[1024]).unended();
    }

    public InputStream stream() {
        return new ByteArrayInputStream(bytes());
    }
}
