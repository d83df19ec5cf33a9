package dev.construir.qemu.qmp;

/** Hears what happens on a QMP connection, on its reader's thread and in order. */
public interface QmpListener {
    /**
     * Hears of an event.
     *
     * @param event the event
     */
    void event(QmpEvent event);

    /**
     * Hears that QEMU broke the protocol; nothing follows.
     *
     * @param why what came
     */
    void broken(QmpException why);

    /** Hears that QEMU closed the connection in good order; nothing follows. */
    void closed();
}
