package dev.construir.run;

import dev.construir.disk.DiskEntry;
import dev.construir.disk.DiskEntry.Kind;
import dev.construir.disk.read.DiskReader;
import dev.construir.machine.Architecture;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.ClosedByInterruptException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/** What a job begins with, {@code bin/construir}, looked at before there is a machine as the guest's kernel will. */
final class EntryPoint {
    private static final String PATH = "bin/construir";
    private static final int MAX_LINKS = 40; // Linux: path_resolution(7)
    private static final int MAX_NAME = 255;
    /** Links can name any number of directories, each as long as the disk. */
    private static final int MAX_LOOKUPS = 100;

    private final DiskReader disk;
    private final String job;
    private final Optional<Architecture> kernel;

    private EntryPoint(DiskReader disk, String job, Optional<Architecture> kernel) {
        this.disk = disk;
        this.job = job;
        this.kernel = kernel;
    }

    /**
     * Checks that a job can begin, as far as its disk shows. Only the guest knows what is behind a link that leaves the
     * disk, or behind a very long path.
     *
     * @param kernel what the image's kernel executes; nothing where the system behind it may execute anything, by its
     *     own handlers (binfmt_misc)
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
        ProgramContent content;
        try (InputStream in = disk.open(entry.path())) {
            content = ProgramContent.read(in, entry.path().substring(1));
        }
        Optional<ProgramContent.Flaw> flaw = content.flaw(kernel);
        if (flaw.isPresent()) {
            String message = say(flaw.get().what());
            throw flaw.get().isNotFound() ? BadJobException.notFound(message) : BadJobException.notExecutable(message);
        }
    }

    private String say(String what) {
        return "job " + job + " cannot be run: its " + PATH + " " + what;
    }
}
