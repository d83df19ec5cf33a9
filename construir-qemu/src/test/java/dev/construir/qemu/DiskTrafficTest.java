package dev.construir.qemu;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonParser;
import org.junit.jupiter.api.Test;

class DiskTrafficTest {
    @Test
    void addsUpWhatAllDisksReadAndWrote() {
        assertThat(of("[{'stats':{'rd_bytes':1,'wr_bytes':20}},{'stats':{'rd_bytes':300,'wr_bytes':4000}}]"))
                .isEqualTo(new DiskTraffic(301, 4020));
    }

    @Test
    void countsNothingForWhatIsMissingOrNoNumber() {
        for (String odd : new String[] {
            "{}",
            "7",
            "null",
            "[]",
            "[null, 3, []]",
            "[{}]",
            "[{'stats':[]}]",
            "[{'stats':{}}]",
            "[{'stats':{'rd_bytes':null,'wr_bytes':'x'}}]",
            "[{'stats':{'rd_bytes':{},'wr_bytes':true}}]",
            "[{'stats':{'rd_bytes':1e999,'wr_bytes':-5}}]"
        }) {
            assertThat(of(odd)).as(odd).isEqualTo(DiskTraffic.NONE);
        }
    }

    @Test
    void absurdNumbersDoNotOverflow() {
        String most = "{'stats':{'rd_bytes':9223372036854775807,'wr_bytes':1}}";
        assertThat(of("[" + most + "," + most + "]")).isEqualTo(new DiskTraffic(Long.MAX_VALUE, 2));
    }

    @Test
    void onlyGrows() {
        assertThat(new DiskTraffic(5, 1).max(new DiskTraffic(3, 2))).isEqualTo(new DiskTraffic(5, 2));
    }

    private static DiskTraffic of(String json) {
        return DiskTraffic.of(JsonParser.parseString(json.replace('\'', '"')));
    }
}
