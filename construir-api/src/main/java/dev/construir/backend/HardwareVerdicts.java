package dev.construir.backend;

import dev.construir.backend.HardwareTrial.Execution;
import dev.construir.backend.HardwareTrial.Outcome;
import dev.construir.backend.HardwareTrial.Result;
import dev.construir.text.Reason;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Finds out by trials whether hardware virtualisation works, and remembers the verdicts. The hardware passes only if it
 * runs a guest about as fast as emulation does: on some hosts its device opens and creates machines, and their guests
 * then take thirty times as long or never end.
 *
 * <p>A verdict is valid until its key changes. A trial that takes too long is repeated once; if it takes too long
 * again, only this object remembers the verdict, and the next process tries anew. Safe for use by many threads, one of
 * which runs a trial at a time.
 *
 * @since 0.1
 */
public final class HardwareVerdicts {
    private static final int JUDGEMENT = 4; // part of every key; raise it when the guest or the judgement changes
    private static final Duration REFERENCE_LIMIT = Duration.ofSeconds(30);
    private static final Duration LEAST_LIMIT = Duration.ofMillis(600);
    private static final int TIMES_THE_REFERENCE = 5;
    private static final String USE_ANOTHER_HOST =
            "use a host whose hardware virtualisation works, or go on without it: machines run, and several times slower";

    private final ProbeCache cache;
    private final Map<String, Known> known = new HashMap<>();

    private record Known(String key, HardwareVerdict verdict) {}

    /**
     * Creates a set of verdicts.
     *
     * @param cache remembers them across processes
     */
    public HardwareVerdicts(ProbeCache cache) {
        this.cache = cache;
    }

    /**
     * Returns the verdict on a host's hardware, by a trial if none is known.
     *
     * @param name the verdict's name: letters, digits, {@code _} and {@code -}
     * @param key what the verdict depends on, for example the hypervisor's version and the host's boot
     * @param trial runs a guest
     * @return the verdict
     * @throws InterruptedException if the thread was interrupted
     */
    public synchronized HardwareVerdict of(String name, String key, HardwareTrial trial) throws InterruptedException {
        Known before = known.get(name);
        if (before != null && before.key.equals(key)) {
            return before.verdict;
        }
        Optional<HardwareVerdict> remembered = cache.recall(
                name,
                versioned(key),
                values -> new HardwareVerdict(values.flag("works"), values.text("reason"), values.text("remedy")));
        HardwareVerdict verdict = remembered.isPresent() ? remembered.get() : find(name, key, trial);
        known.put(name, new Known(key, verdict));
        return verdict;
    }

    /**
     * Forgets a verdict after the hardware failed a machine. The next call of {@link #of} runs a trial.
     *
     * @param name the verdict's name
     */
    public synchronized void forget(String name) {
        known.remove(name);
        cache.forget(name);
    }

    private HardwareVerdict find(String name, String key, HardwareTrial trial) throws InterruptedException {
        try {
            Result reference = trial.run(Execution.EMULATION, REFERENCE_LIMIT);
            if (!reference.passed()) {
                return HardwareVerdict.against(
                        "its self-test does not even pass without it: " + reference.detail(), "");
            }
            Result result = trial.run(Execution.HARDWARE, limit(reference.time()));
            if (result.outcome() == Outcome.TIMED_OUT) {
                result = trial.run(Execution.HARDWARE, limit(reference.time()));
            }
            HardwareVerdict verdict = judge(reference, result);
            if (result.outcome() != Outcome.TIMED_OUT) {
                cache.remember(
                        name,
                        versioned(key),
                        Map.of(
                                "works", Boolean.toString(verdict.works()),
                                "reason", verdict.reason(),
                                "remedy", verdict.remedy()));
            }
            return verdict;
        } catch (IOException e) {
            InterruptDetection.check(e); // says nothing about the hardware, and must not be remembered
            return HardwareVerdict.against("its self-test could not be run: " + Reason.of(e), "");
        }
    }

    private static HardwareVerdict judge(Result reference, Result result) {
        long emulated = reference.time().toMillis();
        return result.passed()
                ? new HardwareVerdict(
                        true,
                        "its self-test passed in " + result.time().toMillis() + " ms (by emulation: " + emulated
                                + " ms)",
                        "")
                : HardwareVerdict.against(
                        "its self-test failed, though emulation passes it in " + emulated + " ms: " + result.detail(),
                        USE_ANOTHER_HOST);
    }

    private static Duration limit(Duration reference) {
        Duration limit = reference.multipliedBy(TIMES_THE_REFERENCE);
        return limit.compareTo(LEAST_LIMIT) < 0 ? LEAST_LIMIT : limit;
    }

    private static String versioned(String key) {
        return "judgement " + JUDGEMENT + " " + key;
    }

    /** Returns where the verdicts are remembered. */
    @Override
    public String toString() {
        return "hardware verdicts, remembered in the " + cache;
    }
}
