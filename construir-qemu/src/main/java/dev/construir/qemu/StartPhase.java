package dev.construir.qemu;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** A part of a machine's start, for flight recordings. Costs nothing without a recording. */
@Name("dev.construir.qemu.StartPhase")
@Label("Start Phase")
@Category("Construir")
@Description("A part of the start of a machine, up to where its guest runs")
@StackTrace(false)
final class StartPhase extends Event {
    @Label("Machine")
    String machine = "";

    @Label("Phase")
    String phase = "";

    /** Begins a phase, which ends when it is committed. */
    static StartPhase begin(String machine, String phase) {
        StartPhase event = new StartPhase();
        event.machine = machine;
        event.phase = phase;
        event.begin();
        return event;
    }
}
