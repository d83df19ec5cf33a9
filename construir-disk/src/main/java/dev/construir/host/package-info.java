/**
 * Access to the host's files beyond Java's API: names as bytes, holes, links and attributes. Calls the C library by the
 * foreign function interface of newer Java, or by JNA if present. Without both, callers fall back to Java's API.
 */
@org.jspecify.annotations.NullMarked
package dev.construir.host;
