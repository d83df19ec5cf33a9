package dev.construir.disk;

import dev.construir.ext.Inode;
import java.io.IOException;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Consumer;

/** Goes through all entries of a disk that is whole: damage ends it, and limits do. */
final class TreeWalk {
    private final Volume volume;
    private final ReadLimits limits;
    private final DirectoryBudget budget;
    private final Consumer<Node> visitor;
    private final Set<Long> entered = new HashSet<>();
    private int entries;

    TreeWalk(Volume volume, ReadLimits limits, Interrupts interrupts, Consumer<Node> visitor) {
        this.volume = volume;
        this.limits = limits;
        this.budget = new DirectoryBudget(volume.geometry(), limits, interrupts);
        this.visitor = visitor;
    }

    void run() throws IOException {
        directory(new Node("/", Inode.ROOT, volume.inode(Inode.ROOT)), 0);
    }

    private void directory(Node directory, int depth) throws IOException {
        if (depth > limits.depth() || !entered.add(directory.number())) {
            throw new LimitException(directory.path() + " is deeper than " + limits.depth()
                    + " directories, the limit, or has another name");
        }
        DirectoryRecords records = directory.records(volume, budget);
        while (records.next()) {
            Node child = directory.child(records.name(), records.number(), records.inode());
            if (++entries > limits.entries()) {
                throw new LimitException(
                        "more than " + limits.entries() + " entries, the limit; " + child.path() + " is next");
            }
            limits.checkPath(child.path());
            visitor.accept(child);
            if (child.inode().isDirectory()) {
                directory(child, depth + 1);
            }
        }
    }
}
