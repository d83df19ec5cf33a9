package dev.construir.machine;

import java.util.List;
import java.util.Optional;

/**
 * The result of a diagnosis: what works on this host and what does not.
 *
 * @param subject the backend's name
 * @param findings what was looked at, in the order in which one depends on the other
 * @since 0.1
 */
public record Diagnosis(String subject, List<Finding> findings) {
    /**
     * Copies the findings.
     *
     * @param subject see {@link #subject()}
     * @param findings see {@link #findings()}
     */
    public Diagnosis {
        findings = List.copyOf(findings);
    }

    /**
     * Returns whether the backend can run machines.
     *
     * @return whether no finding is {@link Verdict#MISSING}
     */
    public boolean isUsable() {
        return findings.stream().noneMatch(f -> f.verdict() == Verdict.MISSING);
    }

    /** What a finding means. */
    public enum Verdict {
        /** It works. */
        WORKS,
        /** It does not work, and machines run without it. */
        LIMITED,
        /** It does not work, and no machine can run. */
        MISSING
    }

    /**
     * One thing that was looked at.
     *
     * @param what the thing, for example {@code accelerator kvm}
     * @param verdict whether it works
     * @param detail what was tried and what came back
     * @param remedy what to do about it, where there is something to do
     */
    public record Finding(String what, Verdict verdict, String detail, Optional<String> remedy) {}
}
