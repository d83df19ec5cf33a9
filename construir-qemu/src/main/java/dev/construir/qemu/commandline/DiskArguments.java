package dev.construir.qemu.commandline;

import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import dev.construir.ImageFormat;
import dev.construir.machine.Boot;
import dev.construir.machine.CacheMode;
import dev.construir.machine.Disk;
import dev.construir.machine.MachineSpec;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** The arguments for a machine's disks: block nodes from the file up, then the device. */
final class DiskArguments {
    private DiskArguments() {}

    static void add(QemuArguments arguments, MachineSpec spec, BootSource origin) {
        for (int i = 0; i < spec.disks().size(); i++) {
            Disk disk = spec.disks().get(i);
            if (disk.access() == Disk.Access.COPY_ON_WRITE) {
                addCopyOnWrite(arguments, disk, i, origin);
            } else {
                addWritable(arguments, spec, i, disk.file().toAbsolutePath());
            }
            arguments.add("-device", device(spec, disk, i).toString());
        }
    }

    /**
     * The same for a machine without a directory: QEMU makes the layers over disks itself, where they have no names.
     */
    static void addByHand(QemuArguments arguments, MachineSpec spec) {
        for (int i = 0; i < spec.disks().size(); i++) {
            Disk disk = spec.disks().get(i);
            if (disk.access() == Disk.Access.COPY_ON_WRITE) {
                addSnapshot(arguments, disk, i);
            } else {
                addWritable(arguments, spec, i, disk.file());
            }
            arguments.add("-device", device(spec, disk, i).toString());
        }
    }

    private static void addSnapshot(QemuArguments arguments, Disk disk, int index) {
        JsonObject file = JsonArgument.object("driver", "file", "filename", disk.file());
        JsonObject base = format(JsonArgument.object("driver", name(disk.format()), "file", file), disk.format());
        String value = "json:" + base;
        arguments.add(
                "-drive",
                "if=none,id=" + MachineFiles.node(index) + ",snapshot=on,cache=unsafe"
                        + (disk.discard() ? ",discard=unmap" : "")
                        + ",file=" + value.replace(",", ",,")); // a comma alone ends the value
    }

    private static void addCopyOnWrite(QemuArguments arguments, Disk disk, int index, BootSource origin) {
        String file = "base-file-" + index;
        String base = "base-" + index;
        blockdev(arguments, readOnly(file, disk.file()));
        blockdev(
                arguments,
                format(
                        JsonArgument.object(
                                "driver", name(disk.format()), "node-name", base, "file", file, "read-only", true),
                        disk.format()));
        String below = origin instanceof BootSource.Saved saved
                ? addLayers(arguments, saved.layers().apply(index), base, index)
                : base;
        Object writes = origin instanceof BootSource.BootToSave toSave
                ? toSave.layer().apply(index)
                : MachineFiles.overlay(index);
        String overlayFile = "overlay-file-" + index;
        JsonObject overlay = JsonArgument.object("driver", "file", "node-name", overlayFile, "filename", writes);
        blockdev(arguments, tuned(overlay, disk.discard(), true));
        JsonObject top = JsonArgument.object(
                "driver", "qcow2", "node-name", MachineFiles.node(index), "file", overlayFile, "backing", below);
        blockdev(arguments, tuned(top, disk.discard(), true));
    }

    private static String addLayers(QemuArguments arguments, List<Path> layers, String base, int index) {
        String below = base;
        for (int i = 0; i < layers.size(); i++) {
            String suffix = index + (i == 0 ? "" : "-" + i);
            String file = "saved-file-" + suffix;
            String saved = "saved-" + suffix;
            blockdev(arguments, readOnly(file, layers.get(i)));
            blockdev(
                    arguments,
                    JsonArgument.object(
                            "driver", "qcow2", "node-name", saved, "file", file, "backing", below, "read-only", true));
            below = saved;
        }
        return below;
    }

    private static JsonObject readOnly(String node, Path file) {
        return JsonArgument.object(
                "driver", "file", "node-name", node, "filename", file.toAbsolutePath(), "read-only", true);
    }

    private static void addWritable(QemuArguments arguments, MachineSpec spec, int index, Path file) {
        blockdev(arguments, fileNode(spec, index, "file-" + index, file));
        blockdev(arguments, formatNode(spec, index, "file-" + index));
    }

    /** The node of a writable disk's file. */
    static JsonObject fileNode(MachineSpec spec, int index, String name, Path file) {
        return tuned(
                JsonArgument.object("driver", "file", "node-name", name, "filename", file),
                spec.disks().get(index).discard(),
                discardsFlushes(spec));
    }

    /** The uppermost node of a writable disk. */
    static JsonObject formatNode(MachineSpec spec, int index, String file) {
        Disk disk = spec.disks().get(index);
        JsonObject node =
                JsonArgument.object("driver", name(disk.format()), "node-name", MachineFiles.node(index), "file", file);
        return tuned(format(node, disk.format()), disk.discard(), discardsFlushes(spec));
    }

    private static JsonObject device(MachineSpec spec, Disk disk, int index) {
        JsonObject device = JsonArgument.object("driver", "virtio-blk-pci", "drive", MachineFiles.node(index));
        disk.serial().ifPresent(serial -> device.addProperty("serial", serial));
        if (index == 0 && spec.boot() instanceof Boot.Firmware) {
            device.addProperty("bootindex", 1);
        }
        return device;
    }

    // Discard and the treatment of flushes hold for one node only: every node of a disk needs them.
    private static JsonObject tuned(JsonObject node, boolean discard, boolean noFlush) {
        if (discard) {
            node.addProperty("discard", "unmap");
        }
        if (noFlush) {
            node.add("cache", JsonArgument.object("direct", false, "no-flush", true));
        }
        return node;
    }

    // Whatever an image says of a backing file by the time QEMU opens it, none is opened.
    private static JsonObject format(JsonObject node, ImageFormat format) {
        if (format == ImageFormat.QCOW2) {
            node.add("backing", JsonNull.INSTANCE);
        }
        return node;
    }

    private static boolean discardsFlushes(MachineSpec spec) {
        return spec.cacheMode() == CacheMode.UNSAFE;
    }

    private static void blockdev(QemuArguments arguments, JsonObject node) {
        arguments.add("-blockdev", node.toString());
    }

    private static String name(ImageFormat format) {
        return format.name().toLowerCase(Locale.ROOT);
    }
}
