package dev.construir.run;

import dev.construir.format.ForeignFormat;
import dev.construir.machine.Architecture;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a file is that an image's kernel cannot execute and that is no script either, by its first bytes. The guest has
 * the same rule for what is text; it is in the guest contract.
 */
final class ForeignProgram {
    /** As much of a file as is looked at. */
    static final int HEAD = 8 << 10;

    private static final String ELF = "\u007fELF";
    private static final int ELF_IDENTITY = 20; // up to the number of the architecture
    private static final Map<Integer, String> ELF_MACHINES = Map.ofEntries(
            Map.entry(2, "SPARC"),
            Map.entry(3, "i386"),
            Map.entry(4, "Motorola 68000"),
            Map.entry(8, "MIPS"),
            Map.entry(15, "PA-RISC"),
            Map.entry(18, "SPARC"),
            Map.entry(20, "PowerPC"),
            Map.entry(21, "PowerPC 64"),
            Map.entry(22, "s390"),
            Map.entry(40, "32-bit Arm"),
            Map.entry(42, "SuperH"),
            Map.entry(43, "SPARC"),
            Map.entry(50, "Itanium"),
            Map.entry(62, "x86_64"),
            Map.entry(183, "aarch64"),
            Map.entry(243, "RISC-V"),
            Map.entry(247, "BPF"),
            Map.entry(258, "LoongArch"));

    private record Format(String start, String what) {}

    /** What no script begins with, whether or not there is a NUL in what follows. */
    private static final List<Format> FORMATS = List.of(
            new Format("\u00fe\u00ed\u00fa\u00ce", "a program for macOS (Mach-O)"),
            new Format("\u00fe\u00ed\u00fa\u00cf", "a program for macOS (Mach-O)"),
            new Format("\u00ce\u00fa\u00ed\u00fe", "a program for macOS (Mach-O)"),
            new Format("\u00cf\u00fa\u00ed\u00fe", "a program for macOS (Mach-O)"),
            new Format("\u00be\u00ba\u00fe\u00ca", "a program for macOS (Mach-O, for several architectures)"),
            new Format("\u00ca\u00fe\u00ba\u00bf", "a program for macOS (Mach-O, for several architectures)"),
            new Format("\0asm", "a WebAssembly module"),
            new Format("BC\u00c0\u00de", "LLVM bitcode"),
            new Format("dex\n", "a program for Android (DEX)"),
            new Format("\u001bLua", "compiled Lua"),
            new Format("\u00ff\u00d8\u00ff", "a picture (JPEG)"),
            new Format("\u0089PNG\r\n", "a picture (PNG)"));

    /** Java's class files and Mach-O files for several architectures begin alike; Java's version is never so small. */
    private static final String JAVA_OR_MACH_O = "\u00ca\u00fe\u00ba\u00be";

    private static final int LEAST_JAVA = 43;

    private static final String DOS = "MZ"; // or a script's first letters
    private static final String APE = "MZqFpD=";

    private static final String DOS_PROGRAM = notForLinux("a program for Windows or DOS");
    private static final String BINARY_DATA =
            "is binary data, neither a program for Linux nor a script; put one of these there";

    private ForeignProgram() {}

    /** Returns what a file is, and why it cannot run, to be said after its name; nothing if it may run, or is text. */
    static Optional<String> describe(byte[] head, Architecture image) {
        if (startsWith(head, ELF)) {
            return elf(head, image);
        }
        boolean text = isText(head);
        Optional<ForeignFormat> packed = ForeignFormat.startingWith(head)
                .filter(format ->
                        format.kind() == ForeignFormat.Kind.COMPRESSED || format.kind() == ForeignFormat.Kind.ARCHIVE)
                .filter(format -> !text || format != ForeignFormat.TAR); // it has NULs before the name of its format
        if (packed.isPresent()) {
            return Optional.of("is " + packed.get().what()
                    + ", neither a program nor a script; unpack it, or put a script there that does");
        }
        return known(head)
                .or(() -> text ? Optional.empty() : Optional.of(startsWith(head, DOS) ? DOS_PROGRAM : BINARY_DATA));
    }

