package dev.construir.libvirt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.ArgumentMatchers.eq;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.never;
import static org.mockito.Mockito.times;
import static org.mockito.Mockito.verify;
import static org.mockito.Mockito.when;

import dev.construir.DataSize;
import dev.construir.ImageFormat;
import dev.construir.backend.HardwareTrial.Outcome;
import dev.construir.backend.HardwareTrial.Result;
import dev.construir.backend.HardwareVerdicts;
import dev.construir.backend.ProbeCache;
import dev.construir.libvirt.domain.DomainType;
import dev.construir.libvirt.domain.HostCapabilities;
import dev.construir.machine.Architecture;
import dev.construir.machine.Boot;
import dev.construir.machine.CacheMode;
import dev.construir.machine.Disk;
import dev.construir.machine.HypervisorException;
import dev.construir.machine.MachineSpec;
import dev.construir.machine.Network;
import dev.construir.machine.Preference;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DomainTypesTest {
    private static final Duration FAST = Duration.ofMillis(150);
    private static final Duration LIMIT = Duration.ofMillis(750);

    @TempDir
    Path directory;

    private final DomainTypeTrial trial = mock(DomainTypeTrial.class);

    @BeforeEach
    void hostWithBoth() throws Exception {
        host("this host", DomainType.QEMU, DomainType.KVM);
        result(DomainType.QEMU, Outcome.PASSED, FAST);
    }

    private void host(String fingerprint, DomainType... offered) {
        HostCapabilities capabilities = new HostCapabilities(Map.of(Architecture.X86_64, Set.of(offered)), true);
        when(trial.host()).thenReturn(new LibvirtHost("9.0.0 (QEMU 7.2.22)", capabilities, fingerprint));
    }

    private void result(DomainType type, Outcome outcome, Duration time) throws Exception {
        when(trial.run(any(), eq(type), any())).thenReturn(new Result(outcome, time, "it said no"));
    }

    private DomainTypes types() {
        return new DomainTypes(new HardwareVerdicts(new ProbeCache(directory)));
    }

    private static MachineSpec spec(Preference hardware) {
        return new MachineSpec(
                "test",
                Architecture.X86_64,
                1,
                DataSize.ofMebibytes(64),
                new Boot.Firmware(),
                List.of(Disk.copyOnWrite(Path.of("root.img"), ImageFormat.RAW)),
                Network.NONE,
                hardware,
                Preference.NEVER,
                CacheMode.WRITEBACK);
    }

    private void assertTrials(int count) throws Exception {
        verify(trial, times(count)).run(any(), eq(DomainType.KVM), any());
    }

    @Test
    void whatIsNotWantedIsNotTried() throws Exception {
        assertThat(types().choose(spec(Preference.NEVER), trial).type()).isEqualTo(DomainType.QEMU);
        verify(trial, never()).run(any(), any(), any());
    }

    @Test
    void whatPassesIsUsedAndNotTriedAgainByAnybody() throws Exception {
        result(DomainType.KVM, Outcome.PASSED, FAST);
        DomainTypes types = types();
        assertThat(types.choose(spec(Preference.PREFER), trial).type()).isEqualTo(DomainType.KVM);
        assertThat(types.choose(spec(Preference.REQUIRE), trial).type()).isEqualTo(DomainType.KVM);
        assertThat(types().choose(spec(Preference.PREFER), trial).reason()).contains("passed in 150 ms");
        verify(trial, times(1)).run(any(), eq(DomainType.KVM), eq(LIMIT));
    }

    @Test
    void whatFailsIsNotUsedAndNotTriedAgain() throws Exception {
        result(DomainType.KVM, Outcome.FAILED, FAST);
        TypeChoice choice = types().choose(spec(Preference.PREFER), trial);
        assertThat(choice.type()).isEqualTo(DomainType.QEMU);
        assertThat(choice.reason()).contains("kvm does not work", "it said no");
        assertThatThrownBy(() -> types().choose(spec(Preference.REQUIRE), trial))
                .isInstanceOf(HypervisorException.class)
                .hasMessageContainingAll("required", "it said no", "use a host");
        assertTrials(1);
    }

    @Test
    void whatTakesTooLongIsTriedTwiceAndByTheNextAgain() throws Exception {
        result(DomainType.KVM, Outcome.TIMED_OUT, LIMIT);
        DomainTypes types = types();
        assertThat(types.choose(spec(Preference.PREFER), trial).type()).isEqualTo(DomainType.QEMU);
        assertThat(types.choose(spec(Preference.PREFER), trial).type()).isEqualTo(DomainType.QEMU);
        assertTrials(2);
        types().choose(spec(Preference.PREFER), trial);
        assertTrials(4);
    }

    @Test
    void anotherHostIsTriedAnew() throws Exception {
        result(DomainType.KVM, Outcome.PASSED, FAST);
        types().choose(spec(Preference.PREFER), trial);
        host("another host, or this one after a boot", DomainType.QEMU, DomainType.KVM);
        types().choose(spec(Preference.PREFER), trial);
        assertTrials(2);
    }

    @Test
    void whatFailedAMachineIsTriedAnew() throws Exception {
        result(DomainType.KVM, Outcome.PASSED, FAST);
        DomainTypes types = types();
        types.choose(spec(Preference.PREFER), trial);
        types.forget(Architecture.X86_64);
        types.choose(spec(Preference.PREFER), trial);
        assertTrials(2);
    }

    @Test
    void whatIsNotOfferedIsNotTried() throws Exception {
        host("a host without", DomainType.QEMU);
        assertThat(types().choose(spec(Preference.PREFER), trial).reason()).contains("offers no domains of type kvm");
        verify(trial, never()).run(any(), any(), any());
    }

    @Test
    void aTrialThatCannotBeMadeSaysNothing() throws Exception {
        when(trial.run(any(), eq(DomainType.KVM), any())).thenThrow(new IOException("no room"));
        assertThat(types().choose(spec(Preference.PREFER), trial).reason()).contains("no room");
        types().choose(spec(Preference.PREFER), trial);
        assertTrials(2);
        assertThat(directory).isEmptyDirectory();
    }
}
