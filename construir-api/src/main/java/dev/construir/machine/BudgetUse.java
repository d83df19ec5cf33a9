package dev.construir.machine;

import dev.construir.DataSize;
import java.util.ArrayList;
import java.util.List;

/** What machines use of a budget, or may. */
record BudgetUse(int machines, long memory, int cpus) {
    static final BudgetUse NOTHING = new BudgetUse(0, 0, 0);

    BudgetUse plus(BudgetUse other) {
        return new BudgetUse(
                (int) Math.min(Integer.MAX_VALUE, (long) machines + other.machines),
                memory > Long.MAX_VALUE - other.memory ? Long.MAX_VALUE : memory + other.memory,
                (int) Math.min(Integer.MAX_VALUE, (long) cpus + other.cpus));
    }

    BudgetUse minus(BudgetUse other) {
        return new BudgetUse(machines - other.machines, memory - other.memory, cpus - other.cpus);
    }

    BudgetUse atMost(BudgetUse limit) {
        return new BudgetUse(
                Math.min(machines, limit.machines), Math.min(memory, limit.memory), Math.min(cpus, limit.cpus));
    }

    boolean fitsIn(BudgetUse limit) {
        return machines <= limit.machines && memory <= limit.memory && cpus <= limit.cpus;
    }

    /** Names what is bounded. */
    String describe() {
        List<String> parts = new ArrayList<>();
        if (machines != Integer.MAX_VALUE) {
            parts.add(machines + (machines == 1 ? " machine" : " machines"));
        }
        if (cpus != Integer.MAX_VALUE) {
            parts.add(cpus + (cpus == 1 ? " processor" : " processors"));
        }
        if (memory != Long.MAX_VALUE) {
            parts.add(size() + " of memory");
        }
        int last = parts.size() - 1;
        return switch (parts.size()) {
            case 0 -> "any number of machines";
            case 1 -> parts.get(0);
            default -> String.join(", ", parts.subList(0, last)) + " and " + parts.get(last);
        };
    }

    private String size() {
        return memory < 1 << 20 ? DataSize.ofBytes(memory).toString() : (memory >> 20) + "M";
    }
}
