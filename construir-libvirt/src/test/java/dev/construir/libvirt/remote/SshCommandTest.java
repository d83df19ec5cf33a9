package dev.construir.libvirt.remote;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.construir.libvirt.remote.SshCommand.Forward;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class SshCommandTest {
    private static final Forward CONSOLE = new Forward(Path.of("/s/m-1/cr"), Path.of("/s/m-1/c"));

    private static List<String> words(String uri) {
        List<String> words = SshCommand.of(URI.create(uri), List.of(CONSOLE));
        return words.subList(0, words.size() - 1); // the script is tried by running it
    }

    @Test
    void reachesAHostAsLibvirtDoes() {
        assertThat(
                        words(
                                "qemu+ssh://me@build.example:2222/system?keyfile=/k%20ey&no_verify=1&command=/opt/ssh&no_tty=1"))
                .containsExactly(
                        "/opt/ssh",
                        "-T",
                        "-o",
                        "BatchMode=yes",
                        "-o",
                        "ExitOnForwardFailure=yes",
                        "-o",
                        "ConnectTimeout=20",
                        "-o",
                        "ServerAliveInterval=5",
                        "-o",
                        "StrictHostKeyChecking=no",
                        "-i",
                        "/k ey",
                        "-p",
                        "2222",
                        "-l",
                        "me",
                        "-R",
                        "/s/m-1/cr:/s/m-1/c",
                        "--",
                        "build.example");
    }

    @Test
    void verifiesHostsUnlessToldOtherwise() {
        assertThat(words("qemu+ssh://[::1]/session"))
                .startsWith("ssh")
                .endsWith("--", "::1")
                .doesNotContain("StrictHostKeyChecking=no", "-p", "-l", "-i");
    }

    @Test
    void reaches_onlyAddressesWithSsh() {
        assertThat(SshCommand.reaches(URI.create("qemu+ssh://host/system"))).isTrue();
        assertThat(SshCommand.reaches(URI.create("qemu+tls://host/system"))).isFalse();
        assertThat(SshCommand.reaches(URI.create("qemu:///system"))).isFalse();
    }

    @Test
    void refusesWhatSshWouldMisunderstand() {
        Forward colon = new Forward(Path.of("/s/a:b/cr"), Path.of("/s/a:b/c"));
        assertThatThrownBy(() -> SshCommand.of(URI.create("qemu+ssh://host/system"), List.of(colon)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("':'");
    }
}
