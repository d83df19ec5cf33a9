package dev.construir.command;

import dev.construir.machine.Diagnosis;
import dev.construir.machine.Diagnosis.Finding;
import dev.construir.terminal.JsonOutput;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The JSON of {@code doctor --json}. The schema is {@code docs/reference/schema/doctor.schema.json}. */
final class DoctorDocument {
    private DoctorDocument() {}

    /** Describes diagnoses, the first of which is the host's. */
    static Map<String, Object> of(List<Diagnosis> diagnoses, boolean usable) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("version", JsonOutput.VERSION);
        fields.put("usable", usable);
        fields.put("host", findings(diagnoses.get(0)));
        fields.put(
                "backends",
                diagnoses.stream().skip(1).map(DoctorDocument::backend).toList());
        return fields;
    }

    private static Map<String, Object> backend(Diagnosis diagnosis) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("name", diagnosis.subject());
        fields.put("usable", diagnosis.isUsable());
        fields.put("findings", findings(diagnosis));
        return fields;
    }

    private static List<Map<String, Object>> findings(Diagnosis diagnosis) {
        return diagnosis.findings().stream().map(DoctorDocument::finding).toList();
    }

    private static Map<String, Object> finding(Finding finding) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("what", finding.what());
        fields.put("verdict", finding.verdict().name().toLowerCase(Locale.ROOT));
        fields.put("detail", finding.detail());
        finding.remedy().ifPresent(remedy -> fields.put("remedy", remedy));
        return fields;
    }
}
