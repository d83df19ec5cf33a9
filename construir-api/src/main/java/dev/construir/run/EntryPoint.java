package dev.construir.run;

import dev.construir.disk.DiskEntry;
import dev.construir.disk.DiskEntry.Kind;
import dev.construir.disk.DiskReader;
import dev.construir.machine.Architecture;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.ClosedByInterruptException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** What a job begins with, {@code bin/construir}, looked at before there is a machine as the guest's kernel will. */
final class EntryPoint {
    private static final String PATH = "bin/construir";
    private static final int MAX_LINKS = 40; // Linux: path_resolution(7)
    private static final int MAX_NAME = 255;
    /** Links can name any number of directories, each as long as the disk. */
    private static final int MAX_LOOKUPS = 100;

    private static final int FIRST_LINE = 256; // Linux: execve(2)
    /** As much of a script as is searched for line ends of Windows. */
    private static final int SCRIPT = 256 << 10;

    private static final String BYTE_ORDER_MARK = "\u00ef\u00bb\u00bf"; // in UTF-8, read as Latin-1

    private final DiskReader disk;
    private final String job;
    private final Optional<Architecture> kernel;

    private EntryPoint(DiskReader disk, String job, Optional<Architecture> kernel) {
        this.disk = disk;
        this.job = job;
        this.kernel = kernel;
    }

    /**
     * Checks that a job can begin, as far as its disk tells. What is behind a link that leaves the disk, or behind more names than anybody
     * needs, only the guest knows.
     *
     * @param kernel what the image's kernel executes; nothing where the system behind it may execute anything, by handlers of its own (binfmt_misc)
     * @throws BadJobException if it cannot
     * @throws IOException if the disk cannot be read
     * @throws ClosedByInterruptException if the thread is interrupted; it stays so
     */
    static void check(DiskReader disk, String job, Optional<Architecture> kernel) throws BadJobException, IOException {
        EntryPoint entryPoint = new EntryPoint(disk, job, kernel);
        Optional<DiskEntry> found = entryPoint.find();
        if (found.isPresent()) {
            entryPoint.check(found.get());
        }
    }

    /** Finds the file behind all links; empty if one of them leaves the disk, or there is no end to them. */
    private Optional<DiskEntry> find() throws BadJobException, IOException {
        Deque<String> ahead = new ArrayDeque<>();
        Deque<String> parents = new ArrayDeque<>();
        push(ahead, PATH);
        int links = 0;
        int lookups = 0;
        while (!ahead.isEmpty()) {
            String name = ahead.pop();
            if (name.equals("..") && parents.pollLast() == null) {
                return Optional.empty();
            } else if (name.equals("..")) {
                continue;
            }
            if (name.getBytes(StandardCharsets.UTF_8).length > MAX_NAME || ++lookups > MAX_LOOKUPS) {
                return Optional.empty();
            }
            if (Thread.currentThread().isInterrupted()) {
                throw new ClosedByInterruptException();
            }
            DiskEntry entry = entry(below(parents) + "/" + name, links);
            switch (entry.kind()) {
                case DIRECTORY -> parents.add(name);
                case SYMBOLIC_LINK -> {
                    String target = disk.readLink(entry.path());
                    if (target.startsWith("/")) {
                        return Optional.empty();
                    } else if (++links > MAX_LINKS) {
                        throw BadJobException.notFound(
                                say("is behind more than " + MAX_LINKS + " symbolic links; put a file there"));
                    }
                    push(ahead, target);
                }
                default -> {
                    if (ahead.isEmpty()) {
                        return Optional.of(entry);
                    }
                    throw missing(entry.path() + "/" + ahead.peek(), links);
                }
            }
        }
        return disk.find("/" + below(parents));
    }

    private static void push(Deque<String> ahead, String path) {
        List<String> names = List.of(path.split("/"));
        for (int i = names.size() - 1; i >= 0; i--) {
            if (!names.get(i).isEmpty() && !names.get(i).equals(".")) {
                ahead.push(names.get(i));
            }
        }
    }

    private static String below(Deque<String> parents) {
        return parents.isEmpty() ? "" : "/" + String.join("/", parents);
    }

    private DiskEntry entry(String path, int links) throws BadJobException, IOException {
        Optional<DiskEntry> entry = disk.find(path);
        if (entry.isEmpty()) {
            throw missing(path, links);
        }
        return entry.get();
    }

