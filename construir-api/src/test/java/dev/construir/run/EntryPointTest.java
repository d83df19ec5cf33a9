package dev.construir.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.construir.DataSize;
import dev.construir.disk.Attributes;
import dev.construir.disk.read.DiskReader;
import dev.construir.disk.write.DiskBuilder;
import dev.construir.disk.write.DiskContent;
import dev.construir.disk.write.DiskOptions;
import dev.construir.disk.write.JobDisk;
import dev.construir.machine.Architecture;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EntryPointTest {
    @TempDir
    Path temp;

    private void check(DiskContent content) throws Exception {
        check(content, Optional.of(Architecture.X86_64));
    }

    private void check(DiskContent content, Optional<Architecture> kernel) throws Exception {
        Path image = temp.resolve("disk.img");
        Files.deleteIfExists(image);
        JobDisk.create(image, DiskOptions.of(DataSize.ofMebibytes(1)), content);
        try (DiskReader disk = DiskReader.open(image)) {
            EntryPoint.check(disk, "hello", kernel);
        }
    }

    private void refused(int exitCode, String message, DiskContent content) {
        assertThatThrownBy(() -> check(content))
                .isInstanceOfSatisfying(
                        BadJobException.class, bad -> assertThat(bad.exitCode()).isEqualTo(exitCode))
                .hasMessage("job hello cannot be run: its bin/construir " + message);
    }

    private static void file(DiskBuilder disk, String path, int mode, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        disk.file(path, Attributes.ofRoot(mode, Instant.EPOCH), bytes.length, new ByteArrayInputStream(bytes));
    }

    private static void link(DiskBuilder disk, String path, String target) throws IOException {
        disk.symbolicLink(path, Attributes.ofRoot(0777, Instant.EPOCH), target);
    }

    @ParameterizedTest
    @ValueSource(ints = {0755, 0100, 0010, 0001, 06711})
    void anExecutableFileIsFine(int mode) {
        assertThatCode(() -> check(disk -> file(disk, "bin/construir", mode, "#!/bin/sh\n")))
                .doesNotThrowAnyException();
    }

    @Test
    void nothingIs127() {
        String message = "is not there; put an executable file of that name into the job's directory or image";
        refused(127, message, disk -> {});
        refused(127, message, disk -> disk.directory("bin", Attributes.ofRoot(0755, Instant.EPOCH)));
        refused(127, message, disk -> file(disk, "bin", 0755, "#!/bin/sh\n"));
    }

    @Test
    void whatCannotBeExecutedIs126() {
        refused(
                126,
                "is not executable, its mode is 0644; run: chmod +x bin/construir",
                disk -> file(disk, "bin/construir", 0644, "#!/bin/sh\n"));
        refused(
                126,
                "is no file but a directory; put an executable file there",
                disk -> file(disk, "bin/construir/x", 0755, ""));
    }

    @Test
    void linksAreFollowedInsideTheDisk() {
        assertThatCode(() -> check(disk -> {
                    file(disk, "real/run", 0755, "#!/bin/sh\n");
                    link(disk, "tools", "./real/");
                    link(disk, "bin", "tools/../there");
                    link(disk, "there/construir", "../tools/run");
                }))
                .doesNotThrowAnyException();
        refused(126, "is empty; put a program or a script there", disk -> {
            file(disk, "real/run", 0755, "");
            link(disk, "bin/construir", "../real/run");
        });
        refused(126, "is not executable, its mode is 0600; run: chmod +x real/run", disk -> {
            file(disk, "real/run", 0600, "");
            link(disk, "bin/construir", "../real/run");
        });
        refused(127, "is a symbolic link to nothing: there is no /real/run on the disk", disk -> {
            link(disk, "bin/construir", "../real/run");
            file(disk, "real/walk", 0755, "");
        });
        refused(127, "is a symbolic link to nothing: there is no /run/x on the disk", disk -> {
            link(disk, "bin/construir", "../run/x");
            file(disk, "run", 0755, "");
        });
        refused(126, "is no file but a directory; put an executable file there", disk -> {
            link(disk, "bin/construir", "..");
        });
        refused(127, "is behind more than 40 symbolic links; put a file there", disk -> {
            link(disk, "bin/construir", "other");
            link(disk, "bin/other", "construir");
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"/bin/true", "../../bin/true", "../../job/none"})
    void whatIsBehindALinkThatLeavesTheDiskOnlyTheGuestKnows(String target) {
        assertThatCode(() -> check(disk -> link(disk, "bin/construir", target))).doesNotThrowAnyException();
    }

    @Test
    void aNameThatCannotBeIsTheGuestsBusiness() {
        assertThatCode(() -> check(disk -> link(disk, "bin/construir", "n".repeat(256))))
                .doesNotThrowAnyException();
    }

    @Test
    void namesWithoutEndAreTheGuestsBusiness() {
        DiskContent content = disk -> {
            file(disk, "a/x", 0755, "");
            link(disk, "bin/construir", "../" + "a/../".repeat(200) + "none");
        };
        assertThatCode(() -> check(content)).doesNotThrowAnyException();
        refused(127, "is a symbolic link to nothing: there is no /none on the disk", disk -> {
            file(disk, "a/x", 0755, "");
            link(disk, "bin/construir", "../" + "a/../".repeat(90) + "none");
        });
    }

    @Test
    void anInterruptEndsIt() throws Exception {
        Path image = temp.resolve("disk.img");
        JobDisk.create(
                image,
                DiskOptions.of(DataSize.ofMebibytes(1)),
                disk -> file(disk, "bin/construir", 0755, "#!/bin/sh\n"));
        try (DiskReader disk = DiskReader.open(image)) {
            Thread.currentThread().interrupt();
            assertThatThrownBy(() -> EntryPoint.check(disk, "hello", Optional.empty()))
                    .isInstanceOf(ClosedByInterruptException.class);
        } finally {
            assertThat(Thread.interrupted()).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "#!/bin/sh\r\necho\r\n",
                "#! \t/bin/sh\r\n",
                "#!/bin/sh\r",
                "#!/usr/bin/env python3\r\n",
                "#!/usr/bin/env\tpython3\r\n",
                "#!/usr/bin/python3 \r\n",
                "#!\r\necho\n",
                "#!/bin/sh\recho\necho\r\n"
            })
    void windowsLineEndsAreSeen(String text) {
        refused(
                127,
                "has Windows line ends (CR LF), and no image has an interpreter whose name has a CR; "
                        + "run: sed -i 's/\\r$//' bin/construir",
                disk -> file(disk, "bin/construir", 0755, text));
    }

    @ParameterizedTest
    @CsvSource({
        "'#!/bin/sh\necho\r\n', 2",
        "'#!/bin/sh -e\r\necho\n', 1",
        "'#!/usr/bin/env -S bash -e\necho\necho\r\n', 3",
        "'echo a\n\necho b\r\n', 3",
        "'# ''\necho \"$(cat <<E\nE\n)\"; echo ${#x} $((1<<2))\necho b\r\n', 5",
        "'cat <<EOF\na\r\nEOF\nexit 5\r\n', 4",
        "'cat <<<EOF\nexit 5\r\n', 2",
        "'echo a \\\r\n b\n', 1",
        "'echo \"$(cat <<E\nsay \"\nE\n)\"\necho b\r\n', 5",
        "'echo \"`echo \"a b\"`\"\necho b\r\n', 2",
        "'echo \"$(cat\r\n)\"\n', 1",
        "'echo \"$((1 << 2))\" $(((1 + 2) << 3))\necho b\r\n', 2",
        "'(((echo \"a)) b\")))\necho b\r\n', 2"
    })
    void aWindowsLineEndInAShellsCommandIsNamed(String text, int line) {
        refused(
                126,
                "has a Windows line end (CR LF) in line " + line
                        + ", and a shell takes the CR as a part of the command; "
                        + "run: sed -i 's/\\r$//' bin/construir",
                disk -> file(disk, "bin/construir", 0755, text));
    }

    @ParameterizedTest
    @CsvSource({"'#!/bin/sh\necho\r', 2", "'#!/bin/sh -e\r', 1", "'echo a\r', 1", "'echo a\necho \\\r', 2"})
    void oneAtTheEndIsNamedAsWell(String text, int line) {
        refused(
                126,
                "has a Windows line end (CR) in line " + line + ", and a shell takes the CR as a part of the command; "
                        + "run: sed -i 's/\\r$//' bin/construir",
                disk -> file(disk, "bin/construir", 0755, text));
    }

    @Test
    void lineEndsOfOldMacsAreNamed() {
        String repair = "run: sed -i 's/\\r/\\n/g' bin/construir";
        for (String text : List.of("#!/bin/sh\recho a\r", "#!/bin/sh\recho a", "#!/usr/bin/env python3\rprint(1)\r")) {
            refused(
                    127,
                    "has line ends of a CR alone, and no image has an interpreter whose name has a CR; " + repair,
                    disk -> file(disk, "bin/construir", 0755, text));
        }
        for (String text :
                List.of("echo a\recho b\r", "echo a\recho b\recho c", "# a\recho b", "#!/bin/sh -e\recho a\r")) {
            refused(
                    126,
                    "has line ends of a CR alone, and a shell takes all of it as one line; " + repair,
                    disk -> file(disk, "bin/construir", 0755, text));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "'#!/bin/sh\n\uFEFFecho\n', 2",
        "'#!/bin/sh\necho\n\uFEFF#!/bin/sh\n', 3",
        "'\n\uFEFFecho\n', 2",
        "'cat <<E\n\uFEFFa\nE\n\uFEFFecho', 4",
        "'\uFEFF#!/bin/sh\necho\n', 1",
        "'\uFEFFecho\n', 1"
    })
    void aByteOrderMarkIsNamed(String text, int line) {
        refused(
                126,
                "has a byte-order mark (BOM) at the beginning of line " + line + ", which makes another command of it; "
                        + "run: sed -i 's/^\\xEF\\xBB\\xBF//' bin/construir",
                disk -> file(disk, "bin/construir", 0755, text));
    }

    @ParameterizedTest
    @ValueSource(strings = {"UTF-16", "UTF-16BE", "UTF-16LE"})
    void wideTextIsNamed(String encoding) {
        refused(
                126,
                "is text in UTF-16, and scripts have to be in UTF-8; run: iconv -f UTF-16 -t UTF-8 bin/construir, "
                        + "and save what it prints",
                disk -> bytes(disk, "#!/bin/sh\n".getBytes(Charset.forName(encoding))));
    }

    @Test
    void anEmptyProgramIsRefusedWhateverTheImage() {
        for (Optional<Architecture> kernel :
                List.of(Optional.of(Architecture.X86_64), Optional.<Architecture>empty())) {
            assertThatThrownBy(() -> check(disk -> file(disk, "bin/construir", 0755, ""), kernel))
                    .hasMessageContaining("is empty");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"\n", " ", "\t\r\n\f\n"})
    void whiteSpaceIsNoProgram(String text) {
        refused(
                126,
                "holds nothing but white space; put a program or a script there",
                disk -> file(disk, "bin/construir", 0755, text));
    }

    @ParameterizedTest
    @ValueSource(strings = {"#!", "#!\n", "#! \t\necho a\n"})
    void aScriptNamesAnInterpreterBehindItsMark(String text) {
        refused(
                126,
                "names no interpreter behind #!; name one there, for example #!/bin/sh",
                disk -> file(disk, "bin/construir", 0755, text));
    }

    @ParameterizedTest
    @ValueSource(strings = {"#", "# a comment", "#!/bin/sh", "\n# a comment\r"})
    void aScriptMayDoNothing(String text) {
        assertThatCode(() -> check(disk -> file(disk, "bin/construir", 0755, text)))
                .doesNotThrowAnyException();
    }

    @ParameterizedTest
    @ValueSource(strings = {"((", "((x\n", "$((", "\"$(", "\"`", "<<a", "<<'a' ", "<<a\n", "(('\"", "# \n", "exit\n"})
    @Timeout(60)
    void theTimeItTakesGrowsAsTheScriptDoes(String part) {
        String script = part.repeat((256 << 10) / part.length());
        assertThatCode(() -> ShellText.find(latin1(script), true)).doesNotThrowAnyException();
        assertThatCode(() -> ShellText.find(latin1("\"" + script), true)).doesNotThrowAnyException();
    }

    @Test
    void anInterruptEndsTheSearch() {
        Thread.currentThread().interrupt();
        try {
            assertThatThrownBy(() -> ShellText.find(latin1("echo\n"), true))
                    .isInstanceOf(ClosedByInterruptException.class);
        } finally {
            assertThat(Thread.interrupted()).isTrue();
        }
    }

    private static byte[] latin1(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    private static void bytes(DiskBuilder disk, byte[] bytes) throws IOException {
        disk.file(
                "bin/construir", Attributes.ofRoot(0755, Instant.EPOCH), bytes.length, new ByteArrayInputStream(bytes));
    }

    @Test
    void aForeignProgramIsRefusedWhereOnlyTheKernelDecides() throws Exception {
        byte[] program = ForeignProgramTest.elf(2, 1, 2, 183);
        refused(
                126,
                "is a program for aarch64, and the root image is for x86_64; build it for x86_64, or take a root image "
                        + "for its architecture",
                disk -> bytes(disk, program));
        check(disk -> bytes(disk, program), Optional.of(Architecture.AARCH64));
        check(disk -> bytes(disk, program), Optional.empty()); // it may have a handler for these
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "#!/usr/bin/perl -w\r\n", // Perl takes it
                "#!/usr/bin/env -S python3 -u\nprint(1)\r\n",
                "#!/bin/sh\n# a comment\r\necho\n",
                "#!/bin/sh\necho 'a\r\nb\r\n'\n",
                "#!/bin/bash\nx=$'it\\'s\r\n'\n",
                "#!/bin/sh\necho \"a\\\"\r\n\"\n",
                "cat <<EOF\na\r\nb\r\nEOF\n",
                "cat <<-\\EOF >x; cat <<'B C'\na\r\n\tEOF\nb\r\nB C\nexit 5\n",
                "#!/bin/sh\ntail -n +5 \"$0\" | sh\nexit 0\ndata\r\n",
                "#!/bin/sh\ntail -n +5 \"$0\" >x; exit\n\u0001\u0002\r\n\0\r\n",
                "printf 'a\rb'\n",
                "tr -d \r <a",
                "echo '\r'",
                "x=\"$(cat <<E\na \" b\r\nE\n)\"\n",
                "x=\"$(cat <<E\na \" b\nE\n)\"\ncat <<F\nb\r\nF\n",
                "x=\"$(case a in a) echo '\"' ;; esac)\"\necho 'b\r\n'\n",
                "x=\"`cat <<E\na \" b\r\nE\n`\"\n",
                "echo $'a\\'\necho 'b\r\n'\n",
                "case $1 in\n\uFEFFa) echo mark ;;\nesac\n"
            })
    void otherCarriageReturnsAreTheGuestsBusiness(String text) {
        assertThatCode(() -> check(disk -> file(disk, "bin/construir", 0755, text)))
                .doesNotThrowAnyException();
    }
}
