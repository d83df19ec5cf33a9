package dev.construir.libvirt.domain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.construir.machine.Architecture;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class HostCapabilitiesTest {
    private static final String GUESTS = """
            <capabilities>
              <host>
                <cpu><arch>x86_64</arch><model>Nehalem</model></cpu>
                %s
              </host>
              <guest>
                <os_type>hvm</os_type>
                <arch name='x86_64'>
                  <machine>q35</machine>
                  <domain type='qemu'/>
                  <domain type='kvm'/>
                </arch>
              </guest>
              <guest>
                <os_type>hvm</os_type>
                <arch name='aarch64'><domain type='qemu'/></arch>
              </guest>
              <guest>
                <os_type>hvm</os_type>
                <arch name='sparc'><domain type='qemu'/></arch>
              </guest>
            </capabilities>
            """;

    private static HostCapabilities of(String models) throws IOException {
        return HostCapabilities.of(GUESTS.formatted(models));
    }

    @Test
    void capabilities_listDomainTypes() throws Exception {
        HostCapabilities host = of("");
        assertThat(host.offers(DomainType.KVM, Architecture.X86_64)).isTrue();
        assertThat(host.offers(DomainType.QEMU, Architecture.X86_64)).isTrue();
        assertThat(host.offers(DomainType.KVM, Architecture.AARCH64)).isFalse();
        assertThat(host.offers(DomainType.QEMU, Architecture.AARCH64)).isTrue();
        assertThat(HostCapabilities.of("<capabilities/>").offers(DomainType.QEMU, Architecture.X86_64))
                .isFalse();
    }

    @Test
    void labelsFiles_withASecurityModel() throws Exception {
        assertThat(of("").labelsFiles()).isFalse();
        assertThat(of("<secmodel><model>none</model></secmodel>").labelsFiles()).isFalse();
        assertThat(of("<secmodel><model>apparmor</model></secmodel><secmodel><model>dac</model></secmodel>")
                        .labelsFiles())
                .isTrue();
    }

    @Test
    void refusesWhatIsNoDescription() {
        assertThatThrownBy(() -> HostCapabilities.of("no XML")).isInstanceOf(IOException.class);
        assertThatThrownBy(
                        () -> HostCapabilities.of("<!DOCTYPE c [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><c>&x;</c>"))
                .isInstanceOf(IOException.class);
    }
}