    private static Optional<String> known(byte[] head) {
        if (startsWith(head, JAVA_OR_MACH_O)) {
            boolean java = head.length >= 8 && number(head, 4, 4, true) >= LEAST_JAVA;
            return Optional.of(
                    java
                            ? "is a Java class file, which Linux does not execute; "
                                    + "put a script there that runs it by java"
                            : notForLinux("a program for macOS (Mach-O, for several architectures)"));
        } else if (startsWith(head, APE)) {
            return Optional.of(
                    "is a program for several systems (APE), which Linux executes by a shell only; put a script"
                            + " there that runs it by sh");
        } else if (isPython(head)) {
            return Optional.of(
                    "is compiled Python, which Linux does not execute; put a script there that runs it by python3");
        }
        return FORMATS.stream()
                .filter(format -> startsWith(head, format.start()))
                .findFirst()
                .map(format -> notForLinux(format.what()));
    }

    /** CPython's importlib, MAGIC_NUMBER: Python 2 up to version 2.7, Python 3 from 3.0 on. */
    private static boolean isPython(byte[] head) {
        if (head.length < 4 || head[2] != '\r' || head[3] != '\n') {
            return false;
        }
        int magic = number(head, 0, 2, false);
        return (magic >= 62_000 && magic < 62_300) || (magic >= 3000 && magic < 3900);
    }

    private static String notForLinux(String what) {
        return "is " + what + ", which Linux does not execute; put a program for Linux or a script there";
    }

    /** See the System V ABI, "ELF Header". A kernel may also run the 32-bit programs of its architecture's family. */
    private static Optional<String> elf(byte[] head, Architecture image) {
        if (head.length < ELF_IDENTITY) {
            return Optional.of("is a program (ELF) that is cut off after " + head.length + " bytes; copy it again");
        }
        boolean bigEndian = head[5] == 2;
        int type = number(head, 16, 2, bigEndian);
        int machine = number(head, 18, 2, bigEndian);
        boolean runs = !bigEndian
                && switch (image) {
                    case X86_64 -> machine == 62 || machine == 3;
                    case AARCH64 -> machine == 183 || machine == 40;
                };
        if (!runs && !isIdentified(head)) {
            return Optional.of("begins as a program (ELF), and the rest of its header is no such; copy it again");
        } else if (!runs) {
            String made = ELF_MACHINES.getOrDefault(machine, "an architecture of number " + machine)
                    + (bigEndian ? " (big-endian)" : "");
            String own = image == Architecture.X86_64 ? "x86_64" : "aarch64";
            return Optional.of("is a program for " + made + ", and the root image is for " + own + "; build it for "
                    + own + ", or take a root image for its architecture");
        }
        return switch (type) {
            case 1 -> Optional.of("is an object file, and no program before it is linked; link it");
            case 4 -> Optional.of("is a memory dump (core) of a program; put the program there");
            default -> Optional.empty();
        };
    }

    /** Returns whether width, byte order and version are ones that there are. */
    private static boolean isIdentified(byte[] head) {
        return (head[4] == 1 || head[4] == 2) && (head[5] == 1 || head[5] == 2) && head[6] == 1;
    }

    /** Returns whether a shell may have it: no NUL, and no other control characters in the first line. */
    private static boolean isText(byte[] head) {
        boolean firstLine = true;
        for (byte b : head) {
            if (b == 0) {
                return false;
            }
            firstLine = firstLine && b != '\n';
            boolean layout = (b >= '\u0007' && b <= '\r') || b == '\u001b';
            if (firstLine && ((b > 0 && b < ' ' && !layout) || b == 0x7f)) {
                return false;
            }
        }
        return true;
    }

    private static boolean startsWith(byte[] head, String start) {
        byte[] wanted = start.getBytes(StandardCharsets.ISO_8859_1);
        return head.length >= wanted.length && Arrays.equals(head, 0, wanted.length, wanted, 0, wanted.length);
    }

    private static int number(byte[] head, int at, int size, boolean bigEndian) {
        int value = 0;
        for (int i = 0; i < size; i++) {
            value = value << 8 | (head[at + (bigEndian ? i : size - 1 - i)] & 0xff);
        }
        return value;
    }
}
