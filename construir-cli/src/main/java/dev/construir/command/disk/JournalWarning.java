package dev.construir.command.disk;

import dev.construir.disk.FileSystemInfo.State;
import dev.construir.disk.read.DiskReader;
import dev.construir.terminal.Screen;
import dev.construir.terminal.TerminalFilter;

/** Warns that a disk's journal holds changes that are not shown. */
final class JournalWarning {
    private JournalWarning() {}

    static void report(DiskReader disk, String name, Screen screen) {
        if (disk.info().state() == State.JOURNAL_NOT_REPLAYED) {
            screen.say(TerminalFilter.escape(name)
                    + " was not unmounted, and its journal was not replayed: what is read may be stale; to have "
                    + "what the journal "
                    + "holds, run: e2fsck -p on a copy of it");
        }
    }
}
