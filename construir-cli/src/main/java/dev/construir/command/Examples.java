package dev.construir.command;

import java.util.List;
import java.util.Map;
import picocli.CommandLine.Help;
import picocli.CommandLine.IHelpSectionRenderer;

/** The examples in the help of each command. */
final class Examples implements IHelpSectionRenderer {
    /** The name of their section in help. */
    static final String SECTION = "construirExamples";

    private static final Map<String, List<String>> ALL = Map.ofEntries(
            Map.entry("construir", List.of("construir run myjob")),
            Map.entry(
                    "construir run",
                    List.of(
                            "construir run -o results myjob",
                            "construir run -m 2G --timeout 30m --script 'make check' sources",
                            "construir run --json -q job.img")),
            Map.entry(
                    "construir exec",
                    List.of(
                            "construir exec -- cc --version",
                            "tar -c . | construir exec -i -- sh -c 'tar -x && make'")),
            Map.entry("construir sandbox", List.of("construir sandbox open work")),
            Map.entry("construir sandbox open", List.of("construir sandbox open work --idle-timeout 20m -m 1G")),
            Map.entry("construir sandbox exec", List.of("construir sandbox exec -w /work work make check")),
            Map.entry(
                    "construir sandbox cp",
                    List.of("construir sandbox cp src work:/work", "construir sandbox cp work:/work/report out")),
            Map.entry("construir sandbox ls", List.of("construir sandbox ls")),
            Map.entry("construir sandbox close", List.of("construir sandbox close work")),
            Map.entry("construir shell", List.of("construir shell --root debian --network")),
            Map.entry(
                    "construir watch",
                    List.of(
                            "construir watch --jobs 2 /srv/jobs",
                            "construir watch -m 1G --max-memory 8G --allow-network /srv/jobs")),
            Map.entry(
                    "construir pack",
                    List.of("construir pack myjob -o job.img", "tar -c . | construir pack - -o job.img --size 4G")),
            Map.entry("construir ls", List.of("construir ls -R job.img", "construir ls --partitions disk.qcow2")),
            Map.entry("construir cat", List.of("construir cat job.img construir.log")),
            Map.entry("construir extract", List.of("construir extract job.img.xz build -o out")),
            Map.entry("construir put", List.of("construir put --mode 755 job.img fixed.sh bin/construir")),
            Map.entry("construir rm", List.of("construir rm job.img src/old.c src/old.h")),
            Map.entry("construir doctor", List.of("construir doctor --hypervisor libvirt:qemu:///system")),
            Map.entry("construir image", List.of("construir image build --arch arm64")),
            Map.entry(
                    "construir image build",
                    List.of("construir image build --include cmake,ninja-build -o debian-cmake")),
            Map.entry("construir image shell", List.of("construir image shell debian --commit debian-changed")),
            Map.entry("construir help", List.of("construir help image shell")),
            Map.entry(
                    "construir completion",
                    List.of(
                            "construir completion bash > ~/.local/share/bash-completion/completions/construir",
                            "construir completion zsh > ~/.construir-completion && source ~/.construir-completion")));

    /** Returns the examples of a command, such as {@code construir image shell}. */
    static List<String> of(String command) {
        return ALL.getOrDefault(command, List.of());
    }

    @Override
    public String render(Help help) {
        List<String> examples = of(help.commandSpec().qualifiedName());
        if (examples.isEmpty()) {
            return "";
        }
        StringBuilder text =
                new StringBuilder(help.createHeading(examples.size() == 1 ? "%nExample:%n" : "%nExamples:%n"));
        examples.forEach(example -> text.append("  ").append(example).append(System.lineSeparator()));
        return text.toString();
    }
}
