package dev.construir.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.construir.DataSize;
import dev.construir.machine.MachineBudget;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BudgetLimitsTest {
    private static final MachineBudget HOSTS = MachineBudget.of(9, DataSize.ofGibibytes(9), 9);

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "none                          | any number of machines",
                "machines=2                    | 2 machines, 9 processors and 9216M of memory",
                "memory=512M                   | 9 machines, 9 processors and 512M of memory",
                "cpus=1                        | 9 machines, 1 processor and 9216M of memory",
                "'CPUS=3, machines=1,memory=1G' | 1 machine, 3 processors and 1024M of memory"
            })
    void whatIsLeftOutIsTheHypervisors(String text, String expected) {
        assertThat(BudgetLimits.parse(text).of(HOSTS)).hasToString(expected);
    }

    @Test
    void byDefaultItIsTheHypervisors() {
        assertThat(BudgetLimits.DEFAULT.of(HOSTS)).isSameAs(HOSTS);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "''                    | write none, or limits with commas between them",
                "4                     | write none, or limits with commas between them",
                "machines=1,           | write none, or limits with commas between them",
                "disks=4               | write none, or limits with commas between them",
                "'machines=1,machines=2' | has machines= twice",
                "machines=many         | not a number of machines: \"many\"",
                "machines=0            | at least one machine, one processor and some memory, not 0 machines",
                "cpus=-1               | at least one machine, one processor and some memory, not -1 processors",
                "memory=much           | not a data size: \"much\"",
                "memory=0              | at least one machine, one processor and some memory, not"
            })
    void everythingElseIsRefusedByName(String text, String why) {
        assertThatThrownBy(() -> BudgetLimits.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(why);
    }
}
