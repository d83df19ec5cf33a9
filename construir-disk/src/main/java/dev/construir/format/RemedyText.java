package dev.construir.format;

import dev.construir.text.ControlCharacters;
import java.util.regex.Pattern;

/**
 * What to do about a file in a foreign format. In a text {@code {file}} stands for the file, {@code {name}} for its
 * name without the last ending, {@code {qcow2}}, {@code {raw}} and {@code {unpacked}} for the file that a command makes
 * of it.
 */
final class RemedyText {
    static final String TO_QCOW2 = "-O qcow2 {file} {qcow2}";
    static final String TO_RAW = "-O raw {file} {raw}";
    static final String CONVERT = "convert it: qemu-img convert " + TO_QCOW2;
    static final String MOUNT = "only ext2, ext3 and ext4 are read; mount it as root, and copy its files";

    private static final Pattern TAR_NAME = Pattern.compile("\\.(tar\\.(gz|xz)|tgz|txz)$");

    private RemedyText() {}

    /** Fills in the names of a file and of what is made of it, quoted for a shell. */
    static String fill(String text, String path) {
        String name = withoutEnding(path);
        String qcow2 = path.endsWith(".qcow2") ? name + ".new.qcow2" : name + ".qcow2";
        String raw = name + (path.endsWith(".img") ? ".raw.img" : ".img");
        return text.replace("{file}", quote(path))
                .replace("{name}", quote(name))
                .replace("{qcow2}", quote(qcow2))
                .replace("{raw}", quote(raw))
                .replace("{unpacked}", quote(unpacked(path, name)));
    }

    /** Returns what to do about a file where the raw disk of a job was expected. */
    static String forJob(ForeignFormat format, String remedy, String path) {
        boolean isQcow2 = format == ForeignFormat.QCOW2;
        if (isQcow2 || (format.kind() == ForeignFormat.Kind.DISK && remedy.contains(TO_QCOW2))) {
            return fill((isQcow2 ? CONVERT : remedy).replace(TO_QCOW2, TO_RAW), path);
        } else if ((format == ForeignFormat.GZIP || format == ForeignFormat.XZ)
                && TAR_NAME.matcher(path).find()) {
            return "make a disk of what is in it: construir pack " + quote(path) + " -o job.img";
        }
        return fill(remedy, path);
    }

    private static String withoutEnding(String path) {
        int dot = path.lastIndexOf('.');
        return dot > path.lastIndexOf('/') + 1 ? path.substring(0, dot) : path;
    }

    private static String unpacked(String path, String name) {
        String ending = path.substring(name.length());
        return switch (ending) {
            case ".gz", ".bz2", ".xz", ".lzma", ".zst", ".lz4", ".lz", ".lzo", ".Z" -> name;
            case ".tgz", ".tbz", ".tbz2", ".txz", ".tzst" -> name + ".tar";
            default -> name + ".unpacked" + ending;
        };
    }

    /** Returns text as a shell takes it. */
    static String quote(String text) {
        boolean plain = text.chars().allMatch(c -> Character.isLetterOrDigit(c) || "/._-+@%:=,~".indexOf(c) >= 0);
        return plain ? text : "'" + ControlCharacters.escape(text).replace("'", "'\\''") + "'";
    }
}
