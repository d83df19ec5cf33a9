package dev.construir.partition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.construir.DiskFormatException;
import dev.construir.block.BlockSource;
import dev.construir.block.BytesSource;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PartitionTableTest {
    private static final int SECTORS = 1000;
    private static final int LAST = SECTORS - 1;

    private static List<PartitionEntry> read(Partitioned disk) throws IOException {
        return PartitionTable.read(new BytesSource(disk.bytes()), part -> false);
    }

    private static PartitionEntry entry(int number, String type, long first, long sectors) {
        return new PartitionEntry(number, type, first * 512, sectors * 512);
    }

    private static Partitioned withLogical() {
        return new Partitioned(SECTORS)
                .mbr(0, 0, 0x82, 10, 20)
                .mbr(0, 2, 0x05, 100, 500)
                .mbr(0, 3, 0x83, 700, 300)
                .mbr(100, 0, 0x83, 1, 9)
                .mbr(100, 1, 0x05, 50, 50)
                .mbr(150, 0, 0x42, 2, 48)
                .mbr(150, 1, 0x05, 20, 5)
                .mbr(120, 0, 0xef, 1, 4);
    }

    @Test
    void readsPrimaryAndLogicalOnes() throws Exception {
        assertThat(read(withLogical()))
                .containsExactly(
                        entry(1, "Linux swap", 10, 20),
                        entry(4, "Linux", 700, 300),
                        entry(5, "Linux", 101, 9),
                        entry(6, "type 0x42", 152, 48),
                        entry(7, "EFI system", 121, 4));
    }

    private static List<PartitionEntry> read(Partitioned disk, PartitionTable.Content content) throws IOException {
        return PartitionTable.read(new BytesSource(disk.bytes()), content);
    }

    private static boolean holdsMark(BlockSource part) throws IOException {
        return part.read(0, 1)[0] == 'M';
    }

    @ParameterizedTest
    @ValueSource(ints = {512, 1024, 2048, 4096})
    void theHeaderOfAGptTellsTheSizeOfSectors(int size) throws Exception {
        Partitioned disk = new Partitioned(SECTORS, size).gpt(40, 99, 100, 900);
        List<PartitionEntry> all = List.of(
                new PartitionEntry(1, "Linux", 40L * size, 60L * size),
                new PartitionEntry(2, "Linux", 100L * size, 801L * size));
        assertThat(read(disk)).isEqualTo(all);
        disk.buffer().put(size + 16, (byte) 1).put(size + 17, (byte) 1); // the second copy is left
        assertThat(read(disk)).isEqualTo(all);
        disk.buffer().put(LAST * size + 16, (byte) 1).put(LAST * size + 17, (byte) 1);
        assertThatThrownBy(() -> read(disk))
                .hasMessageStartingWith(
                        "no usable GPT: the header at byte " + size + " has a wrong checksum; its second copy: ");
    }

    @ParameterizedTest
    @ValueSource(ints = {512, 2048, 4096})
    void whatPartitionsHoldTellsTheSizeOfSectorsOfAPcsTable(int size) throws Exception {
        byte[] mark = {'M'};
        for (int holder : new int[] {100, 501}) {
            Partitioned disk = new Partitioned(SECTORS, size)
                    .mbr(0, 0, 0x83, 100, 300)
                    .mbr(0, 1, 0x05, 500, 400)
                    .mbr(500, 0, 0x82, 1, 9)
                    .put(holder, mark);
            assertThat(read(disk, PartitionTableTest::holdsMark))
                    .containsExactly(
                            new PartitionEntry(1, "Linux", 100L * size, 300L * size),
                            new PartitionEntry(5, "Linux swap", 501L * size, 9L * size));
        }
    }

    @Test
    void aPcsTableOfPartitionsThatHoldNothingIsOneOfSmallSectors() throws Exception {
        assertThat(read(new Partitioned(SECTORS, 4096).mbr(0, 0, 0x83, 100, 300), part -> false))
                .containsExactly(entry(1, "Linux", 100, 300));
    }

    @Test
    void anEmptyTableIsATable() throws Exception {
        assertThat(read(new Partitioned(SECTORS).mbr(0, 0, 0, 0, 0))).isEmpty();
        assertThat(read(new Partitioned(SECTORS).gpt())).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"0, 100", "100, 0", "900, 101", "1000, 1", "-1, 1", "1, -1", "-1, -1"})
    void partitionsAreInsideTheDisk(int first, int sectors) {
        assertThatThrownBy(() -> read(new Partitioned(SECTORS).mbr(0, 1, 0x83, first, sectors == 0 ? -5 : sectors)))
                .isInstanceOf(DiskFormatException.class)
                .hasMessageContaining("partition 2 (Linux)")
                .hasMessageContaining("disk of 1000 sectors");
    }

    @ParameterizedTest
    @CsvSource({"100,100", "150,100", "150,150", "120,100", "120,150", "120,120"})
    void aChainThatComesBackIsRefused(int record, int target) {
        assertThatThrownBy(() -> read(withLogical().mbr(record, 1, 0x05, target - 100, 5)))
                .isInstanceOf(DiskFormatException.class)
                .hasMessageContaining("comes back to sector " + target);
    }

    @Test
    void aChainEnds() {
        Partitioned disk = new Partitioned(SECTORS).mbr(0, 0, 0x05, 1, 999);
        for (int i = 1; i < 900; i++) {
            disk.mbr(i, 1, 0x05, i, 1);
        }
        assertThatThrownBy(() -> read(disk)).hasMessageContaining("more than 128 logical");
    }

    @Test
    void aChainThatLeavesTheDiskIsRefused() {
        assertThatThrownBy(() -> read(withLogical().mbr(120, 1, 0x05, -1, 5)))
                .isInstanceOf(DiskFormatException.class)
                .hasMessageContaining("no partition table at byte 2199023");
        assertThatThrownBy(() -> read(withLogical().mbr(120, 1, 0x05, 800, 5)))
                .isInstanceOf(DiskFormatException.class)
                .hasMessageContaining("at byte 460800: its signature is missing");
    }

    @Test
    void whatIsNoTableIsRefused() {
        assertThatThrownBy(() -> read(new Partitioned(0))).hasMessageContaining("the disk has only 0 bytes");
        assertThatThrownBy(() -> read(new Partitioned(5))).hasMessageContaining("its signature is missing");
        Partitioned code = new Partitioned(5).mbr(0, 0, 0x83, 1, 1);
        code.buffer().put(446 + 16, (byte) 0x33);
        assertThatThrownBy(() -> read(code)).hasMessageContaining("entry 2 has status 0x33");
    }

    @Test
    void readsGpt() throws Exception {
        assertThat(read(new Partitioned(SECTORS).gpt(40, 99, 100, 100, 101, 900)))
                .containsExactly(entry(1, "Linux", 40, 60), entry(2, "Linux", 100, 1), entry(3, "Linux", 101, 800));
    }

    @Test
    void aHybridTableIsReadAsGpt() throws Exception {
        assertThat(read(new Partitioned(SECTORS)
                        .gpt(40, 99)
                        .mbr(0, 0, 0x83, 40, 60)
                        .mbr(0, 1, 0xee, 1, 39)))
                .containsExactly(entry(1, "Linux", 40, 60));
    }

    @Test
    void withoutItsGptAHybridTableIsRefusedAsLinuxDoes() {
        assertThatThrownBy(() ->
                        read(new Partitioned(SECTORS).mbr(0, 0, 0x83, 40, 60).mbr(0, 1, 0xee, 1, 39)))
                .isInstanceOf(DiskFormatException.class)
                .hasMessageContainingAll("no usable GPT: ", "entry of type 0xee", "Linux ignores them as well");
        assertThatThrownBy(() -> read(new Partitioned(SECTORS).mbr(0, 1, 0xee, 1, 39)))
                .message()
                .contains("no usable GPT: ")
                .doesNotContain("0xee");
    }

    @Test
    void theSecondCopyHelps() throws Exception {
        for (int at : new int[] {0, 8, 16, 40, 88}) {
            Partitioned disk = new Partitioned(SECTORS).gpt(40, 99);
            disk.buffer().put(512 + at, (byte) 99);
            assertThat(read(disk)).containsExactly(entry(1, "Linux", 40, 60));
            disk.buffer().put(LAST * 512 + at, (byte) 99);
            assertThatThrownBy(() -> read(disk))
                    .isInstanceOf(DiskFormatException.class)
                    .hasMessageContaining("no usable GPT: ")
                    .hasMessageContaining("at byte 512")
                    .hasMessageContaining("second copy: the header at byte " + LAST * 512);
        }
        Partitioned array = new Partitioned(SECTORS).gpt(40, 99);
        array.buffer().put(1024 + 40, (byte) 5);
        assertThat(read(array)).containsExactly(entry(1, "Linux", 40, 60));
    }

    @ParameterizedTest
    @CsvSource({
        "0,  0x1111111111111111, no signature",
        "8,  0x0000005c00020000, revision 0x20000",
        "12, 0x000000000000005b, 91 bytes",
        "12, 0x0000000000000201, 513 bytes",
        "12, 0x00000000ffffffff, 4294967295 bytes",
        "24, 0x0000000000000002, says that it stands at sector 2",
        "72, 0x0000000000000001, its entries begin at sector 1",
        "72, 0x00000000000003c9, its entries begin at sector 969",
        "72, 0x7fffffffffffffff, its entries begin at sector",
        "72, 0x8000000000000002, its entries begin at sector -",
        "80, 0x0000008000000000, 0 entries of 128",
        "80, 0x0000008000002001, '8193 entries of 128 bytes; the limit is 1048576'",
        "80, 0x00000080ffffffff, 4294967295 entries",
        "80, 0x0000004000000080, entries of 64 bytes",
        "80, 0x000000c000000080, entries of 192 bytes",
        "80, 0x8000000000000080, entries of 2147483648 bytes"
    })
    void refusesHeadersThatAreSigned(int at, String value, String why) {
        Partitioned disk = new Partitioned(SECTORS).gpt(40, 99);
        for (int header : new int[] {512, LAST * 512}) {
            disk.buffer().putLong(header + at, Long.parseUnsignedLong(value.substring(2), 16));
            disk.sign(header / 512);
        }
        assertThatThrownBy(() -> read(disk))
                .isInstanceOf(DiskFormatException.class)
                .hasMessageContaining(why);
    }

    @ParameterizedTest
    @CsvSource({"40,39", "0,100", "40,1000", "999,1000", "-5,-1", "-2147483648,50"})
    void refusesPartitionsOutsideTheDisk(int first, int last) {
        assertThatThrownBy(() -> read(new Partitioned(SECTORS).gpt(50, 60, first, last)))
                .isInstanceOf(DiskFormatException.class)
                .hasMessageContaining("partition 2 (Linux)");
    }

    @Test
    void theNumbersAreThoseOfTheEntries() throws Exception {
        Partitioned disk = new Partitioned(SECTORS).gpt(40, 99, 100, 200);
        disk.put(2, new byte[128]);
        disk.sign(1);
        assertThat(read(disk)).containsExactly(entry(2, "Linux", 100, 101));
    }
}
