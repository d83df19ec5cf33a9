package dev.construir.testkit;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The files of a {@link FakeSandboxGuest}, in memory: what is copied in, what programs leave, what is copied out. Paths
 * are absolute; symbolic links are followed. Safe for use by many threads.
 *
 * @since 0.1
 */
public final class FakeFiles {
    private static final int MOST_LINKS = 40;

    // guarded by this; by their paths without links, the root is the empty one
    private final NavigableMap<String, Node> nodes = new TreeMap<>();

    /** What a node is. */
    enum Kind {
        DIRECTORY,
        FILE,
        LINK
    }

    /** Who owns a node, what may be done with it, and when it was changed. */
    record Properties(int mode, int uid, int gid, Instant modified) {
        static Properties of(int mode) {
            return new Properties(mode, 0, 0, Instant.now());
        }
    }

    /** A directory, a file or a link. The names of a file with several ones lead to the same node. */
    static final class Node {
        private final Kind kind;
        private final String target;
        // guarded by the files
        private Properties properties;
        private byte[] content = new byte[0];

        Node(Kind kind, Properties properties, String target) {
            this.kind = kind;
            this.properties = properties;
            this.target = target;
        }

        Kind kind() {
            return kind;
        }

        String target() {
            return target;
        }
    }

    FakeFiles() {
        nodes.put("", new Node(Kind.DIRECTORY, Properties.of(0755), ""));
    }

    /**
     * Reads a file.
     *
     * @param path its path
     * @return a copy of its content
     * @throws IOException if there is no such file
     */
    public synchronized byte[] read(String path) throws IOException {
        return file(path).content.clone();
    }

    /**
     * Reads a file as UTF-8.
     *
     * @param path its path
     * @return its content
     * @throws IOException if there is no such file
     */
    public String readText(String path) throws IOException {
        return new String(read(path), StandardCharsets.UTF_8);
    }

    /**
     * Writes a file, in place of the content of one that is there. Directories that are missing are made.
     *
     * @param path its path
     * @param content its content
     * @throws IOException if that cannot be, as something else is there
     */
    public synchronized void write(String path, byte[] content) throws IOException {
        String at = locate(path, true);
        Node node = nodes.get(at);
        if (node == null) {
            node = new Node(Kind.FILE, Properties.of(0644), "");
            put(at, node);
        } else if (node.kind != Kind.FILE) {
            throw new FileAlreadyExistsException(path, null, "it is a directory");
        }
        node.content = content.clone();
        node.properties =
                new Properties(node.properties.mode(), node.properties.uid(), node.properties.gid(), Instant.now());
    }

