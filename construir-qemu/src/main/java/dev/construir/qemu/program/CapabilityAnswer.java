package dev.construir.qemu.program;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import dev.construir.machine.Architecture;
import dev.construir.machine.HypervisorException;
import dev.construir.qemu.process.ShortProcess;
import java.nio.file.Path;

/** Reads what a QEMU program answers when it is asked over QMP what it can do. */
final class CapabilityAnswer {
    private static final int OLDEST = 602; // 6.2: the first whose -device takes JSON

    private CapabilityAnswer() {}

    static Capabilities parse(Path binary, ShortProcess.Result result) throws HypervisorException {
        String target = "";
        String version = "";
        int release = 0;
        JsonArray options = new JsonArray();
        try {
            for (String line :
                    result.output().lines().filter(l -> l.startsWith("{")).toList()) {
                JsonObject object = JsonParser.parseString(line).getAsJsonObject();
                String id = object.has("id") ? object.get("id").getAsString() : "";
                if (object.has("QMP")) {
                    JsonObject told = object.getAsJsonObject("QMP").getAsJsonObject("version");
                    JsonObject qemu = told.getAsJsonObject("qemu");
                    release = qemu.get("major").getAsInt() * 100
                            + qemu.get("minor").getAsInt();
                    version = qemu.get("major") + "." + qemu.get("minor") + "." + qemu.get("micro");
                    String build = told.get("package").getAsString().strip();
                    version += build.isEmpty() ? "" : " (" + build.replaceAll("^\\(|\\)$", "") + ")";
                } else if (id.equals("target")) {
                    target = object.getAsJsonObject("return").get("arch").getAsString();
                } else if (id.equals("options")) {
                    options = object.getAsJsonArray("return");
                }
            }
        } catch (JsonParseException | IllegalStateException | ClassCastException | NullPointerException e) {
            throw new HypervisorException(binary + " answered what is no QMP: " + excerpt(result), e);
        }
        if (version.isEmpty() || target.isEmpty()) {
            throw new HypervisorException(binary + " did not tell what it can do: "
                    + result.status()
                            .map(s -> "it ended with status " + s)
                            .orElse("it was killed after " + result.wall())
                    + ", and wrote: " + excerpt(result));
        }
        if (release < OLDEST) {
            throw new HypervisorException(binary + " is QEMU " + version + "; 6.2 or newer is needed");
        }
        return new Capabilities(
                Architecture.of(target),
                version,
                has(options, "sandbox", "spawn"),
                has(options, "run-with", "exit-with-parent"));
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
        String text = result.output().strip();
        return text.length() <= 400 ? text : text.substring(text.length() - 400);
    }
}
