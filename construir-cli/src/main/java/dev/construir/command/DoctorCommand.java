package dev.construir.command;

import dev.construir.ConstruirException;
import dev.construir.image.RootImage;
import dev.construir.machine.Architecture;
import dev.construir.machine.Diagnosis;
import dev.construir.machine.Diagnosis.Finding;
import dev.construir.machine.Diagnosis.Verdict;
import dev.construir.machine.Hypervisor;
import dev.construir.machine.HypervisorException;
import dev.construir.machine.HypervisorProvider;
import dev.construir.terminal.Environment;
import dev.construir.terminal.ExitCode;
import dev.construir.terminal.Failures;
import dev.construir.terminal.Formats;
import dev.construir.terminal.JsonOutput;
import dev.construir.terminal.Streams;
import dev.construir.terminal.TerminalFilter;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code construir doctor}: diagnoses this host. */
@Command(
        name = "doctor",
        description = {
            "Shows what works on this host and what does not.",
            "With the reason and the remedy, one backend after the other.",
            "Ends with 0 if a machine can be run, else with 125.",
            ""
        })
final class DoctorCommand implements Callable<Integer> {
    @Option(
            names = "--hypervisor",
            paramLabel = "NAME[:URI]",
            description = "Looks at this one only, for example libvirt:qemu:///system. Default: at all there are.")
    private Optional<String> hypervisor = Optional.empty();

    @Mixin
    private final PluginOption plugins = new PluginOption();

    @Option(
            names = {"-v", "--verbose"},
            negatable = true,
            fallbackValue = "true",
            description = "Shows in full what libraries and other programs said.")
    private boolean verbose;

    @Option(names = "--json", description = "Writes the findings to stdout as one JSON object instead, in full.")
    private boolean json;

    private final Streams streams;
    private final Environment surroundings;
    private final Backends backends;

    DoctorCommand(Streams streams, Environment surroundings, Backends backends) {
        this.streams = streams;
        this.surroundings = surroundings;
        this.backends = backends;
    }

    @Override
    public Integer call() throws IOException {
        List<Plugin> found = backends.plugins(plugins.plugins());
        List<Finding> host = new ArrayList<>(List.of(java(), image(), scratch(), settings()));
        host.addAll(plugins(found));
        List<Diagnosis> all = new ArrayList<>();
        Consumer<Diagnosis> report = json ? all::add : this::print;
        report.accept(new Diagnosis("host", host));
        boolean usable = false;
        for (String name : names(found)) {
            Diagnosis diagnosis = diagnose(name);
            report.accept(diagnosis);
            usable |= diagnosis.isUsable();
        }
        if (json) {
            try (JsonOutput out = new JsonOutput(streams.out())) {
                out.write(DoctorDocument.of(all, usable));
            }
        } else {
            out().println(usable ? "Machines can be run here." : "No machine can be run here.");
        }
        return usable ? 0 : ExitCode.FAILED;
    }

    private PrintStream out() {
        return new PrintStream(streams.out(), true, StandardCharsets.UTF_8);
    }

    private List<String> names(List<Plugin> found) {
        return hypervisor
                .map(List::of)
                .orElseGet(() -> Stream.concat(
                                backends.own().stream(), found.stream().flatMap(plugin -> plugin.providers().stream()))
                        .map(HypervisorProvider::name)
                        .toList());
    }

    private Diagnosis diagnose(String name) {
        try (Hypervisor backend = backends.create(name, plugins.plugins(), surroundings.scratch())) {
            return backend.diagnose();
        } catch (HypervisorException e) {
            return failed(name, Failures.describe(e));
        } catch (RuntimeException | LinkageError e) { // a plugin may do anything
            return failed(name, "its diagnosis failed: " + e);
        }
    }

    private static Diagnosis failed(String name, String why) {
        return new Diagnosis(name, List.of(new Finding("backend", Verdict.MISSING, why, Optional.empty())));
    }

    private List<Finding> plugins(List<Plugin> found) {
        if (found.isEmpty()) {
            String places = backends.directories().stream().map(Path::toString).collect(Collectors.joining(" or "));
            return List.of(new Finding("plugins", Verdict.WORKS, "none in " + places, Optional.empty()));
        }
        return found.stream().map(DoctorCommand::finding).toList();
    }

    private static Finding finding(Plugin plugin) {
        return plugin.fault()
                .map(fault -> new Finding("plugin", Verdict.MISSING, fault, Optional.of("mend it, or take it away")))
                .orElseGet(() -> new Finding(
                        "plugin",
                        Verdict.WORKS,
                        plugin.place() + ": "
                                + plugin.providers().stream()
                                        .map(HypervisorProvider::name)
                                        .collect(Collectors.joining(", ")),
                        Optional.empty()));
    }

    private Finding settings() {
        String file = Settings.file(surroundings.environment())
                .map(path -> Files.exists(path) ? path.toString() : "none in " + path)
                .orElse("none");
        return new Finding("configuration file", Verdict.WORKS, file, Optional.empty());
    }

    private static Finding java() {
        return new Finding(
                "java",
                Verdict.WORKS,
                System.getProperty("java.version") + " (" + System.getProperty("java.vendor") + ") on "
                        + System.getProperty("os.name") + " " + System.getProperty("os.version") + " "
                        + System.getProperty("os.arch"),
                Optional.empty());
    }

    private Finding image() {
        Path path = surroundings.debian(Architecture.X86_64);
        try {
            RootImage image = RootImage.in(path);
            return new Finding("root image", Verdict.WORKS, image.name() + " in " + path, Optional.empty());
        } catch (ConstruirException e) {
            boolean damaged = Files.exists(path);
            return new Finding(
                    "root image",
                    Verdict.LIMITED,
                    damaged ? Failures.describe(e) : "not built yet: " + path,
                    Optional.of(
                            damaged
                                    ? "remove what " + path + " leads to, and construir run builds it again"
                                    : "construir run builds it when it is needed, or: construir image build"));
        }
    }

    private Finding scratch() {
        Path root = surroundings.scratch();
        Path existing = root;
        while (!Files.exists(existing) && existing.getParent() != null) {
            existing = existing.getParent();
        }
        try {
            long free = Files.getFileStore(existing).getUsableSpace();
            return new Finding("scratch", Verdict.WORKS, root + ", " + Formats.bytes(free) + " free", Optional.empty());
        } catch (IOException e) {
            return new Finding(
                    "scratch",
                    Verdict.LIMITED,
                    root + ": " + Failures.describe(e),
                    Optional.of("name another one with --scratch"));
        }
    }

    private void print(Diagnosis diagnosis) {
        PrintStream out = out();
        out.println(diagnosis.subject());
        for (Finding finding : diagnosis.findings()) {
            String verdict = finding.verdict().name().toLowerCase(Locale.ROOT);
            String detail = verbose ? finding.detail() : FailureSummary.of(finding.detail());
            out.println(String.format("  %-8s %s: %s", verdict, finding.what(), TerminalFilter.plain(detail)));
            finding.remedy().ifPresent(remedy -> out.println("           -> " + TerminalFilter.plain(remedy)));
        }
        out.println();
    }
}
