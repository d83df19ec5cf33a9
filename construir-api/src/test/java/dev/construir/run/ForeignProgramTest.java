package dev.construir.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.construir.machine.Architecture;
import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ForeignProgramTest {
    /** The beginning of an ELF header: class, byte order, type and machine. */
    static byte[] elf(int width, int order, int type, int machine) {
        byte[] header = Arrays.copyOf("\u007fELF".getBytes(StandardCharsets.ISO_8859_1), 64);
        header[4] = (byte) width;
        header[5] = (byte) order;
        header[6] = 1;
        header[order == 2 ? 17 : 16] = (byte) type;
        header[order == 2 ? 19 : 18] = (byte) machine;
        header[order == 2 ? 18 : 19] = (byte) (machine >> 8);
        return header;
    }

    private static Optional<String> describe(byte[] head) {
        return ForeignProgram.describe(head, Architecture.X86_64);
    }

    private static byte[] latin1(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    @ParameterizedTest
    @CsvSource({"2, 62, X86_64", "1, 3, X86_64", "1, 62, X86_64", "2, 183, AARCH64", "1, 40, AARCH64"})
    void whatTheKernelMayExecuteIsItsBusiness(int width, int machine, Architecture image) {
        for (int type : new int[] {2, 3}) {
            assertThat(ForeignProgram.describe(elf(width, 1, type, machine), image))
                    .isEmpty();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "2, 1, 183, X86_64, is a program for aarch64",
        "1, 1, 40, X86_64, is a program for 32-bit Arm",
        "2, 1, 62, AARCH64, is a program for x86_64",
        "1, 1, 3, AARCH64, is a program for i386",
        "2, 1, 243, X86_64, is a program for RISC-V",
        "2, 1, 258, X86_64, is a program for LoongArch",
        "1, 2, 8, X86_64, is a program for MIPS (big-endian)",
        "2, 2, 22, X86_64, is a program for s390 (big-endian)",
        "2, 2, 62, X86_64, is a program for x86_64 (big-endian)",
        "2, 1, 9999, X86_64, is a program for an architecture of number 9999"
    })
    void programsForOtherProcessorsAreNamed(int width, int order, int machine, Architecture image, String what) {
        assertThat(ForeignProgram.describe(elf(width, order, 2, machine), image))
                .hasValueSatisfying(said -> assertThat(said)
                        .startsWith(what + ", and the root image is for "
                                + (image == Architecture.X86_64 ? "x86_64" : "aarch64")));
    }

    @Test
    void whatIsNoWholeProgramIsNamed() {
        assertThat(describe(elf(2, 1, 1, 62)))
                .hasValueSatisfying(said -> assertThat(said).contains("object file"));
        assertThat(describe(elf(2, 1, 4, 62)))
                .hasValueSatisfying(said -> assertThat(said).contains("core"));
        assertThat(describe(Arrays.copyOf(elf(2, 1, 2, 62), 19)))
                .hasValueSatisfying(said -> assertThat(said).contains("cut off after 19 bytes"));
        assertThat(describe(latin1("\u007fELF and a text that a program of number 27183 never has")))
                .hasValue("begins as a program (ELF), and the rest of its header is no such; copy it again");
    }

    @ParameterizedTest
    @CsvSource({
        "feedfacf01000007, macOS",
        "cffaedfe07000001, macOS",
        "cafebabe00000002, macOS",
        "cafebabe00000041, Java",
        "4d5a90000300, Windows",
        "0061736d01000000, WebAssembly",
        "4243c0de00, LLVM bitcode",
        "1b4c756100, Lua",
        "504b030414000000, zip archive",
        "fd377a585a0000, compressed by xz",
        "28b52ffd0458, compressed by zstd",
        "425a6839314159265359, compressed by bzip2",
        "3037303730313030, cpio archive",
        "213c617263683e0a64656269616e, Debian package",
        "feedface0101, macOS",
        "cefaedfe0101, macOS",
        "cafebabf0101, macOS",
        "cafebabe01010101, Java",
        "4d5a714670443d270a, APE",
        "4243c0de35, LLVM bitcode",
        "6465780a303335, Android",
        "1b4c756154, Lua",
        "78617221, xar archive",
        "4d53434600000000, Cabinet archive",
        "ffd8ffe1, JPEG",
        "89504e470d0a1a0a, PNG",
        "cb0d0d0a0101, compiled Python",
        "03f30d0a0101, compiled Python",
        "23004100, binary data",
        "01020a61, binary data",
        "7f0a, binary data"
    })
    void otherFormatsAreNamed(String hex, String what) {
        byte[] head = new BigInteger("01" + hex, 16).toByteArray();
        assertThat(describe(Arrays.copyOfRange(head, 1, head.length)))
                .hasValueSatisfying(said -> assertThat(said).contains(what));
    }

    @Test
    void compressedDataIsNamed() throws Exception {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(packed)) {
            gzip.write(latin1("#!/bin/sh\n"));
        }
        assertThat(describe(packed.toByteArray()))
                .hasValueSatisfying(said -> assertThat(said).contains("gzip"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "echo a\n",
                "echo \u00e9\u00ff\n",
                "\t\u001b[1m\f\n",
                "echo\nsed s\u0001a\u0001b\u0001\n",
                "MZ=1\n",
                "MSCF=1\n",
                "ls\r\n",
                "x"
            })
    void textMayBeAScript(String text) {
        assertThat(describe(latin1(text))).isEmpty();
    }

    @Test
    void aScriptMayHoldTheNameOfAFormat() {
        assertThat(describe(latin1("#".repeat(256) + "\nustar\n"))).isEmpty();
    }

    @Test
    void aNulAnywhereInTheHeadIsNoText() {
        assertThat(describe(latin1("echo a\n".repeat(1000) + '\0'))).isPresent();
    }
}
