package dev.construir.qemu;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonParser;
import org.junit.jupiter.api.Test;

class UsageMeterTest {
    @Test
    void addsUpWhatAllDisksReadAndWrote() {
        assertThat(sum("[{'stats':{'rd_bytes':1,'wr_bytes':20}},{'stats':{'rd_bytes':300,'wr_bytes':4000}}]"))
                .isEqualTo(4321);
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
            assertThat(sum(odd)).as(odd).isZero();
        }
    }

    private static long sum(String json) {
        return UsageMeter.sum(JsonParser.parseString(json.replace('\'', '"')));
    }
}
