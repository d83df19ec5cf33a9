package dev.construir.tar;

import java.util.Map;

/**
 * What an archive says of an entry in addition to the fields of its header.
 *
 * @param attributes the extended attributes that the reader wants, by full name
 * @param leftOut those that it does not want
 * @param accessList the POSIX access control list as text, or empty
 * @param defaultList the default access control list of a directory as text, or empty
 * @param hasForeignList whether it has an access control list of another kind, as those of NFSv4
 * @param user the owner's name, or empty
 * @param group the group's name, or empty
 */
public record TarExtras(
        Map<String, byte[]> attributes,
        LeftOut leftOut,
        String accessList,
        String defaultList,
        boolean hasForeignList,
        String user,
        String group) {
    /** Nothing. */
    public static final TarExtras NONE = new TarExtras(Map.of(), new LeftOut(), "", "", false, "", "");
}
