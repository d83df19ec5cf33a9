package dev.construir.qemu.program;

import dev.construir.machine.Architecture;

/**
 * What a QEMU program can do.
 *
 * @param architecture the guests it runs
 * @param version its version as it reports it, for example {@code 7.2.22 (Debian 1:7.2+dfsg-7+deb12u18)}
 * @param sandbox whether it can forbid itself what a machine has no need of, by seccomp
 * @param exitWithParent whether it can end itself when its parent ends
 */
public record Capabilities(Architecture architecture, String version, boolean sandbox, boolean exitWithParent) {}
