package dev.construir.disk.read;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.construir.DataSize;
import dev.construir.block.FileSource;
import dev.construir.disk.HostState;
import dev.construir.disk.LimitException;
import dev.construir.disk.ReadLimits;
import dev.construir.disk.read.ExtractOptions.WhenIncomplete;
import dev.construir.disk.write.Images;
import dev.construir.ext.Inode;
import dev.construir.host.ProcFdPaths;
import dev.construir.volume.ExtVolume;
import dev.construir.volume.VolumeEntry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Extractions on a host that does not tell the numbers of descriptors, so that directories are known by their names.
 */
class ExtractionByNameTest {
    private static final String DEEP = "deep" + "/d".repeat(40);

    @TempDir
    Path dir;

    private Path image = Path.of("");
    private Path host = Path.of("");
    private Path target = Path.of("");

    /** The target is full of links to what is beside it, where the guest has directories and files. */
    @BeforeEach
    void prepare() throws IOException {
        host = Files.createDirectories(dir.resolve("host"));
        target = planted(host.resolve("target"));
        Files.createDirectories(host.resolve("victim/sub"));
        Files.writeString(host.resolve("victim/file"), "the host's own");
        Files.writeString(host.resolve("victim/sub/file"), "the host's own");
        image = Images.create(dir.resolve("disk.img"), "4M", disk -> {
            disk.directory("link", Images.mode(0777));
            Images.file(disk, "link/file", "the guest's");
            Images.file(disk, "link/sub/file", "the guest's");
            Images.file(disk, "dir/file", "the guest's");
            Images.file(disk, "dir/sub/file", "the guest's");
            disk.hardLink("dir/sub/second", "dir/file");
            disk.symbolicLink("dir/up", Images.mode(0777), "../../victim");
            disk.symbolicLink("dir/inside", Images.mode(0777), "../link");
            disk.directory("closed", Images.mode(0500));
            Images.file(disk, "closed/file", "the guest's");
            Images.file(disk, DEEP + "/file", "the guest's");
            Images.file(disk, "deep/file", "the guest's");
            Images.file(disk, "zz", "the guest's last");
        });
    }

    private static Path planted(Path directory) throws IOException {
        Files.createDirectories(directory.resolve("dir"));
        Files.createSymbolicLink(directory.resolve("link"), Path.of("../victim"));
        Files.createSymbolicLink(directory.resolve("dir/file"), Path.of("../../victim/file"));
        Files.createSymbolicLink(directory.resolve("dir/sub"), Path.of("../../victim/sub"));
        return directory;
    }

    private ExtractReport extract(ReadLimits limits, ExtractOptions options) throws Exception {
        try (ExtVolume volume = new ExtVolume(new FileSource(image))) {
            ProcFdPaths untold = new ProcFdPaths(dir.resolve("no-proc"));
            return new Extraction(volume, limits, options, untold)
                    .run(new VolumeEntry("/", Inode.ROOT, volume.inode(Inode.ROOT)), target);
        }
    }

    private Map<String, String> besideTheTarget() throws IOException {
        Map<String, String> state = HostState.of(host);
        state.keySet().removeIf(path -> path.startsWith("target"));
        return state;
    }

    @Test
    void givesTheSameAndTouchesNothingBesideTheTarget() throws Exception {
        Map<String, String> before = besideTheTarget();
        ExtractReport report = extract(ReadLimits.DEFAULT, ExtractOptions.DEFAULT);

        assertThat(besideTheTarget()).isEqualTo(before);
        Path other = planted(dir.resolve("other"));
        try (DiskReader disk = DiskReader.open(image)) {
            assertThat(report).isEqualTo(disk.copyTo(other));
        }
        Map<String, String> copy = HostState.extracted(other);
        Map<String, String> made = HostState.extracted(target);
        copy.remove("");
        made.remove("");
        assertThat(made.entrySet()).containsExactlyElementsOf(copy.entrySet());
        assertThat(made).containsKey(DEEP + "/file");
        assertThat(target.resolve("dir/sub/second")).hasContent("the guest's");
    }

    @Test
    void whatIsIncompleteIsRemovedAndNothingBesideTheTarget() throws Exception {
        Map<String, String> before = besideTheTarget();
        ReadLimits limits = ReadLimits.DEFAULT.withBytes(DataSize.ofBytes(80));
        ExtractOptions options = ExtractOptions.DEFAULT.withWhenIncomplete(WhenIncomplete.REMOVE);

        assertThatThrownBy(() -> extract(limits, options))
                .isInstanceOf(LimitException.class)
                .hasMessageStartingWith("/zz, ")
                .hasMessageEndingWith("was removed");
        assertThat(besideTheTarget()).isEqualTo(before);
        assertThat(HostState.of(target)).containsOnlyKeys("", "dir");
    }
}
