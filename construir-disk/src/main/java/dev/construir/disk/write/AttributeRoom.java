package dev.construir.disk.write;

import dev.construir.ext.ExtendedAttribute;
import dev.construir.ext.Geometry;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** Collects those extended attributes of an entry that fit the inode and the one block that it has for them. */
final class AttributeRoom {
    private final Geometry geometry;
    private List<ExtendedAttribute> kept = List.of();
    /** An entry may come with very many, and each attempt packs all that are kept. */
    private long smallestMissed = Long.MAX_VALUE;

    AttributeRoom(Geometry geometry) {
        this.geometry = geometry;
    }

    /** Adds an attribute if it fits beside those that were added before. */
    boolean add(ExtendedAttribute attribute) {
        long size = ExtendedAttribute.bytes(List.of(attribute));
        if (size >= smallestMissed) {
            return false;
        }
        List<ExtendedAttribute> all = new ArrayList<>(kept);
        all.add(attribute);
        all.sort(null);
        boolean fits = AttributeStore.pack(geometry, all) != null;
        if (fits) {
            kept = all;
        } else {
            smallestMissed = size;
        }
        return fits;
    }

    /** Returns those that fit, in the order a disk keeps them in. */
    Collection<ExtendedAttribute> kept() {
        return kept;
    }

    /** Returns how many bytes there are at most, names and values together. */
    int bytes() {
        return geometry.blockSize();
    }
}
