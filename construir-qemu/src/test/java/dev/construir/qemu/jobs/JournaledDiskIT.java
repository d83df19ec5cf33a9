package dev.construir.qemu.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.construir.DataSize;
import dev.construir.disk.FileSystemInfo;
import dev.construir.disk.FileSystemInfo.State;
import dev.construir.disk.ReadLimits;
import dev.construir.disk.read.DiskReader;
import dev.construir.job.Job;
import dev.construir.run.JobResult;
import dev.construir.run.Outcome.NoStatus;
import dev.construir.run.Runner;
import dev.construir.testing.Mutants;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Job disks with ext4 and a journal, written by a real kernel, are read as debugfs reads them, and stay harmless when
 * they are damaged.
 */
@Timeout(120)
@SuppressWarnings("NullAway.Init")
class JournaledDiskIT {
    private static final int ROUNDS = 150;
    private static final ReadLimits LIMITS = new ReadLimits(DataSize.ofMebibytes(16), 3000, 20, 1000);

    @TempDir
    Path dir;

    private Runner runner;

    @BeforeEach
    void open() throws Exception {
        runner = RealMachines.tiny(dir.resolve("scratch"));
    }

    @AfterEach
    void close() throws Exception {
        runner.close();
    }

    /** The directory {@code acl} gives all that is made in it a list of access rights. */
    private Job job(String shell) throws Exception {
        Path tree = Files.createDirectories(dir.resolve("tree"));
        Files.createDirectory(tree.resolve("acl"));
        Path script = Files.writeString(
                Files.createDirectory(tree.resolve("bin")).resolve("construir"), "#!/bin/sh\nset -e\n" + shell);
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
        ByteBuffer acl =
                ByteBuffer.allocate(4 + 5 * 8).order(ByteOrder.LITTLE_ENDIAN).putInt(2);
        for (int[] entry : new int[][] {{1, 7, -1}, {2, 6, 1234}, {4, 5, -1}, {0x10, 7, -1}, {0x20, 0, -1}}) {
            acl.putShort((short) entry[0]).putShort((short) entry[1]).putInt(entry[2]);
        }
        Path list = Files.write(dir.resolve("acl"), acl.array());
        Path image = dir.resolve("job.img");
        run(
                "mke2fs",
                "-q",
                "-t",
                "ext4",
                "-b",
                "1024",
                "-O",
                "inline_data",
                "-d",
                tree.toString(),
                image.toString(),
                "32M");
        run("debugfs", "-w", "-R", "ea_set -f " + list + " /acl system.posix_acl_default", image.toString());
        return Job.fromImage(image).withResources(RealMachines.SMALL);
    }

    private static String run(String... command) throws Exception {
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectInput(Path.of("/dev/null").toFile())
                .start();
        process.getOutputStream().close();
        String said = new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        // e2fsck says by 1 that it has repaired something.
        assertThat(process.exitValue())
                .as("%s says: %s", List.of(command), said)
                .isBetween(0, 1);
        return said;
    }

    @Test
    void whatAKernelWroteIsReadAsDebugfsReadsIt() throws Exception {
        Job job = job("""
                mkdir many few
                i=0; while [ $i -lt 800 ]; do : >many/rather-a-long-name-of-a-file-$i; i=$((i+1)); done
                i=0; while [ $i -lt 400 ]; do
                    dd if=/dev/urandom of=pieces bs=1k count=1 seek=$((2*i)) conv=notrunc 2>/dev/null; i=$((i+1))
                done
                rm many/*7 many/*55; ln many/rather-a-long-name-of-a-file-1 many/link; mv many/*-2 few/moved
                echo few words >few/file; mkdir few/empty; ln -s "$(printf '%080d' 7)" few/target; ln -s file few/short
                dd if=/dev/urandom of=big bs=1k count=3000 2>/dev/null; chmod 640 big; mkfifo few/pipe
                echo listed >acl/file; mkdir acl/below
                """);
        Path disk = dir.resolve("disk.img");
        try (JobResult result = runner.run(job)) {
            assertThat(result.outcome().isSuccess())
                    .as("%s: %s", result.outcome(), result.output().text())
                    .isTrue();
            result.moveDiskTo(disk);
        }
        Path expected = Files.createDirectory(dir.resolve("expected"));
        run("debugfs", "-R", "rdump / " + expected, disk.toString());
        assertThat(run("debugfs", "-R", "dump_extents -n /pieces", disk.toString()))
                .contains(" 1/ 2 ");
        assertThat(run("debugfs", "-R", "stat /few", disk.toString())).contains("Size of inline data");
        assertThat(run("debugfs", "-R", "htree_dump /many", disk.toString())).contains("Number of entries");

        try (DiskReader reader = DiskReader.open(disk)) {
            assertThat(reader.info().kind()).isEqualTo(FileSystemInfo.Kind.EXT4);
            assertThat(reader.info().state()).isEqualTo(State.CLEAN);
            assertThat(reader.copyTo(dir.resolve("actual")).skipped())
                    .containsExactly(
                            "/acl/file: its access control list, and so its mode is 0640, not 0660",
                            "/acl/below: its default access control list and its access control list, and so its mode is 0740, not 0770",
                            "/acl: its default access control list",
                            "/few/pipe: a pipe");
            for (String path : List.of("/acl/file", "/acl/below")) {
                for (Map.Entry<String, byte[]> attribute :
                        reader.extendedAttributes(path).entrySet()) {
                    Path value = dir.resolve("value");
                    run("debugfs", "-R", "ea_get -f " + value + " " + path + " " + attribute.getKey(), disk.toString());
                    assertThat(attribute.getValue())
                            .as("%s of %s", attribute.getKey(), path)
                            .isEqualTo(withUndefined(Files.readAllBytes(value)));
                }
            }
            assertThat(reader.extendedAttributes("/acl/file")).containsOnlyKeys("system.posix_acl_access");
            assertThat(reader.extendedAttributes("/acl/below"))
                    .containsOnlyKeys("system.posix_acl_access", "system.posix_acl_default");
        }
        Map<String, List<Object>> actual = described(dir.resolve("actual"));
        assertThat(actual.keySet())
                .hasSizeGreaterThan(600)
                .isEqualTo(described(expected).keySet());
        // debugfs leaves the group what the mask of a list allows, which is more than the list gives it, or all whom it
        // names.
        for (String path : List.of("acl/file", "acl/below")) {
            Path file = expected.resolve(path);
            Set<PosixFilePermission> mode = EnumSet.copyOf(Files.getPosixFilePermissions(file));
            assertThat(mode.remove(PosixFilePermission.GROUP_WRITE)).as(path).isTrue();
            assertThat(mode.remove(PosixFilePermission.GROUP_EXECUTE)).as(path).isEqualTo(path.equals("acl/below"));
            Files.setPosixFilePermissions(file, mode);
        }
        described(expected)
                .forEach((path, facts) -> assertThat(actual.get(path)).as(path).isEqualTo(facts));
        damaged(disk);
    }