    /**
     * Writes a text file in UTF-8; the rules of {@link #write(String, byte[])} hold.
     *
     * @param path its path
     * @param text its content
     * @throws IOException if that cannot be, as something else is there
     */
    public void write(String path, String text) throws IOException {
        write(path, text.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Makes a directory and those above it, if they are not there.
     *
     * @param path its path
     * @throws IOException if something else is there
     */
    public synchronized void makeDirectories(String path) throws IOException {
        String at = locate(path, true);
        if (at.isEmpty()) {
            return;
        }
        Node there = nodes.get(at);
        if (there == null) {
            put(at, new Node(Kind.DIRECTORY, Properties.of(0755), ""));
        } else if (there.kind != Kind.DIRECTORY) {
            throw new FileAlreadyExistsException(path, null, "it is no directory");
        }
    }

    /**
     * Returns whether there is a file or directory.
     *
     * @param path its path
     * @return whether there is; false for a link that leads nowhere
     */
    public synchronized boolean exists(String path) {
        try {
            return nodes.containsKey(locate(path, true));
        } catch (IOException e) {
            return false;
        }
    }

    /**
     * Returns whether there is a directory.
     *
     * @param path its path
     * @return whether there is
     */
    public synchronized boolean isDirectory(String path) {
        try {
            Node node = nodes.get(locate(path, true));
            return node != null && node.kind == Kind.DIRECTORY;
        } catch (IOException e) {
            return false;
        }
    }

    /**
     * Returns the names in a directory.
     *
     * @param path its path
     * @return the names, sorted
     * @throws IOException if there is no such directory
     */
    public synchronized List<String> list(String path) throws IOException {
        String at = locate(path, true);
        Node node = nodes.get(at);
        if (node == null) {
            throw new NoSuchFileException(path);
        } else if (node.kind != Kind.DIRECTORY) {
            throw new NotDirectoryException(path);
        }
        return below(at).stream()
                .map(child -> child.substring(at.length() + 1))
                .filter(name -> name.indexOf('/') < 0)
                .sorted()
                .toList();
    }

    /**
     * Removes a file, a link or a directory with all that is in it.
     *
     * @param path its path
     * @throws IOException if there is no such file
     */
    public synchronized void delete(String path) throws IOException {
        String at = locate(path, false);
        if (at.isEmpty() || nodes.remove(at) == null) {
            throw new NoSuchFileException(path);
        }
        below(at).forEach(nodes::remove);
    }

    /**
     * Returns the permissions of a file or directory.
     *
     * @param path its path
     * @return the lower twelve bits, as {@code 0755}
     * @throws IOException if there is no such file
     */
    public synchronized int mode(String path) throws IOException {
        return properties(require(path, locate(path, true))).mode();
    }

    /**
     * Sets the permissions of a file or directory.
     *
     * @param path its path
     * @param mode the lower twelve bits, as {@code 0755}
     * @throws IOException if there is no such file
     */
    public synchronized void setMode(String path, int mode) throws IOException {
        Node node = require(path, locate(path, true));
        node.properties =
                new Properties(mode, node.properties.uid(), node.properties.gid(), node.properties.modified());
    }

    /** Returns the paths below one without links, in their order: a directory before what is in it. */
    synchronized List<String> below(String at) {
        return new ArrayList<>(nodes.subMap(at + "/", at + "0").keySet());
    }

    /** Returns the path without links of something that is there. */
    synchronized String real(String path) throws IOException {
        String at = locate(path, true);
        Node unused = require(path, at);
        return at;
    }

    synchronized Optional<Node> node(String at) {
        return Optional.ofNullable(nodes.get(at));
    }

    synchronized Properties properties(Node node) {
        return node.properties;
    }

    synchronized byte[] content(Node node) {
        return node.content.clone();
    }

    /** Puts a node to a path. Directories are merged; else neither takes the place of the other. */
    synchronized void place(String path, Node node, byte[] content) throws IOException {
        String at = locate(path, false);
        Node there = nodes.get(at);
        checkReplaces(path, node, there);
        if (there != null && there.kind == Kind.DIRECTORY) {
            there.properties = node.properties;
            return;
        }
        node.content = content;
        put(at, node);
    }

    /** Gives a file another name. */
    synchronized void link(String path, String existing) throws IOException {
        String at = locate(path, false);
        Node node = require(existing, locate(existing, false));
        checkReplaces(path, node, nodes.get(at));
        put(at, node);
    }

    private static void checkReplaces(String path, Node node, @Nullable Node there) throws IOException {
        if (there == null || (there.kind == Kind.DIRECTORY) == (node.kind == Kind.DIRECTORY)) {
            return;
        }
        throw node.kind == Kind.DIRECTORY
                ? new FileAlreadyExistsException(path, null, "Not a directory")
                : new FileAlreadyExistsException(
                        path, null, "a directory is there, which only a directory can be copied to");
    }

    private Node file(String path) throws IOException {
        Node node = require(path, locate(path, true));
        if (node.kind != Kind.FILE) {
            throw new NoSuchFileException(
                    path, null, "it is a " + node.kind.name().toLowerCase(Locale.ROOT));
        }
        return node;
    }

    private Node require(String path, String at) throws NoSuchFileException {
        Node node = nodes.get(at);
        if (node == null) {
            throw new NoSuchFileException(path, null, "No such file or directory");
        }
        return node;
    }

    private void put(String at, Node node) throws IOException {
        for (int slash = at.indexOf('/', 1); slash > 0; slash = at.indexOf('/', slash + 1)) {
            String above = at.substring(0, slash);
            Node there = nodes.get(above);
            if (there == null) {
                nodes.put(above, new Node(Kind.DIRECTORY, Properties.of(0755), ""));
            } else if (there.kind != Kind.DIRECTORY) {
                throw new NotDirectoryException(above);
            }
        }
        nodes.put(at, node);
    }

    /** Returns the path without links: what is not there is as it is named. */
    private String locate(String path, boolean followLast) throws IOException {
        Deque<String> names = new ArrayDeque<>(List.of(path.split("/+")));
        String at = "";
        int links = 0;
        while (!names.isEmpty()) {
            String name = names.remove();
            if (name.equals("..")) {
                at = at.substring(0, Math.max(0, at.lastIndexOf('/')));
            } else if (!name.isEmpty() && !name.equals(".")) {
                @Nullable Node node = nodes.get(at + "/" + name);
                if (node == null || node.kind != Kind.LINK || (names.isEmpty() && !followLast)) {
                    at += "/" + name;
                    continue;
                }
                links++;
                if (links > MOST_LINKS) {
                    throw new IOException(path + ": too many links");
                }
                List<String> way = List.of(node.target.split("/+"));
                for (int i = way.size() - 1; i >= 0; i--) {
                    names.addFirst(way.get(i));
                }
                at = node.target.startsWith("/") ? "" : at;
            }
        }
        return at;
    }
}
