package dev.construir.qemu.accelerator;

import com.google.gson.JsonObject;
import dev.construir.backend.InterruptDetection;
import dev.construir.machine.Architecture;
import dev.construir.machine.HypervisorException;
import dev.construir.machine.Preference;
import dev.construir.qemu.program.Accelerator;
import dev.construir.qemu.program.ProbeCache;
import dev.construir.qemu.program.QemuProgram;
import dev.construir.text.Reason;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Chooses accelerators. Hardware is believed in only after it ran a guest about as fast as the translator does: there are hosts whose
 * KVM opens, creates machines, and then takes thirty times as long or never comes to an end.
 *
 * <p>What a trial found out is remembered until QEMU, the device, or the host's boot changes. One that took too long is repeated, and
 * believed by no other process than this. Safe for use by many threads.
 */
public final class Accelerators {
    private static final int TRIAL = 3; // raised whenever the self-test's guest or the judgement of it changes
    private static final Duration REFERENCE_LIMIT = Duration.ofSeconds(30);
    private static final Duration LEAST_LIMIT = Duration.ofMillis(600);
    private static final int TIMES_THE_REFERENCE = 5;
    private static final String DEFECTIVE =
            "use a host whose hardware virtualisation works, or go on without it: machines run, and several times slower";

    private final Hardware hardware;
    private final Trial trial;
    private final ProbeCache facts;
    private final Map<String, HardwareVerdict> known = new HashMap<>();

    /**
     * Creates a chooser.
     *
     * @param hardware what there is to choose
     * @param trial tries it
     * @param facts remembers what came of it
     */
    public Accelerators(Hardware hardware, Trial trial, ProbeCache facts) {
        this.hardware = hardware;
        this.trial = trial;
        this.facts = facts;
    }

    /**
     * Chooses the accelerator for a machine.
     *
     * @param program the QEMU that will run it
     * @param policy how much the hardware is wanted
     * @return the choice
     * @throws HypervisorException if the hardware is required and does not work
     * @throws InterruptedException if the thread was interrupted
     */
    public AcceleratorChoice choose(QemuProgram program, Preference policy)
            throws HypervisorException, InterruptedException {
        if (policy == Preference.NEVER) {
            return new AcceleratorChoice(Accelerator.TCG, "hardware virtualisation is not wanted");
        }
        HardwareVerdict verdict = verdict(program);
        if (verdict.works()) {
            return new AcceleratorChoice(verdict.accelerator(), verdict.reason());
        }
        String name = verdict.accelerator().qemuName();
        if (policy == Preference.REQUIRE) {
            throw new HypervisorException("hardware virtualisation is required, and " + name + " does not work: "
                    + verdict.reason() + (verdict.remedy().isEmpty() ? "" : "; " + verdict.remedy()));
        }
        return new AcceleratorChoice(Accelerator.TCG, name + " does not work: " + verdict.reason());
    }

    /**
     * Finds out whether this host's hardware runs guests.
     *
     * @param program the QEMU that would run them
     * @return what was found
     * @throws InterruptedException if the thread was interrupted
     */
    public synchronized HardwareVerdict verdict(QemuProgram program) throws InterruptedException {
        Architecture guest = program.capabilities().architecture();
        Optional<HardwareVerdict> obstacle = hardware.obstacle(guest);
        if (obstacle.isPresent()) {
            return obstacle.get();
        }
        String name = factName(guest);
        String key = factKey(program);
        HardwareVerdict verdict = known.get(key);
        if (verdict == null) {
            Optional<HardwareVerdict> remembered = facts.recall(name, key, this::ofFact);
            verdict = remembered.isPresent() ? remembered.get() : tryOut(program, name, key);
            known.put(key, verdict);
        }
        return verdict;
    }

    /**
     * Forgets that the hardware runs guests, after it failed a machine: the next who wants it tries it anew.
     *
     * @param program the QEMU that ran the machine
     */
    public synchronized void forget(QemuProgram program) {
        known.remove(factKey(program));
        facts.forget(factName(program.capabilities().architecture()));
    }

    private String factName(Architecture guest) {
        return "accelerator-" + hardware.accelerator().qemuName() + "-"
                + guest.name().toLowerCase(Locale.ROOT);
    }

    private String factKey(QemuProgram program) {
        return "trial " + TRIAL + " " + program.fingerprint() + " "
                + program.capabilities().version() + " " + hardware.fingerprint();
    }

    private HardwareVerdict tryOut(QemuProgram program, String name, String key) throws InterruptedException {
        Accelerator accelerator = hardware.accelerator();
        try {
            Trial.Result reference = trial.run(program, Accelerator.TCG, REFERENCE_LIMIT);
            if (!reference.passed()) {
                return new HardwareVerdict(
                        accelerator, false, "its self-test does not even pass without it: " + reference.said(), "");
            }
            Trial.Result result = trial.run(program, accelerator, limit(reference.wall()));
            if (result.outcome() == Trial.Outcome.TIMED_OUT) {
                result = trial.run(program, accelerator, limit(reference.wall()));
            }
            HardwareVerdict verdict = judge(reference, result);
            if (result.outcome() != Trial.Outcome.TIMED_OUT) {
                facts.remember(name, key, toFact(verdict));
            }
            return verdict;
        } catch (IOException e) {
            InterruptDetection.check(e); // it says nothing about the hardware, and must not be remembered
            return new HardwareVerdict(accelerator, false, "its self-test could not be run: " + Reason.of(e), "");
        }
    }

    private HardwareVerdict judge(Trial.Result reference, Trial.Result result) {
        long emulated = reference.wall().toMillis();
        return result.passed()
                ? new HardwareVerdict(
                        hardware.accelerator(),
                        true,
                        "its self-test passed in " + result.wall().toMillis() + " ms (by emulation: " + emulated
                                + " ms)",
                        "")
                : new HardwareVerdict(
                        hardware.accelerator(),
                        false,
                        "its self-test failed, though emulation passes it in " + emulated + " ms: " + result.said(),
                        DEFECTIVE);
    }

    private static Duration limit(Duration reference) {
        Duration limit = reference.multipliedBy(TIMES_THE_REFERENCE);
        return limit.compareTo(LEAST_LIMIT) < 0 ? LEAST_LIMIT : limit;
    }

    private static JsonObject toFact(HardwareVerdict verdict) {
        JsonObject fact = new JsonObject();
        fact.addProperty("works", verdict.works());
        fact.addProperty("reason", verdict.reason());
        fact.addProperty("remedy", verdict.remedy());
        return fact;
    }

    private HardwareVerdict ofFact(JsonObject fact) {
        return new HardwareVerdict(
                hardware.accelerator(),
                fact.get("works").getAsBoolean(),
                fact.get("reason").getAsString(),
                fact.get("remedy").getAsString());
    }
}
