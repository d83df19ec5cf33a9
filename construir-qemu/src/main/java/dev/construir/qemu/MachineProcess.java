package dev.construir.qemu;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** The life of one QEMU process, for flight recordings. Costs nothing without a recording. */
@Name("dev.construir.qemu.MachineProcess")
@Label("Machine Process")
@Category("Construir")
@Description("A QEMU process, from the call that starts it to the moment its end is known")
@StackTrace(false)
final class MachineProcess extends Event {
    @Label("Machine")
    String machine = "";

    @Label("Process Number")
    long pid;

    @Label("Exit Status")
    int status;
}
