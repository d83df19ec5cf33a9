package dev.construir.queue;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SkippedEntryLogTest {
    @Test
    void aNameMakesOneLineWhateverItHolds() {
        assertThat(SkippedEntryLog.line("a\n2030-01-31T09:30:00Z done   b: \u001b[31mred"))
                .isEqualTo("a\\x0a2030-01-31T09:30:00Z done   b: \\x1b[31mred");
        assertThat(SkippedEntryLog.line("d/".repeat(4000) + ": File name too long"))
                .hasSizeLessThan(510)
                .startsWith("d/d/")
                .endsWith("/: File name too long");
    }
}
