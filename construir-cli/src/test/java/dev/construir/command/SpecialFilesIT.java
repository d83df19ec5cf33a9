package dev.construir.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.construir.tar.TarArchive;
import dev.construir.tar.TarArchive.Header;
import dev.construir.testing.HostCommand;
import dev.construir.testing.TestImages;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What {@code pack} makes of special files, in a guest that uses them. */
@Timeout(180)
class SpecialFilesIT {
    private static final String CAPABILITY = "security.capability";

    @TempDir
    Path directory;

    private Path disk;

    @BeforeEach
    void nameDisk() {
        disk = directory.resolve("job.img");
    }

    private Launch pack(String... arguments) throws Exception {
        String[] command = new String[arguments.length + 3];
        System.arraycopy(arguments, 0, command, 1, arguments.length);
        command[0] = "pack";
        command[command.length - 2] = "-o";
        command[command.length - 1] = disk.toString();
        Launch launch = Launch.of(directory, command);
        assertThat(launch.status()).as(launch.err()).isZero();
        return launch;
    }

    private String run() throws Exception {
        Launch launch = Launch.of(
                directory,
                "run",
                "--root",
                TestImages.find("tiny").toString(),
                "--scratch",
                directory.resolve("scratch").toString(),
                "--memory=128M",
                disk.toString());
        assertThat(launch.status()).as(launch.out() + launch.err()).isZero();
        return launch.out();
    }

    private static TarArchive archive(String script) {
        byte[] bytes = script.getBytes(StandardCharsets.US_ASCII);
        return new TarArchive()
                .add(Header.of('0', "bin/construir").text(100, "0000755").size(bytes.length), bytes);
    }

    private static Header device(String name, String major, String minor) {
        return Header.of('3', name).text(329, "000000" + major).text(337, "000000" + minor);
    }

    /** Making devices takes root on the host, having them in an archive does not. */
    @Test
    void devicesAndPipesWorkInTheGuest() throws Exception {
        Path tar = directory.resolve("job.tar");
        Files.write(
                tar,
                archive("""
                        #!/bin/sh
                        set -e
                        echo lost >null
                        test -c null -a ! -s null
                        head -c 3 zero | od -An -tx1
                        echo through >pipe &
                        read -r line <pipe
                        echo $line
                        """)
                        .add(device("null", "1", "3"))
                        .add(device("zero", "1", "5"))
                        .add(Header.of('6', "pipe"))
                        .bytes());
        pack("--devices", tar.toString());
        assertThat(run()).isEqualTo(" 00 00 00\nthrough\n");
    }

    /**
     * A user without rights gives a file away, by a program that may; and not by the same program without that
     * capability.
     */
    @Test
    void capabilitiesOfFilesCountInTheGuest() throws Exception {
        String script = """
                #!/bin/sh
                echo somebody:x:1000:1000::/:/bin/sh >>/etc/passwd
                touch one other
                su somebody -c 'id -u; /job/able/chown 1000 /job/one; /job/unable/chown 1000 /job/other'
                stat -c %u one other
                """;
        if (System.getProperty("user.name").equals("root")) {
            packTree(script);
        } else {
            packArchive(script);
        }
        assertThat(run()).isEqualTo("1000\nchown: /job/other: Operation not permitted\n1000\n0\n");
    }

    private static Path busybox() throws Exception {
        return Path.of(HostCommand.run("sh", "-c", "command -v busybox").strip());
    }

    private void packTree(String script) throws Exception {
        Path tree = directory.resolve("tree");
        for (String name : new String[] {"able", "unable"}) {
            Files.copy(busybox(), Files.createDirectories(tree.resolve(name)).resolve("chown"));
        }
        Path job =
                Files.writeString(Files.createDirectories(tree.resolve("bin")).resolve("construir"), script);
        assertThat(job.toFile().setExecutable(true)).isTrue();
        HostCommand.run(
                "/sbin/setcap", "cap_chown+ep", tree.resolve("able/chown").toString());
        assertThat(pack(tree.toString()).err()).doesNotContain(CAPABILITY);
    }

    private void packArchive(String script) throws Exception {
        byte[] program = Files.readAllBytes(busybox());
        ByteArrayOutputStream record = new ByteArrayOutputStream();
        // Version 2, effective; permitted: number 0, which is CAP_CHOWN; none inherited; the upper halves of both.
        record.writeBytes(("57 SCHILY.xattr." + CAPABILITY + "=").getBytes(StandardCharsets.US_ASCII));
        record.writeBytes(new byte[] {1, 0, 0, 2, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, '\n'});
        TarArchive archive = archive(script);
        archive.add(Header.of('x', "extension").size(record.size()), record.toByteArray());
        archive.add(program("able/chown", program.length), program);
        archive.add(program("unable/chown", program.length), program);
        Path tar = directory.resolve("job.tar");
        Files.write(tar, archive.bytes());
        pack(tar.toString());
    }

    private static Header program(String name, int size) {
        return Header.of('0', name).text(100, "0000755").size(size);
    }
}
