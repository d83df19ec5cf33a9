package dev.construir.qemu.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.construir.disk.Attributes;
import dev.construir.job.Job;
import dev.construir.job.Resources;
import dev.construir.run.JobResult;
import dev.construir.run.Outcome;
import dev.construir.run.Runner;
import java.io.ByteArrayInputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The Debian image's kernel modules: loaded when asked for, when the kernel needs one, and without harm to the
 * supervisor.
 */
@Timeout(180)
class ModulesIT {
    @TempDir
    static Path scratch;

    private static Runner runner;

    @BeforeAll
    static void open() throws Exception {
        runner = RealMachines.runner("debian", scratch);
    }

    @AfterAll
    static void close() {
        runner.close();
    }

    private static Job job(String name, String shell) {
        return Job.script(name, shell).withResources(Resources.DEFAULT);
    }

    @Test
    void areLoadedByName() throws Exception {
        String shell = """
                test "$(basename /lib/modules/*)" = "$(uname -r)" || exit 2
                for m in loop overlay fuse tun vfat squashfs veth bridge nf_tables ip_tables iptable_nat br_netfilter \\
                    xt_MASQUERADE nft_chain_nat dm_mod btrfs xfs isofs cifs nfs wireguard nbd; do
                    modprobe $m || { echo "no $m"; bad=1; }
                done
                exit ${bad:-0}
                """;
        try (JobResult result = runner.run(job("modprobe", shell))) {
            assertThat(result.outcome()).as(result.output().text()).isEqualTo(new Outcome.Exited(0));
        }
    }

    @Test
    void areLoadedWhenTheKernelNeedsThem() throws Exception {
        String shell = """
                #!/bin/sh
                set -ex
                mkdir /tmp/ext /tmp/fat /tmp/squash /tmp/low /tmp/up /tmp/work /tmp/both /tmp/mem
                truncate -s 8M /tmp/ext.img && mkfs.ext4 -q /tmp/ext.img
                mount -o loop /tmp/ext.img /tmp/ext
                mount -t vfat -o loop fat.img /tmp/fat
                echo kept >/tmp/fat/file
                mount -t squashfs -o loop squash.img /tmp/squash
                grep -x squashed /tmp/squash/file
                mount -t overlay -o lowerdir=/tmp/low,upperdir=/tmp/up,workdir=/tmp/work none /tmp/both
                mount -t tmpfs none /tmp/mem
                ip link add v0 type veth peer name v1
                ip link add b0 type bridge
                ip tuntap add t0 mode tun
                exec 5<>/dev/fuse
                test -c /dev/loop-control -a -c /dev/net/tun
                umount /tmp/fat
                """;
        Job job = Job.of("autoload", disk -> {
            var file = Attributes.ofRoot(0755, Instant.EPOCH);
            byte[] script = shell.getBytes(StandardCharsets.UTF_8);
            disk.file("bin/construir", file, script.length, new ByteArrayInputStream(script));
            byte[] fat = fat();
            disk.file("fat.img", file, fat.length, new ByteArrayInputStream(fat));
            byte[] squash = squash("squashed\n");
            disk.file("squash.img", file, squash.length, new ByteArrayInputStream(squash));
        });
        try (JobResult result = runner.run(job)) {
            assertThat(result.outcome()).as(result.output().text()).isEqualTo(new Outcome.Exited(0));
        }
    }

    /** An empty FAT12 file system of 64 sectors: boot sector, one FAT of one sector, a root directory of one sector. */
    private static byte[] fat() {
        ByteBuffer disk = ByteBuffer.allocate(64 * 512).order(ByteOrder.LITTLE_ENDIAN);
        disk.put(new byte[] {(byte) 0xeb, 0x3c, (byte) 0x90}).put("construi".getBytes(StandardCharsets.US_ASCII));
        disk.putShort((short) 512).put((byte) 1).putShort((short) 1).put((byte) 1);
        disk.putShort((short) 16).putShort((short) 64).put((byte) 0xf8).putShort((short) 1);
        disk.putShort(510, (short) 0xaa55);
        disk.put(512, (byte) 0xf8).putShort(513, (short) 0xffff);
        return disk.array();
    }

    /** A squashfs 4.0 of one file with that content, {@code file}; nothing in it is compressed. */
    private static byte[] squash(String content) {
        int uncompressed = 0x8000;
        ByteBuffer disk = ByteBuffer.allocate(4096).order(ByteOrder.LITTLE_ENDIAN);
        disk.position(96).put(content.getBytes(StandardCharsets.US_ASCII));
        int inodes = disk.position();
        disk.putShort((short) (uncompressed | 32 + 36));
        // A directory, number 1: type, mode, owners, time, number; block, links, size and 3, offset, parent.
        disk.putShort((short) 1).putShort((short) 0755).putInt(0).putInt(0).putInt(1);
        disk.putInt(0)
                .putInt(2)
                .putShort((short) (12 + 8 + 4 + 3))
                .putShort((short) 0)
                .putInt(3);
        // A file, number 2: the same; start, no fragment, size, the size of its only block.
        disk.putShort((short) 2).putShort((short) 0644).putInt(0).putInt(0).putInt(2);
        disk.putInt(96).putInt(-1).putInt(0).putInt(content.length()).putInt(1 << 24 | content.length());
        int directories = disk.position();
        disk.putShort((short) (uncompressed | 12 + 8 + 4)).putInt(0).putInt(0).putInt(2);
        disk.putShort((short) 32).putShort((short) 0).putShort((short) 2).putShort((short) 3);
        disk.put("file".getBytes(StandardCharsets.US_ASCII));
        int owners = disk.position();
        disk.putShort((short) (uncompressed | 4)).putInt(0);
        int index = disk.position();
        disk.putLong(owners);
        int end = disk.position();
        disk.position(0).putInt(0x73717368).putInt(2).putInt(0).putInt(1 << 17).putInt(0);
        disk.putShort((short) 1).putShort((short) 17).putShort((short) 0xa1b).putShort((short)
                1); // zlib, flags, an owner
        disk.putShort((short) 4)
                .putShort((short) 0)
                .putLong(0)
                .putLong(end)
                .putLong(index)
                .putLong(-1);
        disk.putLong(inodes).putLong(directories).putLong(-1).putLong(-1);
        return disk.array();
    }

    @Test
    void aJobsOwnModprobeKillsItsOwnProcessesOnly() throws Exception {
        String shell = """
                cat >/tmp/evil <<'END'
                #!/bin/sh
                echo called >/job/called
                kill -9 -1
                END
                chmod 755 /tmp/evil && mount --bind /tmp/evil "$(readlink -f /sbin/modprobe)"
                mount -t vfat /dev/vda /mnt
                sleep 60
                """;
        try (JobResult result = runner.run(job("evil", shell))) {
            assertThat(result.outcome()).as(result.output().text()).isEqualTo(new Outcome.Signalled(9));
            assertThat(result.files().find("/called")).isPresent();
        }
    }
}
