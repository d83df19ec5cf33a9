package dev.construir.qemu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.construir.machine.Architecture;
import dev.construir.machine.Diagnosis;
import dev.construir.machine.HypervisorException;
import dev.construir.qemu.accelerator.Hardware;
import dev.construir.qemu.program.Accelerator;
import dev.construir.testkit.BootSector;
import dev.construir.testkit.RecordingListener;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Programs that are taken for QEMU and are not, or are too old: told by what they answer, and diagnosed in the same
 * words.
 */
@Timeout(60)
class StrangeProgramTest {
    private static final String OLD = "{\"QMP\": {\"version\": {\"qemu\": {\"micro\": 0, \"minor\": 12, \"major\": 2},"
            + " \"package\": \"\"}, \"capabilities\": []}}";
    private static final String OTHER = OLD.replace("12", "2").replace("\"major\": 2", "\"major\": 7");

    @TempDir
    Path directory;

    @AfterEach
    void nothingIsLeft() throws Exception {
        try (Stream<Path> files = Files.walk(directory.resolve("scratch"))) {
            assertThat(files.filter(Files::isRegularFile)
                            .filter(file -> !file.toString().contains("qemu-facts"))) // kept on purpose
                    .isEmpty();
        }
        assertThat(ProcessHandle.current().descendants().filter(ProcessHandle::isAlive))
                .isEmpty();
    }

    private Path program(String shell) throws IOException {
        Path script = Files.writeString(directory.resolve("qemu"), "#!/bin/sh\ncat >/dev/null\n" + shell + "\n");
        return Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwx------"));
    }

    private QemuHypervisor hypervisor(Path program, Duration patience) {
        return QemuHypervisor.builder()
                .binary(program)
                .scratch(directory.resolve("scratch"))
                .handshake(patience)
                .build();
    }

    private void assertRefused(Path program, Duration patience, String... said) throws Exception {
        Path root = BootSector.HANG.write(directory.resolve("root.img"));
        try (QemuHypervisor hypervisor = hypervisor(program, patience)) {
            assertThatThrownBy(() -> hypervisor.start(Specs.firmware(root), new RecordingListener()))
                    .isInstanceOf(HypervisorException.class)
                    .hasMessageStartingWith(program.toString())
                    .hasMessageContainingAll(said)
                    .hasMessageNotContaining("Exception");
            Diagnosis diagnosis = hypervisor.diagnose();
            assertThat(diagnosis.isUsable()).isFalse();
            assertThat(diagnosis.findings())
                    .filteredOn(f -> f.verdict() == Diagnosis.Verdict.MISSING)
                    .singleElement()
                    .satisfies(
                            f -> assertThat(f.detail()).contains(said),
                            f -> assertThat(f.remedy())
                                    .hasValueSatisfying(
                                            remedy -> assertThat(remedy).contains("install")));
        }
    }

    @Test
    void anOldOne() throws Exception {
        String answers = OLD + "\n{\"return\": {\"arch\": \"x86_64\"}, \"id\": \"target\"}";
        assertRefused(
                program("cat <<'END'\n" + answers + "\nEND"), Duration.ofSeconds(30), "is QEMU 2.12.0", "too old: 6.2");
    }

    @Test
    void oneForOtherGuests() throws Exception {
        String answers = OTHER + "\n{\"return\": {\"arch\": \"sparc\"}, \"id\": \"target\"}";
        assertRefused(
                program("cat <<'END'\n" + answers + "\nEND"),
                Duration.ofSeconds(30),
                "guests of another kind",
                "sparc");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "echo 'QEMU emulator version 2.12.0'; exit 1 | it ended with status 1, and wrote: QEMU emulator version",
                "exit 0 | it ended with status 0 and wrote nothing",
                "kill -SEGV $$ | it ended with status 139 and wrote nothing",
                "echo '{\"QMP\": 7}' | answered what is no QMP: {\"QMP\": 7}",
                "echo '{\"QMP\": {\"vers' | answered what is no QMP",
                "printf '\\033]0;owned\\007' | and wrote: \\x1b]0;owned\\x07"
            })
    void oneThatAnswersSomethingElse(String shell, String said) throws Exception {
        assertRefused(program(shell), Duration.ofSeconds(30), "was asked over QMP what it can do", said);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"error\": {\"class\": \"CommandNotFound\", \"desc\": \"no\"}, \"id\": \"options\"}",
                "{\"return\": [7], \"id\": \"options\"}",
                "{\"return\": [{\"option\": \"sandbox\"}], \"id\": \"options\"}"
            })
    void oneThatDoesNotKnowItsOptions(String answer) throws Exception {
        String answers = OTHER + "\n{\"return\": {\"arch\": \"x86_64\"}, \"id\": \"target\"}\n" + answer;
        assertRefused(
                program("cat <<'END'\n" + answers + "\nEND"), Duration.ofSeconds(30), "answered what is no QMP: ");
    }

    @Test
    void oneThatFloods() throws Exception {
        assertRefused(
                program("head -c 3000000 /dev/zero | tr '\\000' '{'"),
                Duration.ofSeconds(30),
                "answered what is no QMP: {{{");
    }

    @Test
    void oneThatNeverAnswers() throws Exception {
        assertRefused(program("exec sleep 1000"), Duration.ofMillis(300), "it was killed after", "and wrote nothing");
    }

    @Test
    void aFileThatIsNoProgram() throws Exception {
        Path text = Files.writeString(directory.resolve("text"), "hello");
        Path root = BootSector.HANG.write(directory.resolve("root.img"));
        for (Path path : new Path[] {text, directory.resolve("none")}) {
            try (QemuHypervisor hypervisor = hypervisor(path, Duration.ofSeconds(30))) {
                assertThatThrownBy(() -> hypervisor.start(Specs.firmware(root), new RecordingListener()))
                        .isInstanceOf(HypervisorException.class)
                        .hasMessageStartingWith("QEMU for x86_64 guests was not found: " + path)
                        .hasMessageContaining(
                                path == text
                                        ? "no program that this user may run"
                                        : "there is no such file or directory");
            }
        }
    }

    @Test
    void aHostWithoutKvmIsDiagnosedWithTheCure() throws Exception {
        Path none = directory.resolve("kvm");
        Hardware hardware = new Hardware(Accelerator.KVM, Optional.of(Architecture.X86_64), Optional.of(none));
        Path fake = FakeQemu.install(directory, FakeQemu.Behaviour.OBEYS);
        try (QemuHypervisor hypervisor = QemuHypervisor.builder()
                .binary(fake)
                .hardware(hardware)
                .scratch(directory.resolve("scratch"))
                .build()) {
            Diagnosis diagnosis = hypervisor.diagnose();
            assertThat(diagnosis.isUsable()).isTrue();
            assertThat(diagnosis.findings())
                    .filteredOn(f -> f.what().equals("accelerator kvm"))
                    .singleElement()
                    .satisfies(
                            f -> assertThat(f.verdict()).isEqualTo(Diagnosis.Verdict.LIMITED),
                            f -> assertThat(f.detail()).isEqualTo(none + " does not exist"),
                            f -> assertThat(f.remedy().orElse("")).contains("firmware", "modprobe", "--device"));
        }
    }
}
