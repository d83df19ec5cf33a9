package dev.construir.qemu.commandline;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import dev.construir.machine.MachineSpec;
import java.util.List;

/** The QMP commands that give a paused machine its own disks. */
public final class DiskExchange {
    private DiskExchange() {}

    /**
     * A command.
     *
     * @param name its name
     * @param arguments its arguments
     */
    public record Command(String name, JsonObject arguments) {}

    /**
     * Returns the commands that put a disk's own file in the place of one that stands in for it.
     *
     * @param spec the machine, with the disk's own file
     * @param index the disk's index
     * @return the commands, in their order
     */
    public static List<Command> replace(MachineSpec spec, int index) {
        String file = "own-file-" + index;
        JsonArray options = new JsonArray();
        options.add(DiskArguments.formatNode(spec, index, file));
        return List.of(
                new Command(
                        "blockdev-add",
                        DiskArguments.fileNode(
                                spec,
                                index,
                                file,
                                spec.disks().get(index).file().toAbsolutePath())),
                new Command("blockdev-reopen", JsonArgument.object("options", options)),
                new Command("blockdev-del", JsonArgument.object("node-name", "file-" + index)));
    }

    /**
     * Returns the command that has the guest look at a disk again, also where it is as large as before.
     *
     * @param index the disk's index
     * @param size its size in bytes
     * @return the command
     */
    public static Command announce(int index, long size) {
        return new Command("block_resize", JsonArgument.object("node-name", MachineFiles.node(index), "size", size));
    }
}
