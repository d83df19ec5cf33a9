package dev.construir.qemu.program;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.construir.machine.Architecture;
import dev.construir.machine.HypervisorException;
import dev.construir.qemu.process.ShortProcess;
import java.nio.file.Path;

/** Reads what a QEMU program answers when it is asked over QMP what it can do. */
final class CapabilityAnswer {
    private static final int OLDEST = 602; // 6.2: the first whose -device takes JSON

    private static final String REMEDY = "; see that it is QEMU 6.2 or newer and runs by itself: try it with --version";

    private CapabilityAnswer() {}

    static Capabilities parse(Path binary, ShortProcess.Result result) throws HypervisorException {
        String target = "";
        String version = "";
        int release = 0;
        boolean sandbox = false;
        boolean exitWithParent = false;
        try {
            for (String line :
                    result.output().lines().filter(l -> l.startsWith("{")).toList()) {
                JsonObject object = JsonParser.parseString(line).getAsJsonObject();
                String id = object.has("id") ? object.get("id").getAsString() : "";
                if (object.has("QMP")) {
                    JsonObject reported = object.getAsJsonObject("QMP").getAsJsonObject("version");
                    JsonObject qemu = reported.getAsJsonObject("qemu");
                    release = qemu.get("major").getAsInt() * 100
                            + qemu.get("minor").getAsInt();
                    version = qemu.get("major") + "." + qemu.get("minor") + "." + qemu.get("micro");
                    String build = reported.get("package").getAsString().strip();
                    version += build.isEmpty() ? "" : " (" + build.replaceAll("^\\(|\\)$", "") + ")";
                } else if (id.equals("target")) {
                    target = object.getAsJsonObject("return").get("arch").getAsString();
                } else if (id.equals("options")) {
                    JsonArray options = object.getAsJsonArray("return");
                    sandbox = has(options, "sandbox", "spawn");
                    exitWithParent = has(options, "run-with", "exit-with-parent");
                }
            }
        } catch (RuntimeException e) { // what is of another type than it should be shows in many ways
            throw new HypervisorException(
                    binary + " was asked over QMP what it can do, and answered what is no QMP: " + excerpt(result)
                            + REMEDY,
                    e);
        }
        if (version.isEmpty() || target.isEmpty()) {
            throw new HypervisorException(binary + " was asked over QMP what it can do, and did not tell: "
                    + result.status()
                            .map(s -> "it ended with status " + s)
                            .orElse("it was killed after " + result.wall().toMillis() + " ms")
                    + (result.output().isBlank() ? " and wrote nothing" : ", and wrote: " + excerpt(result))
                    + (result.output().contains("Resource temporarily unavailable")
                            ? "; this user may not have more threads: raise ulimit -u"
                            : REMEDY));
        }
        if (release < OLDEST) {
            throw new HypervisorException(binary + " is QEMU " + version
                    + ", which is too old: 6.2 or newer is needed; upgrade it, or name another one");
        }
        return new Capabilities(architecture(binary, target), version, sandbox, exitWithParent);
    }

    private static Architecture architecture(Path binary, String target) throws HypervisorException {
        try {
            return Architecture.of(target);
        } catch (IllegalArgumentException e) {
            throw new HypervisorException(
                    binary + " is QEMU for guests of another kind: " + e.getMessage() + "; name another one", e);
        }
    }

    private static boolean has(JsonArray options, String name, String parameter) {
        for (JsonElement option : options) {
            if (option.getAsJsonObject().get("option").getAsString().equals(name)) {
                for (JsonElement p : option.getAsJsonObject().getAsJsonArray("parameters")) {
                    if (p.getAsJsonObject().get("name").getAsString().equals(parameter)) {
                        return true;
                    }
                }
            }
        }
        return false;
    }

    private static String excerpt(ShortProcess.Result result) {
        String text = result.output().strip().replaceAll("\\s+", " ");
        return text.length() <= 400 ? text : text.substring(text.length() - 400);
    }
}
