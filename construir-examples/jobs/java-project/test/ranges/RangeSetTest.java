package ranges;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertTrue;

import java.util.List;
import org.junit.Test;

public class RangeSetTest {
    @Test
    public void joinsWhatTouches() {
        RangeSet set = RangeSet.of(List.of(new Range(8, 9), new Range(1, 4), new Range(5, 6), new Range(2, 3)));
        assertEquals("1-6,8-9", set.toString());
        assertEquals(8, set.size());
    }

    @Test
    public void knowsWhatItHolds() {
        RangeSet set = RangeSet.of(List.of(new Range(1, 3), new Range(7, 7)));
        assertTrue(set.contains(3));
        assertFalse(set.contains(4));
        assertTrue(set.contains(7));
    }

    @Test
    public void countsAllNumbers() {
        RangeSet all = RangeSet.of(List.of(new Range(0, Integer.MAX_VALUE), new Range(Integer.MIN_VALUE, -1)));
        assertEquals(1L << 32, all.size());
    }
}
