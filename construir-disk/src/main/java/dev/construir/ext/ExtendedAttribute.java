package dev.construir.ext;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * An extended attribute in the form of the disk: its name without the prefix, which is a number. Attributes of a file
 * are sorted as the kernel searches them: by prefix, by the length of the name, by its bytes.
 */
public final class ExtendedAttribute implements Comparable<ExtendedAttribute> {
    /** The attribute that grants capabilities to a program, such as {@code CAP_NET_RAW}. */
    public static final String CAPABILITIES = "security.capability";

    private static final int MAX_NAME = 255;

    private final int prefix;
    private final byte[] name;
    private final byte[] value;

    private ExtendedAttribute(int prefix, byte[] name, byte[] value) {
        this.prefix = prefix;
        this.name = name;
        this.value = value;
    }

    /**
     * Creates an attribute.
     *
     * @param fullName its name with its prefix, as in {@code user.mime}
     * @param value its value, as {@code getxattr(2)} returns it; not copied
     * @return the attribute
     * @throws IllegalArgumentException if no file can have an attribute of that name, or it is no access control list
     *     where it should be one
     */
    public static ExtendedAttribute of(String fullName, byte[] value) {
        byte[] bytes = fullName.getBytes(StandardCharsets.UTF_8);
        if (bytes.length > MAX_NAME || fullName.indexOf('\0') >= 0) {
            throw new IllegalArgumentException("the name of an extended attribute has at most " + MAX_NAME
                    + " bytes and no NUL among them: \"" + fullName + "\" has " + bytes.length + " bytes");
        }
        if (!new String(bytes, StandardCharsets.UTF_8).equals(fullName)) {
            throw new IllegalArgumentException("not Unicode: \"" + fullName + "\"");
        }
        AttributePrefix prefix = AttributePrefix.of(fullName);
        if (prefix == null) {
            throw new IllegalArgumentException(
                    "\"" + fullName + "\" is no name of an extended attribute: those begin with"
                            + " user., trusted. or security., or are system.posix_acl_access or "
                            + "system.posix_acl_default");
        }
        byte[] name = Arrays.copyOfRange(bytes, prefix.text().length(), bytes.length);
        return new ExtendedAttribute(
                prefix.number(), name, prefix.isAccessControlList() ? AccessControlList.encode(value) : value);
    }

    /**
     * Returns whether files can have an attribute of a name.
     *
     * @param fullName the name with its prefix
     * @return whether {@link #of} takes it
     */
    public static boolean isPossible(String fullName) {
        byte[] bytes = fullName.getBytes(StandardCharsets.UTF_8);
        return bytes.length <= MAX_NAME
                && fullName.indexOf('\0') < 0
                && new String(bytes, StandardCharsets.UTF_8).equals(fullName)
                && AttributePrefix.of(fullName) != null;
    }

    int prefix() {
        return prefix;
    }

    byte[] name() {
        return name;
    }

    byte[] value() {
        return value;
    }

    /**
     * Returns how much attributes hold.
     *
     * @param attributes the attributes
     * @return the bytes of their names, without prefixes, and of their values
     */
    public static long bytes(Iterable<ExtendedAttribute> attributes) {
        long sum = 0;
        for (ExtendedAttribute attribute : attributes) {
            sum += attribute.name.length + attribute.value.length;
        }
        return sum;
    }

    @Override
    public int compareTo(ExtendedAttribute other) {
        if (prefix != other.prefix) {
            return Integer.compare(prefix, other.prefix);
        }
        if (name.length != other.name.length) {
            return Integer.compare(name.length, other.name.length);
        }
        return Arrays.compareUnsigned(name, other.name);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ExtendedAttribute that && compareTo(that) == 0 && Arrays.equals(value, that.value);
    }

    @Override
    public int hashCode() {
        return 31 * prefix + Arrays.hashCode(name);
    }
}
