package dev.construir.command;

import dev.construir.machine.MachineInfo;
import dev.construir.report.RunFields;
import dev.construir.run.JobResult;
import dev.construir.run.Outcome;
import dev.construir.terminal.JsonOutput;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The JSON of {@code run --json}. Fields that a queue's record has too have the same name and meaning. Sizes are in
 * bytes, durations in seconds. The schema is {@code docs/reference/schema/run.schema.json}.
 */
final class RunDocument {
    private RunDocument() {}

    /** Describes a run that could not be carried out. */
    static Map<String, Object> failure(String why, int exitCode) {
        Map<String, Object> fields = begin(exitCode);
        fields.put("error", why);
        return fields;
    }

    /** Describes a run that has ended. */
    static Map<String, Object> of(JobResult result, int exitCode) {
        Outcome outcome = result.outcome();
        Map<String, Object> fields = begin(exitCode);
        fields.put("name", result.job().name());
        fields.put("run", result.runId());
        fields.put("outcome", RunFields.outcome(outcome));
        fields.put("success", outcome.isSuccess());
        fields.put("conclusive", outcome.isConclusive());
        fields.put("exitCode", outcome.exitCode());
        fields.put("description", outcome.describe());
        fields.put("hints", result.hints());
        fields.put("droppedOutput", result.droppedOutput());
        result.machine().ifPresent(machine -> fields.put("machine", machine(machine)));
        fields.put("seconds", RunFields.seconds(result.timings()));
        fields.put("usage", RunFields.usage(result.usage()));
        return fields;
    }

    private static Map<String, Object> begin(int exitCode) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("version", JsonOutput.VERSION);
        fields.put("commandExitCode", exitCode);
        return fields;
    }

    private static Map<String, Object> machine(MachineInfo machine) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("hypervisor", machine.hypervisor());
        fields.put("hypervisorVersion", machine.version());
        fields.put("accelerator", machine.accelerator());
        fields.put("acceleratorReason", machine.acceleratorReason());
        fields.put("warm", machine.warm());
        machine.whyNotWarm().ifPresent(why -> fields.put("whyNotWarm", why));
        return fields;
    }
}