    /** In many ways; a reader may refuse it, but must not fail otherwise. */
    private void damaged(Path disk) throws Exception {
        Mutants mutants = Mutants.ofStructures(disk, LIMITS, dir.resolve("mutants"));
        assertThat(mutants.refused(new Random(20_240_501), ROUNDS)).isBetween(ROUNDS / 10, ROUNDS - 1);
    }

    /** Where an entry of a list names nobody, debugfs says 0, and getxattr -1. */
    private static byte[] withUndefined(byte[] list) {
        ByteBuffer entries = ByteBuffer.wrap(list).order(ByteOrder.LITTLE_ENDIAN);
        for (int at = 4; at < list.length; at += 8) {
            int tag = entries.getShort(at);
            if (tag != 2 && tag != 8) {
                entries.putInt(at + 4, -1);
            }
        }
        return list;
    }

    /** Everything in a directory: its kind, mode, time, and content or target. */
    private static Map<String, List<Object>> described(Path top) throws IOException {
        Map<String, List<Object>> all = new TreeMap<>();
        List<Path> paths;
        try (var walk = Files.walk(top)) {
            paths = walk.filter(path -> !path.equals(top)).toList();
        }
        for (Path path : paths) {
            String name = top.relativize(path).toString();
            if (name.equals("lost+found") || name.equals("few/pipe")) {
                continue;
            }
            List<Object> facts = new ArrayList<>();
            if (Files.isSymbolicLink(path)) {
                facts.add(Files.readSymbolicLink(path).toString());
            } else {
                facts.add(Files.getPosixFilePermissions(path));
                facts.add(Files.getLastModifiedTime(path).to(TimeUnit.SECONDS));
                facts.add(Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS) ? content(path) : "directory");
            }
            all.put(name, facts);
        }
        return all;
    }

    /** Of a short file whose content is in its inode debugfs writes all that has room there, zeros included. */
    private static ByteBuffer content(Path file) throws IOException {
        byte[] content = Files.readAllBytes(file);
        int length = content.length;
        while (content.length <= 60 && length > 0 && content[length - 1] == 0) {
            length--;
        }
        return ByteBuffer.wrap(content, 0, length);
    }

    @Test
    void aJournalThatWasNotReplayedIsTold() throws Exception {
        Job job = job("mkdir made\necho result >made/file\nsync\necho more >made/later\npoweroff -f\nsleep 9\n");
        Path disk = dir.resolve("disk.img");
        try (JobResult result = runner.run(job)) {
            assertThat(result.outcome()).isInstanceOf(NoStatus.class);
            assertThat(result.files().info().state()).isEqualTo(State.JOURNAL_NOT_REPLAYED);
            assertThat(result.files().find("/bin/construir")).isPresent();
            result.moveDiskTo(disk);
        }
        run("e2fsck", "-fp", disk.toString());
        try (DiskReader reader = DiskReader.open(disk)) {
            assertThat(reader.info().state()).isEqualTo(State.CLEAN);
            try (var content = reader.open("/made/file")) {
                assertThat(content.readAllBytes()).asString().isEqualTo("result\n");
            }
        }
    }
}
