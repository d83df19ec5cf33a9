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
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code construir doctor}: tells what works on this host. */
@Command(
        name = "doctor",
        description = {
            "Tells what works on this host and what does not.",
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

    private final Streams streams;
    private final Environment surroundings;
    private final Backends backends;

    DoctorCommand(Streams streams, Environment surroundings, Backends backends) {
        this.streams = streams;
        this.surroundings = surroundings;
        this.backends = backends;
    }

    @Override
    public Integer call() {
        PrintStream out = new PrintStream(streams.out(), true, StandardCharsets.UTF_8);
        List<Plugin> found = backends.plugins(plugins.plugins());
        List<Finding> host = new ArrayList<>(List.of(java(), image(), scratch()));
        host.addAll(plugins(found));
        print(out, new Diagnosis("host", host));
        boolean usable = false;
        List<String> names = hypervisor
                .map(List::of)
                .orElseGet(() -> Stream.concat(
                                backends.own().stream(), found.stream().flatMap(plugin -> plugin.providers().stream()))
                        .map(HypervisorProvider::name)
                        .toList());
        for (String name : names) {
            Diagnosis diagnosis = diagnose(name);
            print(out, diagnosis);
            usable |= diagnosis.usable();
        }
        out.println(usable ? "Machines can be run here." : "No machine can be run here.");
        return usable ? 0 : ExitCode.FAILED;
    }

    private Diagnosis diagnose(String name) {
        try (Hypervisor backend = backends.create(name, plugins.plugins(), surroundings.scratch())) {
            return backend.diagnose();
        } catch (HypervisorException e) {
            return new Diagnosis(
                    name, List.of(new Finding("backend", Verdict.MISSING, Failures.describe(e), Optional.empty())));
        }
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

    private static void print(PrintStream out, Diagnosis diagnosis) {
        out.println(diagnosis.subject());
        for (Finding finding : diagnosis.findings()) {
            String verdict = finding.verdict().name().toLowerCase(Locale.ROOT);
            out.println(
                    String.format("  %-8s %s: %s", verdict, finding.what(), TerminalFilter.plain(finding.detail())));
            finding.remedy().ifPresent(remedy -> out.println("           -> " + TerminalFilter.plain(remedy)));
        }
        out.println();
    }
}