    private BadJobException missing(String path, int links) {
        return BadJobException.notFound(
                links == 0
                        ? say("is not there; put an executable file of that name into the job's directory or image")
                        : say("is a symbolic link to nothing: there is no " + path + " on the disk"));
    }

    private void check(DiskEntry entry) throws BadJobException, IOException {
        int mode = entry.attributes().mode();
        if (entry.kind() != Kind.FILE) {
            throw BadJobException.notExecutable(say("is no file but a "
                    + (entry.kind() == Kind.DIRECTORY ? "directory" : "device, pipe or socket")
                    + "; put an executable file there"));
        } else if ((mode & 0111) == 0) {
            throw BadJobException.notExecutable(say("is not executable, its mode is " + String.format("%04o", mode)
                    + "; run: chmod +x " + entry.path().substring(1)));
        }
        byte[] content;
        try (InputStream in = disk.open(entry.path())) {
            content = in.readNBytes(SCRIPT);
        }
        checkContent(content, entry.path().substring(1));
    }

    private void checkContent(byte[] content, String path) throws BadJobException {
        byte[] head = Arrays.copyOf(content, Math.min(content.length, ForeignProgram.HEAD));
        String start = new String(head, StandardCharsets.ISO_8859_1);
        if (start.isEmpty()) {
            throw BadJobException.notExecutable(say("is empty; put a program or a script there"));
        }
        checkEncoding(start, path);
        int end = start.indexOf('\n');
        String firstLine = end < 0 ? start : start.substring(0, end);
        if (hasWindowsLineEnd(firstLine.substring(0, Math.min(FIRST_LINE, firstLine.length())))) {
            throw BadJobException.notFound(say("has Windows line ends (CR LF), and no image has an interpreter whose "
                    + "name ends in CR; " + withoutCarriageReturns(path)));
        }
        if (!firstLine.startsWith("#!")) {
            Optional<String> foreign = kernel.flatMap(image -> ForeignProgram.describe(head, image));
            if (foreign.isPresent()) {
                throw BadJobException.notExecutable(say(foreign.get()));
            }
        }
        OptionalInt line = ShellText.isForShell(firstLine) ? ShellText.carriageReturn(content) : OptionalInt.empty();
        if (line.isPresent()) {
            throw BadJobException.notExecutable(say("has a Windows line end (CR LF) in line " + line.getAsInt()
                    + ", and a shell takes the CR as a part of the command; " + withoutCarriageReturns(path)));
        }
    }

    /** Refuses what no kernel and no shell takes for a script, although an editor shows it as one. */
    private void checkEncoding(String start, String path) throws BadJobException {
        if (start.startsWith("\u00ff\u00fe")
                || start.startsWith("\u00fe\u00ff")
                || start.startsWith("#\0!\0")
                || start.startsWith("\0#\0!")) {
            boolean wide = start.startsWith("\u00ff\u00fe\0\0");
            String encoding = wide ? "UTF-32" : "UTF-16";
            throw BadJobException.notExecutable(
                    say("is text in " + encoding + ", and scripts have to be in UTF-8; run: iconv -f " + encoding
                            + " -t UTF-8 " + path + ", and save what it prints"));
        }
        int line = start.startsWith("#!") ? start.indexOf('\n') + 1 : 0;
        if (start.startsWith(BYTE_ORDER_MARK, line)) {
            throw BadJobException.notExecutable(
                    say("has a byte-order mark (BOM) at the beginning of line " + (line == 0 ? 1 : 2)
                            + ", which makes another command of it; run: sed -i 's/^\\xEF\\xBB\\xBF//' " + path));
        }
    }

    private static String withoutCarriageReturns(String path) {
        return "run: sed -i 's/\\r$//' " + path;
    }

    /** Returns whether a carriage return becomes part of the name of the program that the first line calls. */
    private static boolean hasWindowsLineEnd(String line) {
        if (!line.startsWith("#!") || !line.endsWith("\r")) {
            return false;
        }
        String[] words = line.substring(2).replace("\t", " ").strip().split(" +");
        // Behind other programs it is an option's last character, which some of them take.
        boolean alone = words.length == 1;
        return alone || (words.length == 2 && words[0].endsWith("/env"));
    }

    private String say(String what) {
        return "job " + job + " cannot be run: its " + PATH + " " + what;
    }
}
