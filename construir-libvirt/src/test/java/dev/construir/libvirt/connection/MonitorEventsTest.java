package dev.construir.libvirt.connection;

import static org.assertj.core.api.Assertions.assertThat;

import dev.construir.libvirt.connection.DomainChange.GuestEnd;
import org.junit.jupiter.api.Test;

class MonitorEventsTest {
    @Test
    void events_sayHowAGuestEnded() {
        assertThat(MonitorEvents.guestEnd("{\"guest\":true,\"reason\":\"guest-shutdown\"}"))
                .contains(GuestEnd.POWER_OFF);
        assertThat(MonitorEvents.guestEnd("{\"guest\":true,\"reason\":\"guest-reset\"}"))
                .contains(GuestEnd.RESET);
        assertThat(MonitorEvents.guestEnd("{\"guest\":true,\"reason\":\"subsystem-reset\"}"))
                .contains(GuestEnd.RESET);
        assertThat(MonitorEvents.guestEnd("{\"guest\":true,\"reason\":\"guest-panic\"}"))
                .contains(GuestEnd.PANIC);
    }

    @Test
    void whatTheHostDidIsNoGuestsEnd() {
        assertThat(MonitorEvents.guestEnd("{\"guest\":false,\"reason\":\"host-signal\"}"))
                .isEmpty();
        assertThat(MonitorEvents.guestEnd("null")).isEmpty();
    }
}
