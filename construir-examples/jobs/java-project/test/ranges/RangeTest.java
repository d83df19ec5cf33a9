package ranges;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import org.junit.Test;

public class RangeTest {
    @Test
    public void touchesItsNeighbours() {
        assertTrue(new Range(1, 3).touches(new Range(4, 5)));
        assertTrue(new Range(4, 5).touches(new Range(1, 3)));
        assertFalse(new Range(1, 3).touches(new Range(5, 6)));
    }

    @Test
    public void touchesAtTheEndOfAllNumbers() {
        assertTrue(new Range(0, Integer.MAX_VALUE).touches(new Range(1, 2)));
        assertFalse(new Range(Integer.MAX_VALUE, Integer.MAX_VALUE).touches(new Range(Integer.MIN_VALUE, 0)));
    }

    @Test
    public void isNotEmpty() {
        assertThrows(IllegalArgumentException.class, () -> new Range(2, 1));
    }

    @Test
    public void isWrittenShort() {
        assertEquals("7", new Range(7, 7).toString());
        assertEquals("7-8", new Range(7, 8).toString());
    }
}
