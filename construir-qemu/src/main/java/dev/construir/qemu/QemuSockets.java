package dev.construir.qemu;

import dev.construir.backend.ListeningSocket;
import dev.construir.qemu.commandline.MachineFiles;
import java.io.IOException;
import java.nio.file.Path;

/** The sockets QEMU connects to as it starts. */
record QemuSockets(ListeningSocket qmp, ListeningSocket console, ListeningSocket output) {

    static QemuSockets bind(Path directory) throws IOException {
        ListeningSocket qmp = ListeningSocket.bind(directory, MachineFiles.QMP);
        try {
            ListeningSocket console = ListeningSocket.bind(directory, MachineFiles.CONSOLE);
            try {
                return new QemuSockets(qmp, console, ListeningSocket.bind(directory, MachineFiles.OUTPUT));
            } catch (IOException e) {
                console.close();
                throw e;
            }
        } catch (IOException e) {
            qmp.close();
            throw e;
        }
    }

    void close() {
        qmp.close();
        console.close();
        output.close();
    }
}
