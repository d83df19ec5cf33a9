/**
 * Formats that are not read here, recognised by a file's first bytes so that messages can name them. What a file is
 * taken for is decided elsewhere, and never by its bytes.
 */
@org.jspecify.annotations.NullMarked
package dev.construir.format;
