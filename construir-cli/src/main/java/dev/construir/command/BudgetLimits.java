package dev.construir.command;

import dev.construir.DataSize;
import dev.construir.machine.MachineBudget;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * What {@code --budget} asks for.
 *
 * @param text as it was given
 * @param change what makes it of the hypervisor's budget
 */
public record BudgetLimits(String text, UnaryOperator<MachineBudget> change) {
    /** The hypervisor's budget as it is. */
    public static final BudgetLimits DEFAULT = new BudgetLimits("default", UnaryOperator.identity());

    /**
     * Reads {@code none}, or limits such as {@code machines=4,memory=8G,cpus=4}.
     *
     * @throws IllegalArgumentException if it is neither
     */
    static BudgetLimits parse(String text) {
        if (text.equalsIgnoreCase("none")) {
            return new BudgetLimits(text, budget -> MachineBudget.unlimited());
        }
        UnaryOperator<MachineBudget> change = UnaryOperator.identity();
        Set<String> seen = new HashSet<>();
        for (String part : text.split(",", -1)) {
            int equals = part.indexOf('=');
            String name = part.substring(0, Math.max(0, equals)).strip().toLowerCase(Locale.ROOT);
            if (!seen.add(name)) {
                throw new IllegalArgumentException("the budget \"" + text + "\" has " + name + "= twice");
            }
            UnaryOperator<MachineBudget> before = change;
            UnaryOperator<MachineBudget> next =
                    limit(name, part.substring(equals + 1).strip(), text);
            change = budget -> next.apply(before.apply(budget));
        }
        MachineBudget unused = change.apply(MachineBudget.unlimited()); // its values are checked here
        return new BudgetLimits(text, change);
    }

    private static UnaryOperator<MachineBudget> limit(String name, String value, String text) {
        return switch (name) {
            case "machines" -> withMachines(number(name, value));
            case "memory" -> withMemory(DataSize.parse(value));
            case "cpus" -> withCpus(number(name, value));
            default ->
                throw new IllegalArgumentException("not a budget: \"" + text
                        + "\"; write none, or limits with commas between them: machines=N, memory=SIZE, cpus=N");
        };
    }

    private static UnaryOperator<MachineBudget> withMachines(int machines) {
        return budget -> budget.withMachines(machines);
    }

    private static UnaryOperator<MachineBudget> withMemory(DataSize memory) {
        return budget -> budget.withMemory(memory);
    }

    private static UnaryOperator<MachineBudget> withCpus(int cpus) {
        return budget -> budget.withCpus(cpus);
    }

    private static int number(String name, String value) {
        try {
            return Integer.parseInt(value);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("not a number of " + name + ": \"" + value + "\"", e);
        }
    }

    MachineBudget of(MachineBudget hypervisors) {
        return change.apply(hypervisors);
    }

    /** Returns what was asked for. */
    @Override
    public String toString() {
        return text;
    }
}
