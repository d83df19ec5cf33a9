package ranges;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads sets as people write pages to print: {@code 1-3,7}. */
public final class RangeParser {
    private static final Pattern RANGE = Pattern.compile("\\s*(\\d+)\\s*(?:-\\s*(\\d+)\\s*)?");

    private RangeParser() {}

    public static RangeSet parse(String text) {
        return RangeSet.of(
                Pattern.compile(",").splitAsStream(text).map(RangeParser::range).toList());
    }

    private static Range range(String text) {
        Matcher matcher = RANGE.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("not a range: \"" + text + "\"; write 7 or 1-3");
        }
        int first = Integer.parseInt(matcher.group(1));
        return new Range(first, matcher.group(2) == null ? first : Integer.parseInt(matcher.group(2)));
    }
}
