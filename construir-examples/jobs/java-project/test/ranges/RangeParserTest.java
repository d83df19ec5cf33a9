package ranges;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertThrows;

import org.junit.Test;

public class RangeParserTest {
    @Test
    public void readsWhatPeopleWrite() {
        assertEquals("1-5,7", RangeParser.parse(" 7, 1-3,4 - 5").toString());
    }

    @Test
    public void saysWhatIsNoRange() {
        IllegalArgumentException refused =
                assertThrows(IllegalArgumentException.class, () -> RangeParser.parse("1-3,x"));
        assertEquals("not a range: \"x\"; write 7 or 1-3", refused.getMessage());
    }
}
